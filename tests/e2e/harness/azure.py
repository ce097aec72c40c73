"""The Key Vault and the identity endpoints of tests/peers (akv.py, imds.py): what their administrator does and sees."""
import json
import ssl
import uuid
import urllib.error
import urllib.request

APP, TENANT = "33333333-3333-3333-3333-333333333333", "22222222-2222-2222-2222-222222222222"


class Peer:
    """A peer's control address, and calls to it."""

    def __init__(self, url, ca=None):
        self.url, self.ca = url, ca
        self.tls = ssl.create_default_context(cafile=ca) if ca else None

    def call(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=headers or {})
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=10) as answer:
                text = answer.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as e:
            raise AssertionError(f"{method} {path}: {e.code} {e.read().decode()}") from None

    def control(self, name, **what):
        self.call("POST", "/__peer/" + name, what)

    def fault(self, match, status, body="", headers=None, times=1, **how):
        self.control("fault", match=match, status=status, body=body, headers=headers or {}, times=times, **how)

    def log(self):
        return self.call("GET", "/__peer/log")

    def most(self):
        return self.call("GET", "/__peer/most")["most"]

    def reset(self):
        self.control("reset")


class KeyVault(Peer):
    """Key Vault and Entra ID, as an administrator sees them."""

    def token(self):
        form = f"client_id={APP}&client_secret=peer-client-secret&grant_type=client_credentials&scope=https://vault.azure.net/.default"
        request = urllib.request.Request(f"{self.url}/{TENANT}/oauth2/v2.0/token", method="POST", data=form.encode())
        with urllib.request.urlopen(request, context=self.tls, timeout=10) as answer:
            return json.loads(answer.read())["access_token"]

    def ask(self, method, path, body=None):
        return self.call(method, path + "?api-version=7.4", body, {"Authorization": "Bearer " + self.token()})

    def put(self, name, value):
        value = value if isinstance(value, str) else json.dumps(value)
        return self.ask("PUT", f"/secrets/{name}", {"value": value})["id"].split("/")[-1]

    def reads(self, name):
        """How often the secret was asked for with a token."""
        return sum(e["m"] == "GET" and e["p"].startswith(f"/secrets/{name}?") and "authorization" in e["h"] for e in self.log())

    def app(self, **how):
        """A new application; returns its id."""
        client_id = str(uuid.uuid4())
        self.control("client", client_id=client_id, **how)
        return client_id
