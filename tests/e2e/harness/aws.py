"""The account behind tests/peers/moto.sh: what its administrator does, with requests signed as any SDK signs them."""
import base64
import datetime
import hashlib
import hmac
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request

REGION = "us-east-1"


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Moto:
    """The account's administrator. Signs as any SDK does, so that moto may check it."""

    def __init__(self, facts):
        self.url, self.ca = facts["AWS_ENDPOINT_URL"], facts["AWS_CA_BUNDLE"]
        self._tls = ssl.create_default_context(cafile=self.ca)
        self.key, self._keys = None, {}
        self._post("/moto-api/reset")
        self.checks(False)
        self.user("admin", {"Action": "*", "Resource": "*"})
        self.key = self._keys["admin"]

    def _post(self, path, body=b"", headers=None):
        request = urllib.request.Request(self.url + path, method="POST", data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(request, context=self._tls, timeout=20) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as e:
            raise AssertionError(f"moto {path} {headers and headers.get('X-Amz-Target')}: {e.code} {e.read().decode()}") from None

    def checks(self, on):
        """Signatures and policies are checked from the next request on, or no longer."""
        self._post("/moto-api/reset-auth", b"0" if on else b"inf", {"Content-Type": "text/plain"})

    def _signed(self, service, body, headers):
        key_id, key = self.key or ("none", "none")
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {**headers, "Host": urllib.parse.urlparse(self.url).netloc, "X-Amz-Date": now}
        names = ";".join(sorted(n.lower() for n in headers))
        lines = "".join(f"{n}:{v}\n" for n, v in sorted((n.lower(), v) for n, v in headers.items()))
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{now[:8]}/{REGION}/{service}/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        k = _hmac(_hmac(_hmac(_hmac(b"AWS4" + key.encode(), now[:8]), REGION), service), "aws4_request")
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={_hmac(k, to_sign).hex()}"
        return self._post("/", body, headers)

    def json(self, service, target, **body):
        answer = self._signed(service, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target})
        return json.loads(answer) if answer else {}

    def query(self, service, action, **parameters):
        version = {"iam": "2010-05-08", "sts": "2011-06-15"}[service]
        body = urllib.parse.urlencode({"Action": action, "Version": version, **parameters}).encode()
        return self._signed(service, body, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})

    def user(self, name, *statements):
        """A user with these Allow statements; returns (access key id, secret access key)."""
        self.query("iam", "CreateUser", UserName=name)
        for i, statement in enumerate(statements):
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
            self.query("iam", "PutUserPolicy", UserName=name, PolicyName=f"p{i}", PolicyDocument=json.dumps(policy))
        answer = self.query("iam", "CreateAccessKey", UserName=name)
        pair = tuple(re.search(f"<{tag}>(.*?)</{tag}>", answer)[1] for tag in ("AccessKeyId", "SecretAccessKey"))
        self._keys[name] = pair
        return pair

    def role(self, name, *statements):
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        self.query("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        for i, statement in enumerate(statements):
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
            self.query("iam", "PutRolePolicy", RoleName=name, PolicyName=f"p{i}", PolicyDocument=json.dumps(policy))
        return f"arn:aws:iam::123456789012:role/{name}"

    def create(self, name, text=None, binary=None):
        value = {"SecretString": text} if binary is None else {"SecretBinary": base64.b64encode(binary).decode()}
        return self.json("secretsmanager", "secretsmanager.CreateSecret", Name=name, **value)

    def put(self, name, text):
        return self.json("secretsmanager", "secretsmanager.PutSecretValue", SecretId=name, SecretString=text)["VersionId"]
