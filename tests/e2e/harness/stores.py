"""The real Vault of tests/peers/vault.sh, and the proxy that makes it misbehave on demand."""
import json
import ssl
import subprocess
import urllib.error
import urllib.request

from . import places


def peer(script, *args):
    """Runs a peer script and returns the KEY=VALUE lines that it prints."""
    done = subprocess.run([str(places.PEER_SCRIPTS / script), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=900)
    assert done.returncode == 0, f"{script} {args}: {done.stderr.decode()}"
    return dict(line.split("=", 1) for line in done.stdout.decode().splitlines() if "=" in line)


class Vault:
    """Root access to the test Vault, for what an administrator of the store does."""

    def __init__(self, facts):
        self.facts, self.address, self.ca, self.token = facts, facts["VAULT_ADDR"], facts["VAULT_CACERT"], facts["VAULT_TOKEN"]
        self._tls = ssl.create_default_context(cafile=self.ca)

    @property
    def env(self):
        """The variables by which any client finds it."""
        return {"VAULT_ADDR": self.address, "VAULT_CACERT": self.ca, "VAULT_TOKEN": self.token}

    def call(self, method, path, body=None, token=None, headers=None):
        request = urllib.request.Request(f"{self.address}/v1/{path}", method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"X-Vault-Token": token or self.token, **(headers or {})})
        try:
            with urllib.request.urlopen(request, context=self._tls, timeout=10) as answer:
                data = answer.read()
                return json.loads(data) if data else {}
        except urllib.error.HTTPError as e:
            raise AssertionError(f"Vault {method} {path}: {e.code} {e.read().decode()}") from None

    def put(self, name, **fields):
        """A new version of secret/NAME (KV v2); returns its number."""
        return self.call("POST", f"secret/data/{name}", {"data": fields})["data"]["version"]

    def delete(self, name):
        self.call("DELETE", f"secret/metadata/{name}")

    def new_token(self, ttl="1h", policies=("dso",), **more):
        """A fresh token that reads secret/ and kv1/."""
        return self.call("POST", "auth/token/create", {"ttl": ttl, "policies": list(policies), "no_parent": True, **more})["auth"]["client_token"]

    def revoke(self, token):
        self.call("POST", "auth/token/revoke", {"token": token})

    def seal(self):
        self.call("PUT", "sys/seal")

    def unseal(self):
        self.call("PUT", "sys/unseal", {"key": self.facts["VAULT_UNSEAL_KEY"]})


class FaultProxy:
    """In front of Vault: passes all on until told otherwise."""

    def __init__(self, url, control, ca):
        self.url, self._control = url, control
        self._tls = ssl.create_default_context(cafile=ca)

    def _post(self, name, body=b""):
        request = urllib.request.Request(self._control + name, method="POST", data=body)
        urllib.request.urlopen(request, context=self._tls, timeout=10).close()

    def fault(self, match=".", times=1, **how):
        """See tests/peers/README.md: status, headers, body, delay, drop, body_mb, truncate."""
        self._post("fault", json.dumps({"match": match, "times": times, **how}).encode())

    def reset(self):
        self._post("reset")

    def _get(self, name):
        with urllib.request.urlopen(self._control + name, context=self._tls, timeout=10) as answer:
            return json.loads(answer.read())

    def log(self):
        return self._get("log")

    def most(self):
        """How many requests were under way at once since the last reset."""
        return self._get("most")["most"]
