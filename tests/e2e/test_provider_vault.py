"""The Vault provider through `dso fetch` and the agent: every auth method that the test Vault has, leases, redirects, and the rows
of the error table with class, exit code, tries, and a text that names the secret, Vault's code, the identity and the next step.
What the agent does when Vault fails is in test_failures.py."""
import base64
import json
import re
import time

import pytest
from harness.scenario import vault_config
from harness.vault_fetch import QUICK_RETRY, auth, failed, fetched, private_file, secret  # noqa: F401


# --- the error table, as faults in front of the real Vault -------------------------------------------------------------

SEALED, QUOTA = '{"errors":["Vault is sealed"]}', '{"errors":["request path: rate limit quota exceeded"]}'
DENIED, NOTHING = '{"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}', '{"errors":[]}'
ROWS = {  # status, body, headers: class, exit code, tries, what the text says
    "denied": (403, DENIED, {}, "AccessDenied", 3, 1,
               r'permission denied \(403, as token from VAULT_TOKEN\)\. Add to its policy: path "secret/data/NAME" \{ capabilities = \["read"\] \}\.'),
    "nothing there": (404, NOTHING, {}, "NotFound", 4, 1, r"nothing is stored at 'secret/data/NAME' \(404, .*Check the secret's name"),
    "no mount": (404, '{"errors":["no handler for route \\"secret/data/x\\". route entry not found."]}', {}, "InvalidRequest", 1, 1,
                 r"no secrets engine is mounted.*\(404, .*vault secrets list"),
    "bad request": (400, '{"errors":["whatever"]}', {}, "InvalidRequest", 1, 1, r"\(400, .*mount and kv_version.*'secret/data/NAME'"),
    "no read": (405, '{"errors":["unsupported operation"]}', {}, "InvalidRequest", 1, 1, r"answers no read \(405, .*'secret/data/NAME'"),
    "throttled": (429, QUOTA, {"Retry-After": "0"}, "Throttled", 5, 2, r"rate limit is reached \(429, .*quotas"),
    "behind its primary": (412, '{"errors":["required index state not present"]}', {}, "Unavailable", 5, 2, r"\(412, "),
    "performance standby": (473, "{}", {}, "Unavailable", 5, 2, r"\(473, "),
    "internal error": (500, '{"errors":["internal error"]}', {}, "Unavailable", 5, 2, r"\(500, .*Vault's own log"),
    "third party": (502, '{"errors":["upstream"]}', {}, "Unavailable", 5, 2, r"\(502, .*health"),
    "sealed": (503, SEALED, {}, "Unavailable", 5, 2, r"Vault is sealed \(503, .*vault operator unseal"),
    "balancer without Vault": (503, "<html>no backend</html>", {}, "Unavailable", 5, 2, r"load balancer has no Vault behind it \(503, "),
    "redirect to nowhere": (307, "", {}, "Unavailable", 5, 2, r"standby node.*\(307, .*api_addr"),
    "half an answer": (200, '{"data":{"data":{"password":"x', {}, "Malformed", 1, 2, r"not Vault's JSON.*\(200, "),
    "a page": (200, "<html>log in</html>", {}, "Malformed", 1, 2, r"not Vault's JSON.*proxy"),
    "no data": (200, '{"request_id":"q","data":null}', {}, "Malformed", 1, 2, r"no \"data\".*\(200, "),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_error_row(dso, vault, faultproxy, secret, row):
    status, body, headers, cls, rc, tries, text = row
    dso.config(vault_config(vault, address=faultproxy.url, settings="  mount: secret\n  kv_version: 2\n" + QUICK_RETRY))
    faultproxy.fault(match="GET /v1/secret/data/", times=100, status=status, body=body, headers=headers)
    done = failed(dso, secret.name, env={"VAULT_TOKEN": vault.token})
    assert done.rc == rc and re.search(rf"Failed to fetch secret '{secret.name}': {cls}: .*" + text.replace("NAME", secret.name), done.err), done
    asked = [r for r in faultproxy.log() if r["p"].startswith("/v1/secret/data/")]
    assert len(asked) == tries, asked
    assert vault.token not in done.err and "whatever" not in done.err and "log in" not in done.err


def test_connection_and_time_rows(dso, vault, faultproxy, secret):
    """Network and Timeout: asked again, exit code 5, the address in the text."""
    env = {"VAULT_TOKEN": vault.token}
    dso.config(vault_config(vault, address=faultproxy.url, settings="  mount: secret\n  kv_version: 2\n" + QUICK_RETRY))
    faultproxy.fault(match="GET /v1/secret/data/", times=100, drop=True)
    dropped = failed(dso, secret.name, env=env)
    assert dropped.rc == 5 and re.search(r": Network: .*", dropped.err) and faultproxy.url in dropped.err, dropped
    faultproxy.reset()
    dso.config(vault_config(vault, address=faultproxy.url, settings="  mount: secret\n  kv_version: 2\n  timeout: 1s\n  retry: {attempts: 1}\n"))
    faultproxy.fault(match="GET /v1/secret/data/", times=100, delay=4, status=200, body="{}")
    silent = failed(dso, secret.name, env=env)
    assert silent.rc == 5 and ": Timeout: " in silent.err, silent


def test_versions_that_are_gone(dso, vault, secret):
    """Deleted, destroyed and never written: Vault's own answers, with its request id where it gives one."""
    env = {"VAULT_TOKEN": vault.token}
    dso.config(vault_config(vault, settings=QUICK_RETRY))
    never = failed(dso, secret.name, "--version", "9", env=env)
    assert never.rc == 4 and re.search(r": VersionNotFound: there is no version '9' \(404, .*vault kv metadata get", never.err), never
    vault.call("DELETE", f"secret/data/{secret.name}")
    deleted = failed(dso, secret.name, env=env)
    assert deleted.rc == 4 and re.search(r": Deleted: .* \(404, request [0-9a-f-]{36}, as token from VAULT_TOKEN\)\. .*undelete", deleted.err), deleted
    vault.call("PUT", f"secret/destroy/{secret.name}", {"versions": [1]})
    destroyed = failed(dso, secret.name, env=env)
    assert destroyed.rc == 4 and re.search(r": Deleted: .*destroyed.*request ", destroyed.err), destroyed


def test_credentials_that_are_missing_or_refused(dso, vault, secret, world):
    dso.config(vault_config(vault, settings=QUICK_RETRY))
    none = failed(dso, secret.name)
    assert none.rc == 3 and re.search(r": CredentialsUnavailable: .*VAULT_TOKEN", none.err), none
    bad = failed(dso, secret.name, env={"VAULT_TOKEN": "hvs.nonsense"})
    assert bad.rc == 3 and re.search(r": InvalidCredentials: .*expired, revoked.* \(403, as token from VAULT_TOKEN\)", bad.err), bad
    dso.config(vault_config(vault, settings=auth("token", token_file=world.home / "none") + QUICK_RETRY))
    no_file = failed(dso, secret.name)
    assert no_file.rc == 3 and re.search(r": CredentialsUnavailable: cannot read /.*/none", no_file.err), no_file
    dso.config(vault_config(vault, settings=auth("approle", role_id=vault.facts["APPROLE_ROLE_ID"], secret_id="wrong") + QUICK_RETRY))
    wrong = failed(dso, secret.name)
    assert wrong.rc == 3 and re.search(r": InvalidCredentials: .*secret id.* \(400, as approle\)\. Make a new one", wrong.err), wrong
    dso.config(vault_config(vault, settings=auth("approle", role_id="x", mount="nowhere") + QUICK_RETRY))
    nowhere = failed(dso, secret.name)
    assert nowhere.rc == 3 and re.search(r": AccessDenied: .*'auth/nowhere/login'", nowhere.err), nowhere
    dso.config(vault_config(vault, settings=auth("gcp", role="x")))
    gcp = failed(dso, secret.name)
    assert gcp.rc == 1 and re.search(r"InvalidRequest: .*'gcp'.*Vault Agent.*token_file", gcp.err), gcp


# --- auth methods ------------------------------------------------------------------------------------------------------

def test_token_file_and_approle(dso, vault, secret, world):
    dso.config(vault_config(vault, settings=auth("token", token_file=private_file(world, "token", vault.new_token() + "\n"))))
    value, said = fetched(dso, secret.name)
    assert value == secret.value and f"as token from {world.home}/token" in said
    secret_id = private_file(world, "secret-id", vault.facts["APPROLE_SECRET_ID"] + "\n")
    dso.config(vault_config(vault, settings=auth("approle", role_id=vault.facts["APPROLE_ROLE_ID"], secret_id_file=secret_id)))
    value, said = fetched(dso, secret.name)
    assert value == secret.value and "as approle dso" in said


def test_userpass(dso, vault, secret, world):
    user, password = vault.facts["USERPASS"].split(":")
    settings = auth("userpass", username=user, password_file=private_file(world, "password", password + "\n"))
    dso.config(vault_config(vault, settings=settings + QUICK_RETRY))
    value, said = fetched(dso, secret.name)
    assert value == secret.value and f"as userpass {user}" in said
    private_file(world, "password", "wrong")
    wrong = failed(dso, secret.name)
    assert wrong.rc == 3 and re.search(rf": InvalidCredentials: .*password \(400, as userpass {user}\).*lock", wrong.err), wrong


def test_certificate(dso, vault, secret):
    cert = f"  client_cert: {vault.facts['VAULT_CLIENT_CERT']}\n  client_key: {vault.facts['VAULT_CLIENT_KEY']}\n"
    dso.config(vault_config(vault, settings=auth("cert") + cert))
    value, said = fetched(dso, secret.name)
    assert value == secret.value and "as cert dso" in said
    dso.config(vault_config(vault, settings=auth("cert", name="other") + cert))
    other = failed(dso, secret.name)
    assert other.rc == 3 and re.search(r": InvalidCredentials: .*certificate \(400, as cert other\).*auth\.params\.name", other.err), other


@pytest.fixture
def issuer(vault, world):
    """Signs JWTs that an auth mount of this test's own believes."""
    key, mount = world.tmp / "issuer.key", f"jwt-{world.id}"
    world.run(["openssl", "genrsa", "-out", key, "2048"])
    public = world.run(["openssl", "rsa", "-in", key, "-pubout"]).out
    vault.call("POST", f"sys/auth/{mount}", {"type": "jwt"})
    vault.call("POST", f"auth/{mount}/config", {"jwt_validation_pubkeys": [public]})
    vault.call("POST", f"auth/{mount}/role/app", {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["dso"],
                                                 "token_policies": ["dso"], "token_ttl": "60s"})

    class Issuer:
        path = mount

        def jwt(self, begins=-10, ends=300, **claims):
            def encode(data):
                return base64.urlsafe_b64encode(data).rstrip(b"=")
            now = int(time.time())
            body = {"sub": "host1", "aud": "dso", "iat": now + min(begins, ends), "nbf": now + begins, "exp": now + ends, **claims}
            text = encode(b'{"alg":"RS256","typ":"JWT"}') + b"." + encode(json.dumps(body).encode())
            unsigned = world.tmp / "unsigned"
            unsigned.write_bytes(text)
            world.run(["openssl", "dgst", "-sha256", "-sign", key, "-out", world.tmp / "signature", unsigned])
            return (text + b"." + encode((world.tmp / "signature").read_bytes())).decode()

    yield Issuer()
    vault.call("DELETE", f"sys/auth/{mount}")


@pytest.mark.parametrize("method", ["jwt", "kubernetes"])
def test_jwt(dso, vault, secret, world, issuer, method):
    """Kubernetes differs by the mount's name and by who checks the token: the request is the same."""
    file = private_file(world, "jwt", issuer.jwt())
    dso.config(vault_config(vault, settings=auth(method, role="app", jwt_file=file, mount=issuer.path) + QUICK_RETRY))
    value, said = fetched(dso, secret.name)
    assert value == secret.value and f"as {method} app" in said
    for text, expected in ((issuer.jwt(ends=-400, begins=-600), r": InvalidCredentials: the JWT has expired \(400, as METHOD app\).*jwt_file"),
                           (issuer.jwt(begins=280), r": ClockSkew: .*not valid yet.* \(400, as METHOD app\).*NTP"),
                           (issuer.jwt(aud="other"), r": InvalidCredentials: .*audience"),
                           (issuer.jwt()[:-8] + "AAAAAAAA", r": InvalidCredentials: .*signature")):
        private_file(world, "jwt", text)
        done = failed(dso, secret.name)
        assert done.rc == 3 and re.search(expected.replace("METHOD", method), done.err), done
        assert text not in done.err
    private_file(world, "jwt", issuer.jwt())
    dso.config(vault_config(vault, settings=auth(method, role="nobody", jwt_file=file, mount=issuer.path) + QUICK_RETRY))
    done = failed(dso, secret.name)
    assert done.rc == 3 and re.search(rf": InvalidCredentials: .*no such role.*vault list auth/{issuer.path}/role", done.err), done


def test_wrapped_secret_id_and_its_theft(dso, vault, secret, world):
    """Opens once; the second time it is an alarm, not just an error."""
    made_at = "auth/approle/role/dso/secret-id"
    wrapped = vault_wrap(vault, made_at)
    file = private_file(world, "wrapped", wrapped)
    settings = auth("approle", role_id=vault.facts["APPROLE_ROLE_ID"], secret_id_file=file, secret_id_response_wrapping_path=made_at)
    dso.config(vault_config(vault, settings=settings + QUICK_RETRY))
    value, said = fetched(dso, secret.name)
    assert value == secret.value and "SECURITY" not in said
    stolen = failed(dso, secret.name)
    assert stolen.rc == 3 and re.search(r"InvalidCredentials: .*already used.*somebody else", stolen.err), stolen
    assert len(re.findall(r"^ERROR: .*SECURITY: .*may have been stolen", stolen.err, re.M)) == 1, stolen
    # one made elsewhere was exchanged on its way, and is not even opened
    swapped = vault_wrap(vault, "sys/wrapping/wrap")
    private_file(world, "wrapped", swapped)
    done = failed(dso, secret.name)
    assert done.rc == 3 and "SECURITY" in done.err and "'sys/wrapping/wrap'" in done.err, done
    assert vault.call("POST", "sys/wrapping/lookup", {"token": swapped})["data"]["creation_path"] == "sys/wrapping/wrap"
    assert wrapped not in stolen.err and swapped not in done.err


def test_a_wrapping_token_is_called_that(dso, vault, secret, world):
    made_at = "auth/approle/role/dso/secret-id"
    wrapped = vault_wrap(vault, made_at)
    dso.config(vault_config(vault, settings=QUICK_RETRY))
    done = failed(dso, secret.name, env={"VAULT_TOKEN": wrapped})
    assert done.rc == 3 and "A wrapping token is none" in done.err and "vault unwrap" in done.err, done
    wrapped = vault_wrap(vault, made_at)
    dso.config(vault_config(vault, settings=f"  token_file: {private_file(world, 'token', wrapped)}\n" + QUICK_RETRY))
    done = failed(dso, secret.name, env={})
    assert done.rc == 3 and "A wrapping token is none" in done.err and wrapped not in done.err, done
    wrapped = vault_wrap(vault, made_at)  # (Vault takes one for used up by any call)
    file = private_file(world, "wrapped", wrapped)
    dso.config(vault_config(vault, settings=auth("approle", role_id=vault.facts["APPROLE_ROLE_ID"], secret_id_file=file) + QUICK_RETRY))
    done = failed(dso, secret.name)
    assert done.rc == 3 and "the secret id is a token of Vault's: a wrapping token" in done.err, done
    assert "secret_id_response_wrapping_path" in done.err and wrapped not in done.err
    assert vault.call("POST", "sys/wrapping/lookup", {"token": wrapped})["data"]["creation_path"] == made_at, "it is not used up"


def test_the_apis_own_path_and_a_version(dso, vault, secret, canary):
    dso.config(vault_config(vault, settings=QUICK_RETRY))
    env = {"VAULT_TOKEN": vault.token}
    done = failed(dso, f"secret/data/{secret.name}", env=env)
    assert f"Leave out 'data/', which DSO puts in itself: write secret/{secret.name}." in done.err, done
    old, new = secret.value, canary()
    vault.put(secret.name, password=new)
    assert fetched(dso, f"secret/{secret.name}", env=env)[0] == new
    assert fetched(dso, f"secret/{secret.name}?version=1", env=env)[0] == old
    missing = failed(dso, f"secret/{secret.name}?version=9", env=env)
    assert "VersionNotFound" in missing.err, missing


def vault_wrap(vault, path):
    import urllib.request
    request = urllib.request.Request(f"{vault.address}/v1/{path}", method="POST", data=b'{"a":"b"}' if "wrapping" in path else b"{}",
                                     headers={"X-Vault-Token": vault.token, "X-Vault-Wrap-TTL": "60s"})
    with urllib.request.urlopen(request, context=vault._tls, timeout=10) as answer:
        return json.load(answer)["wrap_info"]["token"]


# --- redirects, other engines, leases ----------------------------------------------------------------------------------

def test_standby_node(dso, vault, faultproxy, secret):
    """Its 307 is followed to a node that the config names, and to no other; the login too."""
    login = auth("approle", role_id=vault.facts["APPROLE_ROLE_ID"], secret_id=vault.facts["APPROLE_SECRET_ID"])
    settings = "  mount: secret\n  kv_version: 2\n" + login + QUICK_RETRY

    def standby():
        faultproxy.reset()
        for path in ("/v1/auth/approle/login", f"/v1/secret/data/{secret.name}"):
            faultproxy.fault(match=path, times=100, status=307, headers={"Location": vault.address + path})

    standby()
    dso.config(vault_config(vault, address=faultproxy.url, settings=settings))
    refused = failed(dso, secret.name)
    assert refused.rc == 3 and re.search(rf': AccessDenied: a standby node points to {vault.address}: .*egress: "{vault.address}"', refused.err), refused
    standby()
    dso.config(vault_config(vault, address=faultproxy.url, settings=settings + f'  egress: "{vault.address}"\n'))
    value, said = fetched(dso, secret.name)
    assert value == secret.value and "as approle dso" in said
    assert [(r["s"], r["p"].rpartition("/")[2]) for r in faultproxy.log()][2:] == [(204, "revoke-self")]
    assert [r["s"] for r in faultproxy.log()][:2] == [307, 307]
