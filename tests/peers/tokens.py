"""Access tokens shared by imds.py and akv.py: JWTs signed HS256 with a key known to both."""
import base64
import hashlib
import hmac
import json
import time

KEY = b"peers-only"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signature(text):
    return b64(hmac.new(KEY, text.encode(), hashlib.sha256).digest())


def mint(aud, oid, lifetime=3600):
    now = time.time()
    head = b64(b'{"typ":"JWT","alg":"HS256"}')
    # a fraction of a second, so that "revoke everything until now" does not hit what comes right after it
    body = b64(json.dumps({"aud": aud, "oid": oid, "nbf": int(now), "iat": now, "exp": now + lifetime}).encode())
    return f"{head}.{body}.{_signature(f'{head}.{body}')}"


def check(token):
    """The claims, or a reason why not."""
    try:
        head, body, signature = token.split(".")
        if not hmac.compare_digest(signature, _signature(f"{head}.{body}")):
            return "AKV10032: Invalid signature."
        claims = json.loads(unb64(body))
    except Exception:
        return "AKV10000: Request is missing a Bearer or PoP token."
    return "AKV10021: Token is expired." if claims["exp"] < time.time() else claims
