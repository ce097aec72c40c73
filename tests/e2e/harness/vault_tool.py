"""The `vault` of a page: the few commands that the docs show, done over HTTP by the test Vault's administrator. The role and the policy
are called `dso` there, and so are those of other tests: here they have the test's own name."""
import json


class VaultTool:
    def __init__(self, vault, name):
        self.vault, self.name = vault, name

    def __call__(self, folder, data, *args):
        flags = dict(a[1:].split("=", 1) if "=" in a else (a[1:], "") for a in args if a.startswith("-"))
        words = [a for a in args if not a.startswith("-")]
        return getattr(self, "_" + "_".join(words[:2 if words[0] in ("policy", "auth", "kv") else 1]))(folder, data, flags, words)

    def _own(self, text):
        return text.replace("role/dso", f"role/{self.name}").replace("=dso", f"={self.name}")

    def _policy_write(self, folder, _data, _flags, words):
        self.vault.call("PUT", f"sys/policies/acl/{self.name}", {"policy": (folder / words[3]).read_text()})

    def _auth_enable(self, _folder, _data, _flags, words):
        assert words[2] == "approle"  # it is there already

    def _kv_put(self, folder, data, _flags, words):
        fields = dict(w.split("=", 1) for w in words[3:])
        mount, _, name = words[2].partition("/")
        fields = {k: data if v == "-" else (folder / v[1:]).read_text() if v.startswith("@") else v for k, v in fields.items()}
        return f"version {self.vault.call('POST', f'{mount}/data/{name}', {'data': fields})['data']['version']}\n"

    def _ask(self, method, flags, path, body):
        headers = {"X-Vault-Wrap-TTL": flags["wrap-ttl"]} if "wrap-ttl" in flags else {}
        answer = self.vault.call(method, self._own(path), body, headers=headers)
        shown = (answer.get("data") or {}) | (answer.get("wrap_info") or {}) if answer else {}
        return shown["token" if flags["field"] == "wrapping_token" else flags["field"]] + "\n" if "field" in flags else json.dumps(shown) + "\n"

    def _write(self, _folder, _data, flags, words):
        return self._ask("POST", flags, words[1], dict(self._own(w).split("=", 1) for w in words[2:]))

    def _read(self, _folder, _data, flags, words):
        return self._ask("GET", flags, words[1], None)
