"""Azure Key Vault (secrets) and the Entra ID token endpoint, for tests, over TLS. Tokens must be ones minted here or by imds.py,
for the audience https://vault.azure.net, and unexpired. Every answer has an x-ms-request-id.

POST /__peer/policy  {"oid":"…","allow":["get","list"],"code":"ForbiddenByRbac"}   (default: everything)
POST /__peer/client  {"client_id":"…","secret":"…","cert_pem":"…","federated":true,"lifetime":3600}
POST /__peer/page    {"size":25}
POST /__peer/revoke  {}                every token so far is refused: 401
POST /__peer/skew    {"seconds":600}   this server's clock is ahead by so much
Faults, log and reset: peerhttp.py; a fault does not hit the question without a token that begins each conversation.
"""
import json
import re
import secrets
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

from peerhttp import LOCK, Handler, serve
from tokens import check, mint, unb64

AUDIENCE, TENANT = "https://vault.azure.net", "22222222-2222-2222-2222-222222222222"
SECRETS, DELETED, POLICIES = {}, {}, {}
CLIENTS = {"33333333-3333-3333-3333-333333333333": {"secret": "peer-client-secret", "lifetime": 3600}}
STATE = {"page": 25, "revoked": 0.0, "skew": 0}
API_VERSIONS = {"7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01"}
NAME = re.compile(r"^[0-9a-zA-Z-]{1,127}$")


def now():
    return time.time() + STATE["skew"]


