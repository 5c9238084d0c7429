"""A project whose lake is a prefix of a bucket on a real server, and the few calls that tests make to it themselves."""
import datetime
import hashlib
import hmac
import http.client
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import Project  # noqa: E402

BUCKET = "millrace-test"
EMPTY = hashlib.sha256(b"").hexdigest()


class Client:
    """Signature version 4 in a few lines, written apart from the product's, so that one checks the other."""

    def __init__(self, rgw, bucket=BUCKET):
        self.rgw, self.bucket = rgw, bucket

    def call(self, method, key="", query=(), body=b"", service="s3"):
        """(status, headers, body)"""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        host = f"127.0.0.1:{self.rgw.port}"
        path = urllib.parse.quote(f"/{self.bucket}" + (f"/{key}" if key else "") if service == "s3" else "/")
        encoded = "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}"
                           for k, v in sorted(query))
        digest = hashlib.sha256(body).hexdigest()
        headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": now}
        names = ";".join(headers)
        canonical = "\n".join([method, path, encoded, *(f"{n}:{v}" for n, v in headers.items()), "", names, digest])
        scope = f"{now[:8]}/us-east-1/{service}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key_bytes = ("AWS4" + self.rgw.secret_key).encode()
        for part in scope.split("/"):
            key_bytes = hmac.new(key_bytes, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key_bytes, text.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.rgw.access_key}/{scope},SignedHeaders={names},"
                                    f"Signature={signature}")
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            connection.request(method, path + (f"?{encoded}" if encoded else ""), body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def ok(self, *args, **kwargs):
        status, _, body = self.call(*args, **kwargs)
        if status // 100 != 2:
            raise AssertionError(f"{args}: {status} {body[:300]}")
        return body

    def make_bucket(self):
        self.ok("PUT")

    def put(self, key, data):
        self.ok("PUT", key, body=data)

    def get(self, key):
        return self.ok("GET", key)

    def keys(self, prefix=""):
        found, token = [], None
        while True:
            query = [("list-type", "2"), ("prefix", prefix), *([("continuation-token", token)] if token else [])]
            root = ElementTree.fromstring(self.ok("GET", query=query))
            space = root.tag[:root.tag.index("}") + 1] if "}" in root.tag else ""
            found += [e.findtext(f"{space}Key") for e in root.findall(f"{space}Contents")]
            token = root.findtext(f"{space}NextContinuationToken")
            if root.findtext(f"{space}IsTruncated") != "true":
                return found


class S3Project(Project):
    """The orders example with its lake below s3://BUCKET/<prefix>/."""

    def __init__(self, folder, rgw, prefix, fresh=True, lake_keys="", source_keys=""):
        super().__init__(folder, fresh)
        self.rgw, self.prefix, self.client = rgw, prefix, Client(rgw)
        if not fresh:
            return
        config = self.folder / "millrace.yaml"
        text = config.read_text()
        start = text.index("lake:")
        end = text.index("\n", text.index("url:", start))
        lake = (f"lake:\n  url: {self.url}\n  endpoint: {rgw.endpoint}\n  region: us-east-1\n  connections: 4\n"
                f"  part_size: 5MiB\n{lake_keys}")
        text = text[:start] + lake + text[end + 1:]
        text = text.replace("    table: raw.orders\n", f"    table: raw.orders\n{source_keys}")
        config.write_text(text)
        shutil.rmtree(self.lake, ignore_errors=True)

    @property
    def url(self):
        return f"s3://{BUCKET}/{self.prefix}"

    def moved_to(self, folder, prefix):
        """A copy with a prefix of its own, to which nothing is copied."""
        shutil.copytree(self.folder, folder)
        copy = S3Project(folder, self.rgw, prefix, fresh=False)
        copy.edit("millrace.yaml", f"url: {self.url}\n", f"url: {copy.url}\n")
        return copy

    def drop(self, name, data, age=0.0):  # the store's clock gives the time
        self.client.put(f"{self.prefix}/landing/orders/{name}", data)

    def landed(self):
        return [k.rsplit("/", 1)[1] for k in self.client.keys(f"{self.prefix}/landing/orders/")]

    def mirror(self):
        """What stands in the bucket, as files below self.lake, where the invariants look."""
        shutil.rmtree(self.lake, ignore_errors=True)
        self.lake.mkdir()
        for key in self.client.keys(f"{self.prefix}/"):
            path = self.lake / key.removeprefix(f"{self.prefix}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.client.get(key))

    def aws(self, *words):
        """Debian's awscli, as any other user of the bucket."""
        return self._tool("aws", "--endpoint-url", self.rgw.endpoint, *words)

    def s3cmd(self, *words):
        host = f"127.0.0.1:{self.rgw.port}"
        return self._tool("s3cmd", "--no-ssl", f"--host={host}", f"--host-bucket={host}", "--config=/dev/null", "--quiet",
                          f"--access_key={self.rgw.access_key}", f"--secret_key={self.rgw.secret_key}", *words)

    def _tool(self, *words):
        done = subprocess.run([str(w) for w in words], env=self.rgw.environment(), capture_output=True, text=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout


def use_environment(rgw):
    """millrace finds its credentials where the AWS tools do."""
    os.environ.update({k: v for k, v in rgw.environment().items() if k.startswith(("AWS_", "MILLRACE_S3_"))})
    for name in [n for n in os.environ if n.startswith("AWS_") and n not in rgw.environment()]:
        del os.environ[name]


def seconds_since(start):
    return time.monotonic() - start
