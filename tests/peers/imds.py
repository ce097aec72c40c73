"""Instance and container identity endpoints: EC2 IMDSv2, ECS/EKS container credentials, Azure IMDS, App Service / Container
Apps, Azure Arc. Plain HTTP, as the real ones are.
POST /__peer/set {"lifetime":60,"identities":["…"],"imds_v1":true,"role":"","expired":true,"aws_key":"ID:SECRET"} changes behaviour."""
import json
import os
import secrets
import time
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from peerhttp import Handler, serve
from tokens import mint

STATE = {"role": "peer-role", "lifetime": 3600, "imds_v1": False, "identities": ["11111111-1111-1111-1111-111111111111"],
         "expired": False, "aws_key": ""}
TOKENS, COUNT = {}, [0]
ROLES = "/latest/meta-data/iam/security-credentials"
NO_METADATA = {"error": "invalid_request", "error_description": "Required metadata header not specified"}


def iso(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


class Imds(Handler):
    def control(self, name, body):
        if name != "set":
            return self.reply(404)
        STATE.update(json.loads(body))
        return self.reply(204)

    def credentials(self, ec2):
        COUNT[0] += 1
        end = time.time() + (-60 if STATE["expired"] else STATE["lifetime"])
        key_id, _, key = (STATE["aws_key"] or self.opt.aws_key or f"ASIAPEER{COUNT[0]:012d}:peer-imds-secret").partition(":")
        d = {"AccessKeyId": key_id, "SecretAccessKey": key, "Expiration": iso(end)}
        if not (STATE["aws_key"] or self.opt.aws_key):  # a user's key has no session
            d["Token"] = f"session-{COUNT[0]}"
        if ec2:
            return {"Code": "Success", "LastUpdated": iso(time.time()), "Type": "AWS-HMAC", **d}
        return {"RoleArn": "arn:aws:iam::123456789012:role/" + (STATE["role"] or "none"), **d}

    def handle_request(self):
        url = urlparse(self.path)
        path, query = url.path, {k: v[0] for k, v in parse_qs(url.query).items()}
        if path.startswith("/latest/"):
            return self.ec2(path)
        if path.startswith("/v2/credentials/"):  # ECS: no token
            return self.reply(200, self.credentials(False))
        if path == "/v1/credentials":  # EKS Pod Identity: a token
            if self.headers.get("Authorization") != Path(self.opt.auth_token_file).read_text().strip():
                return self.reply(401, {"code": "InvalidAuthorizationToken", "message": "bad token"})
            return self.reply(200, self.credentials(False))
        if path == "/msi/token":  # App Service, Container Apps
            if self.headers.get("X-IDENTITY-HEADER") != self.opt.identity_header:
                return self.reply(401, {"statusCode": 401, "message": "Unauthorized"})
            return self.azure(query)
        if path == "/arc/metadata/identity/oauth2/token":
            return self.arc(query)
        if path == "/metadata/identity/oauth2/token":
            if (self.headers.get("Metadata") or "").lower() != "true":
                return self.reply(400, NO_METADATA)
            return self.azure(query)
        return self.reply(404, "not found")

    def arc(self, query):
        """The challenge names a file that only the agent's group can read; its text is the password."""
        if self.headers.get("Metadata") != "true":
            return self.reply(400, NO_METADATA)
        file = self.opt.arc_key_file
        if self.headers.get("Authorization") != "Basic " + Path(file).read_text().strip():
            return self.reply(401, "", {"WWW-Authenticate": "Basic realm=" + os.path.abspath(file)})
        return self.azure(query)

    def azure(self, query):
        if "api-version" not in query or "resource" not in query:
            return self.reply(400, {"error": "invalid_request", "error_description": "Required parameter missing"})
        names = ("client_id", "object_id", "principal_id", "msi_res_id", "mi_res_id")
        who = next((query[n] for n in names if query.get(n)), None)
        if who and who not in STATE["identities"]:
            return self.reply(400, {"error": "invalid_request", "error_description": "Identity not found"})
        who, now, life = who or STATE["identities"][0], int(time.time()), STATE["lifetime"]
        return self.reply(200, {"access_token": mint(query["resource"].rstrip("/"), who, life), "client_id": who, "expires_in": str(life),
                                "expires_on": str(now + life), "not_before": str(now), "resource": query["resource"], "token_type": "Bearer"})

    def ec2(self, path):
        if path == "/latest/api/token":
            return self.ec2_token()
        token = self.headers.get("X-aws-ec2-metadata-token")
        if (token is None and not STATE["imds_v1"]) or (token is not None and TOKENS.get(token, 0) < time.time()):
            return self.reply(401)
        role = STATE["role"]
        if path.rstrip("/") == ROLES:
            return self.reply(200, role) if role else self.reply(404)
        if role and path == f"{ROLES}/{role}":
            return self.reply(200, json.dumps(self.credentials(True), indent=2), {"Content-Type": "text/plain"})
        facts = {"/latest/meta-data/placement/region": "us-east-1", "/latest/meta-data/placement/availability-zone": "us-east-1a",
                 "/latest/meta-data/instance-id": "i-0123456789abcdef0"}
        if path in facts:
            return self.reply(200, facts[path])
        return self.reply(404)

    def ec2_token(self):
        ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.command != "PUT":
            return self.reply(405)
        if self.headers.get("X-Forwarded-For"):
            return self.reply(403)
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return self.reply(400)
        token = secrets.token_urlsafe(40)
        TOKENS[token] = time.time() + int(ttl)
        return self.reply(200, token, {"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": ttl, "Content-Type": "text/plain"})


serve(Imds, auth_token_file="auth.token", identity_header="peer-identity-header", arc_key_file="arc.key", aws_key="")
