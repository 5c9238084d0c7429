"""S3, STS and IAM calls with a signature of their own: what Millrace says of a bucket is looked at past its own client.

Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""
import base64
import datetime
import hashlib
import hmac
import http.client
import json
import ssl
import urllib.parse
import xml.etree.ElementTree as ElementTree


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def find_all(self, name):
        """Texts of all elements with this name, whatever their namespace."""
        return [e.text or "" for e in ElementTree.fromstring(self.body).iter() if e.tag.split("}")[-1] == name]

    def __str__(self):
        return f"{self.status}: {self.text[:500]}"


class Caller:
    """One set of credentials on one endpoint: https://localhost:7643."""

    def __init__(self, endpoint, key, secret, token=None, ca_file=None):
        self.url = urllib.parse.urlsplit(endpoint)
        self.key, self.secret, self.token, self.ca_file = key, secret, token, ca_file

    def at(self, endpoint):
        """The same credentials at another endpoint."""
        return Caller(endpoint, self.key, self.secret, self.token, self.ca_file)

    def call(self, method, path, query=None, body=b"", headers=None, service="s3"):
        """`query`: {name: value}; a sub-resource has the value "". `path`: not encoded."""
        body = body.encode() if isinstance(body, str) else body
        text = "&".join(f"{quoted(k)}={quoted(v)}" for k, v in sorted((query or {}).items()))
        signed = {"host": self.url.netloc, "x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
        if body:
            signed["content-md5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
        if self.token:
            signed["x-amz-security-token"] = self.token
        signed.update({k.lower(): v for k, v in (headers or {}).items()})
        signed = self._sign(method, path, text, signed, service)
        connection = self._connection()
        try:
            connection.request(method, urllib.parse.quote(path) + ("?" + text if text else ""), body, signed)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def _connection(self):
        if self.url.scheme == "http":
            return http.client.HTTPConnection(self.url.netloc, timeout=60)
        return http.client.HTTPSConnection(self.url.netloc, timeout=60, context=ssl.create_default_context(cafile=self.ca_file))

    def _sign(self, method, path, query, headers, service):
        headers["x-amz-date"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        names = sorted(headers)
        lines = [method, urllib.parse.quote(path), query, *[f"{n}:{headers[n].strip()}" for n in names], "",
                 ";".join(names), headers["x-amz-content-sha256"]]
        scope = f"{headers['x-amz-date'][:8]}/us-east-1/{service}/aws4_request"
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        key = ("AWS4" + self.secret).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, digest])
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={';'.join(names)}, "
                                    f"Signature={signature}")
        return headers

    def form(self, service, **fields):
        """An action of IAM, STS or SNS."""
        answer = self.call("POST", "/", body=urllib.parse.urlencode(fields, quote_via=urllib.parse.quote), service=service,
                           headers={"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status != 200:
            raise AssertionError(f"{fields['Action']}: {answer}")
        return answer

    def with_role(self, name, user, policy):
        """Makes a role that `user` may take on, with this policy (JSON), and takes it on."""
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"],
                                                         "Principal": {"AWS": [f"arn:aws:iam:::user/{user}"]}}]}
        self.form("iam", Action="CreateRole", RoleName=name, Path="/", AssumeRolePolicyDocument=json.dumps(trust))
        self.form("iam", Action="PutRolePolicy", RoleName=name, PolicyName="millrace", PolicyDocument=policy)
        answer = self.form("sts", Action="AssumeRole", RoleArn=f"arn:aws:iam:::role/{name}", RoleSessionName=name,
                           DurationSeconds="3600", Version="2011-06-15")
        key, secret, token = (answer.find_all(n)[0] for n in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        return Caller(self.url.geturl(), key, secret, token, self.ca_file)


def quoted(text):
    return urllib.parse.quote(text, safe="-_.~")
