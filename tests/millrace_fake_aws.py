"""AWS on one port of this machine: a bucket in memory, STS, a container's credential service, instance metadata.

It checks no signature; it hands out what a test wants to find nowhere, and remembers who asked with what. What S3 promises
is tested against a real server; this one is for tests of who may know what.
"""
import datetime
import email.utils
import hashlib
import http.server
import threading
import urllib.parse
from xml.sax.saxutils import escape

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def in_an_hour():
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeAws:
    """`answers`: {path of a credential service: (status, text)}; `roles`: {role arn: (key id, secret, token)}."""

    def __init__(self, bucket="lake-bucket"):
        self.bucket, self.objects, self.uploads = bucket, {}, {}
        self.answers, self.roles, self.seen, self.deny = {}, {}, [], False
        self.lock = threading.RLock()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with fake.lock:
                    fake.seen.append((self.command, self.path, dict(self.headers.items()), body))
                    status, headers, text = fake.handle(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def asked_with(self, text):
        """Did any request carry this text, in its path, headers or body?"""
        quoted = urllib.parse.quote(text, safe="")
        with self.lock:
            return any(text in path or quoted in path or any(text in v for v in headers.values()) or
                       text.encode() in body or quoted.encode() in body for _, path, headers, body in self.seen)

    def handle(self, method, path, headers, body):
        parts = urllib.parse.urlsplit(path)
        if parts.path in self.answers:
            status, text = self.answers[parts.path]
            return status, {}, text.encode()
        if method == "POST" and parts.path in ("/sts", "/"):
            return self.sts(dict(urllib.parse.parse_qsl(body.decode())))
        name = urllib.parse.unquote(parts.path)
        if self.deny:
            return self.error(403, "AccessDenied", "Access Denied")
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        if name.rstrip("/") == f"/{self.bucket}":
            return self.of_bucket(method, query)
        if name.startswith(f"/{self.bucket}/"):
            return self.of_object(method, name[len(self.bucket) + 2:], query, headers, body)
        return self.error(404, "NoSuchBucket", "The specified bucket does not exist")

    @staticmethod
    def error(status, code, message):
        return status, {"Content-Type": "application/xml"}, (f"<Error><Code>{code}</Code><Message>{message}</Message>"
                                                             "<RequestId>R1</RequestId></Error>").encode()

    def sts(self, form):
        action = form["Action"]
        if form["RoleArn"] not in self.roles:
            token = form.get("WebIdentityToken", "")  # a server may well repeat what it was told
            return 403, {}, (f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not for {escape(token)}</Message>"
                             "</Error></ErrorResponse>").encode()
        key, secret, token = self.roles[form["RoleArn"]]
        return 200, {}, (f"<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>"
                         f"<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>"
                         f"<Expiration>{in_an_hour()}</Expiration></Credentials></{action}Result></{action}Response>").encode()

    def of_bucket(self, method, query):
        if method == "HEAD":
            return 200, {"x-amz-bucket-region": "us-east-1"}, b""
        if method == "GET" and query.get("list-type") == "2":
            return self.listing(query)
        if method == "GET" and "uploads" in query:
            return 200, {}, (f"<ListMultipartUploadsResult {NAMESPACE}><IsTruncated>false</IsTruncated>"
                             "</ListMultipartUploadsResult>").encode()
        if method == "GET" and "location" in query:
            return 200, {}, f"<LocationConstraint {NAMESPACE}/>".encode()
        if method == "GET" and query:  # nothing is configured
            return self.error(404, "NoSuchConfiguration", "There is none")
        return 200, {}, b""

    def listing(self, query):
        prefix, after = query.get("prefix", ""), query.get("continuation-token") or query.get("start-after", "")
        most = int(query.get("max-keys", 1000))
        keys = [k for k in sorted(self.objects, key=str.encode) if k.startswith(prefix) and k.encode() > after.encode()]
        quoted = query.get("encoding-type") == "url"
        rows = "".join(f"<Contents><Key>{urllib.parse.quote(k) if quoted else escape(k)}</Key>"
                       f"<LastModified>{self.objects[k]['iso']}</LastModified><ETag>{escape(self.objects[k]['etag'])}</ETag>"
                       f"<Size>{len(self.objects[k]['bytes'])}</Size><StorageClass>STANDARD</StorageClass></Contents>"
                       for k in keys[:most])
        more = len(keys) > most
        token = f"<NextContinuationToken>{escape(keys[most - 1])}</NextContinuationToken>" if more else ""
        encoding = "<EncodingType>url</EncodingType>" if quoted else ""
        return 200, {}, (f"<ListBucketResult {NAMESPACE}><Name>{self.bucket}</Name><IsTruncated>{str(more).lower()}"
                         f"</IsTruncated>{encoding}<KeyCount>{len(keys[:most])}</KeyCount>{token}{rows}"
                         "</ListBucketResult>").encode()

    def put(self, key, data, metadata=None, age=0.0):
        when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)
        self.objects[key] = {"bytes": data, "etag": f'"{hashlib.md5(data).hexdigest()}"', "metadata": metadata or {},
                             "iso": when.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                             "http": email.utils.format_datetime(when, usegmt=True)}

    @staticmethod
    def metadata_of(headers):
        return {k.lower(): v for k, v in headers.items() if k.lower().startswith("x-amz-meta-")}

    def of_object(self, method, key, query, headers, body):
        held = self.objects.get(key)
        etag = held and held["etag"]
        if headers.get("If-Match") and headers["If-Match"] not in (etag, (etag or "").strip('"')):
            return self.error(412, "PreconditionFailed", "changed") if held else self.error(404, "NoSuchKey", "gone")
        if headers.get("If-None-Match") == "*" and held:
            return self.error(412, "PreconditionFailed", "is there")
        if method in ("PUT", "POST") and ("uploads" in query or "uploadId" in query):
            return self.of_upload(method, key, query, headers, body)
        if method == "PUT":
            return self.of_put(key, headers, body)
        if method == "DELETE":
            self.objects.pop(key, None)
            return 204, {}, b""
        if held is None:
            return self.error(404, "NoSuchKey", "There is no such object")
        told = {"ETag": etag, "Last-Modified": held["http"], "x-amz-storage-class": "STANDARD", **held["metadata"]}
        data, status = held["bytes"], 200
        if method == "HEAD":
            return 200, {**told, "Content-Length": str(len(data))}, b""
        if headers.get("Range") and data:
            first, _, last = headers["Range"].removeprefix("bytes=").partition("-")
            first, last = int(first), min(int(last or len(data)), len(data) - 1)
            told["Content-Range"], status = f"bytes {first}-{last}/{len(data)}", 206
            data = data[first:last + 1]
        return status, told, data

    def of_put(self, key, headers, body):
        source = headers.get("x-amz-copy-source")
        if source is None:
            self.put(key, body, self.metadata_of(headers))
            return 200, {"ETag": self.objects[key]["etag"]}, b""
        name = urllib.parse.unquote(source).lstrip("/").removeprefix(self.bucket + "/")
        if name not in self.objects:
            return self.error(404, "NoSuchKey", "There is no such object")
        replaced = headers.get("x-amz-metadata-directive") == "REPLACE"
        self.put(key, self.objects[name]["bytes"], self.metadata_of(headers) if replaced else self.objects[name]["metadata"])
        held = self.objects[key]
        return 200, {}, (f"<CopyObjectResult {NAMESPACE}><ETag>{escape(held['etag'])}</ETag><LastModified>{held['iso']}"
                         "</LastModified></CopyObjectResult>").encode()

    def of_upload(self, method, key, query, headers, body):
        if method == "POST" and "uploads" in query:
            upload = f"upload-{len(self.uploads) + 1}"
            self.uploads[upload] = ({}, self.metadata_of(headers))
            return 200, {}, (f"<InitiateMultipartUploadResult {NAMESPACE}><Bucket>{self.bucket}</Bucket><Key>{escape(key)}</Key>"
                             f"<UploadId>{upload}</UploadId></InitiateMultipartUploadResult>").encode()
        parts, metadata = self.uploads[query["uploadId"]]
        if method == "PUT":
            parts[int(query["partNumber"])] = body
            return 200, {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}, b""
        self.put(key, b"".join(parts[n] for n in sorted(parts)), metadata)
        return 200, {}, (f"<CompleteMultipartUploadResult {NAMESPACE}><Key>{escape(key)}</Key>"
                         f"<ETag>{escape(self.objects[key]['etag'])}</ETag></CompleteMultipartUploadResult>").encode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