def signed_by(jwt, cert_pem):
    """Is the JWT signed (RS256 or PS256) with the key of the certificate, and does it name it?"""
    head, body, signature = jwt.split(".")
    header = json.loads(unb64(head))
    with tempfile.TemporaryDirectory() as d:
        files = {n: Path(d, n) for n in ("cert", "signature", "message", "key")}
        files["cert"].write_text(cert_pem)
        files["signature"].write_bytes(unb64(signature))
        files["message"].write_text(f"{head}.{body}")
        x509 = ["openssl", "x509", "-in", files["cert"]]
        files["key"].write_bytes(subprocess.run([*x509, "-pubkey", "-noout"], capture_output=True, check=True).stdout)
        print_ = subprocess.run([*x509, "-fingerprint", "-sha256", "-noout"], capture_output=True, check=True).stdout.decode()
        if "x5t#S256" in header and unb64(header["x5t#S256"]).hex() != print_.split("=")[1].strip().replace(":", "").lower():
            return False
        pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if header["alg"] == "PS256" else []
        command = ["openssl", "dgst", "-sha256", *pss, "-verify", files["key"], "-signature", files["signature"], files["message"]]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Akv(Handler):
    def do_POST(self):
        name = self.path.removeprefix("/__peer/")
        control = getattr(self, "control_" + name, None) if self.path.startswith("/__peer/") else None
        if control is None:
            return self._any()
        self.status = 0
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with LOCK:
            control(json.loads(body or b"{}"))
            self.reply(204)

    def control_policy(self, d):
        POLICIES[d["oid"]] = (set(d["allow"]), d.get("code", "ForbiddenByRbac"))

    def control_client(self, d):
        CLIENTS[d["client_id"]] = d

    def control_page(self, d):
        STATE["page"] = d["size"]

    def control_revoke(self, _):
        STATE["revoked"] = time.time()

    def control_skew(self, d):
        STATE["skew"] = d["seconds"]

    def _fault(self):
        begins = self.path.startswith("/secrets") and not self.headers.get("Authorization")
        return False if begins else super()._fault()

    def date_time_string(self, timestamp=None):
        return super().date_time_string(now() if timestamp is None else timestamp)

    def reply(self, status, body=b"", headers=None, *more):
        super().reply(status, body, {"x-ms-request-id": str(uuid.uuid4()), **(headers or {})}, *more)

    def error(self, status, code, message, inner=None, headers=None):
        error = {"code": code, "message": message}
        if inner:
            error["innererror"] = {"code": inner}
        self.reply(status, {"error": error}, headers)

    @property
    def base(self):
        return f"https://{self.headers.get('Host')}"

    def handle_request(self):
        url = urlparse(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        parts = [unquote(x) for x in url.path.split("/") if x]
        if parts[-2:] == ["v2.0", "token"] or url.path.endswith("openid-configuration"):
            return self.entra(parts, {k: v[0] for k, v in parse_qs(self.body.decode()).items()})
        auth = self.headers.get("Authorization") or ""
        claims = check(auth[7:]) if auth.startswith("Bearer ") else "AKV10000: Request is missing a Bearer or PoP token."
        if isinstance(claims, dict) and claims["aud"].rstrip("/") != AUDIENCE:
            claims = "AKV10022: Invalid audience."
        if isinstance(claims, dict) and claims["iat"] <= STATE["revoked"]:
            claims = "AKV10021: Token is revoked."
        if isinstance(claims, str):
            challenge = f'Bearer authorization="{self.base}/{TENANT}", resource="{AUDIENCE}"'
            return self.error(401, "Unauthorized", claims, headers={"WWW-Authenticate": challenge})
        if query.get("api-version") not in API_VERSIONS:
            return self.error(400, "BadParameter", "The specified version is not recognised.")
        with LOCK:
            return self.route(parts, query, POLICIES.get(claims["oid"]))

    def may(self, policy, what):
        if policy is None or what in policy[0]:
            return True
        self.error(403, "Forbidden", f"Caller is not authorized to perform action on resource. Action: '{what}'", policy[1])
        return False

    def view(self, name, version, value=True):
        secret = SECRETS[name][version]
        out = {"id": f"{self.base}/secrets/{name}/{version}",
               "attributes": {**secret["attributes"], "recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90}}
        out.update({k: secret[k] for k in ("contentType", "tags") if secret.get(k)})
        if value:
            out["value"] = secret["value"]
        return out

    def page(self, items, path, query):
        at, size = int(query.get("$skiptoken", "0")), min(int(query.get("maxresults", STATE["page"])), STATE["page"])
        following = f"{self.base}{path}?api-version={query['api-version']}&$skiptoken={at + size}&maxresults={size}"
        self.reply(200, {"value": items[at:at + size], "nextLink": following if at + size < len(items) else None})

    def missing(self, name):
        self.error(404, "SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted "
                                          "this secret you may be able to recover it using the correct recovery command.")

    def route(self, parts, query, policy):
        if parts[:1] == ["deletedsecrets"]:
            return self.deleted(parts[1:], query, policy)
        if parts == ["secrets"] and self.command == "GET":
            if self.may(policy, "list"):
                found = []
                for name in sorted(SECRETS):
                    found.append({**self.view(name, list(SECRETS[name])[-1], False), "id": f"{self.base}/secrets/{name}"})
                self.page(found, "/secrets", query)
            return None
        if parts[:1] != ["secrets"] or len(parts) not in (2, 3):
            return self.error(404, "NotFound", "Resource not found")
        if parts[2:] == ["versions"]:
            if self.may(policy, "list"):
                versions = [self.view(parts[1], v, False) for v in SECRETS.get(parts[1], {})]
                self.page(versions, f"/secrets/{parts[1]}/versions", query)
            return None
        return self.secret(parts[1], parts[2] if len(parts) == 3 else None, policy)

    def secret(self, name, version, policy):
        if not NAME.match(name):
            return self.error(400, "BadParameter", f"The request URI contains an invalid name: {name}")
        what = {"GET": "get", "PUT": "set", "PATCH": "set", "DELETE": "delete"}.get(self.command)
        if what is None or not self.may(policy, what):
            return None if what else self.error(405, "MethodNotAllowed", "Method not allowed")
        if self.command == "PUT":
            return self.put(name)
        if name not in SECRETS:
            return self.missing(name)
        version = version or list(SECRETS[name])[-1]
        if version not in SECRETS[name]:
            return self.missing(f"{name}/{version}")
        attributes = SECRETS[name][version]["attributes"]
        if self.command == "GET":
            if not attributes["enabled"]:
                return self.error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled")
            return self.reply(200, self.view(name, version))
        if self.command == "PATCH":
            attributes.update(json.loads(self.body).get("attributes") or {})
            attributes["updated"] = int(now())
            return self.reply(200, self.view(name, version, False))
        gone, at = self.view(name, version, False), int(now())
        gone.update(recoveryId=f"{self.base}/deletedsecrets/{name}", deletedDate=at, scheduledPurgeDate=at + 90 * 86400)
        DELETED[name] = (SECRETS.pop(name), gone)
        return self.reply(200, gone)

    def put(self, name):
        if name in DELETED:
            return self.error(409, "Conflict", f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be "
                              "reused; in this state, the secret can only be recovered or purged.", "ObjectIsDeletedButRecoverable")
        body = json.loads(self.body)
        if not isinstance(body.get("value"), str):
            return self.error(400, "BadParameter", "Property value has invalid value")
        at, version = int(now()), secrets.token_hex(16)
        attributes = {"enabled": True, **(body.get("attributes") or {}), "created": at, "updated": at}
        SECRETS.setdefault(name, {})[version] = {**body, "attributes": attributes}
        return self.reply(200, self.view(name, version))

    def deleted(self, parts, query, policy):
        if not parts:
            return self.page([d for _, d in DELETED.values()], "/deletedsecrets", query) if self.may(policy, "list") else None
        if not self.may(policy, "get_deleted"):
            return None
        if parts[0] not in DELETED:
            return self.error(404, "SecretNotFound", f"Deleted Secret not found: {parts[0]}")
        if self.command == "GET":
            return self.reply(200, DELETED[parts[0]][1])
        if self.command == "POST" and parts[1:] == ["recover"]:
            SECRETS[parts[0]] = DELETED.pop(parts[0])[0]
            return self.reply(200, self.view(parts[0], list(SECRETS[parts[0]])[-1], False))
        DELETED.pop(parts[0])
        return self.reply(204)

    def aad(self, status, error, code, text):
        self.reply(status, {"error": error, "error_description": f"AADSTS{code}: {text} Trace ID: 0 Correlation ID: 0",
                            "error_codes": [code], "trace_id": str(uuid.uuid4())})

    def entra(self, parts, form):
        tenant = parts[0]
        if tenant != TENANT:
            return self.aad(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        if parts[-1] == "openid-configuration":  # which Azure's SDKs read first
            at = f"{self.base}/{tenant}"
            return self.reply(200, {"issuer": f"{at}/v2.0", "token_endpoint": f"{at}/oauth2/v2.0/token",
                                    "authorization_endpoint": f"{at}/oauth2/v2.0/authorize"})
        client = CLIENTS.get(form.get("client_id"))
        if not client:
            return self.aad(400, "unauthorized_client", 700016, f"Application '{form.get('client_id')}' was not found in the directory.")
        if form.get("grant_type") != "client_credentials":
            return self.aad(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        if "client_assertion" in form:
            refused = self.assertion_refused(form["client_assertion"], client)
        else:
            good = client.get("secret") and form.get("client_secret") == client["secret"]
            refused = None if good else (7000215, "Invalid client secret provided.")
        if refused:
            return self.aad(401, "invalid_client", *refused)
        life = client.get("lifetime", 3600)
        token = mint(form.get("scope", "").removesuffix("/.default"), form["client_id"], life)
        return self.reply(200, {"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token})

    @staticmethod
    def assertion_refused(assertion, client):
        """Nothing, or the AADSTS number and text."""
        try:
            claims = json.loads(unb64(assertion.split(".")[1]))
        except Exception:
            return 50027, "JWT token is invalid or malformed."
        if claims.get("exp", 0) < now() or claims.get("nbf", 0) > now() + 300:
            return 700024, "Client assertion is not within its valid time range."
        if client.get("federated"):  # the issuer's signature is not checked here
            if claims.get("aud") != "api://AzureADTokenExchange":
                return 700212, "No matching federated identity record found for presented assertion audience."
        elif not client.get("cert_pem") or not signed_by(assertion, client["cert_pem"]):
            return 700027, "The certificate with identifier used to sign the client assertion is not registered on application."
        return None


serve(Akv)
