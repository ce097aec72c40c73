"""The Key Vault provider through `dso fetch` and the agent, against akv.py and imds.py over TLS: every auth method, the rows of the
error table with class, exit code, tries, and a text that names the secret, Azure's code and request id, the identity and the
next step."""
import base64
import json
import re
import subprocess
import time
import uuid

import pytest
from harness.azure import APP, TENANT, KeyVault, Peer
from harness.scenario import run, shows
from harness.stores import peer

AKV_PORT, EMPTY_AKV_PORT, IMDS_PORT = "15043", "15044", "15042"
SHOW_FILE = ("-e", "SHOW_FILE=/run/secrets/password")
SIGNAL = {"dso.strategy": "signal", "dso.signal": "SIGHUP"}
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"


@pytest.fixture(scope="module")
def akv_server():
    facts = peer("akv.sh", "start", AKV_PORT)
    yield KeyVault(facts["AZURE_VAULT_URL"], facts["AZURE_CA_BUNDLE"])
    peer("akv.sh", "stop", AKV_PORT)


@pytest.fixture
def akv(akv_server):
    yield akv_server
    akv_server.control("reset")
    akv_server.control("skew", seconds=0)
    akv_server.control("policy", oid=APP, allow=["get", "list", "set", "delete", "get_deleted"])


@pytest.fixture
def empty_akv():
    """Another one, without the other tests' secrets."""
    facts = peer("akv.sh", "start", EMPTY_AKV_PORT)
    yield KeyVault(facts["AZURE_VAULT_URL"], facts["AZURE_CA_BUNDLE"])
    peer("akv.sh", "stop", EMPTY_AKV_PORT)


@pytest.fixture(scope="module")
def imds_server():
    facts = peer("imds.sh", "start", IMDS_PORT)
    server = Peer(facts["AZURE_POD_IDENTITY_AUTHORITY_HOST"])
    server.facts = facts
    yield server
    peer("imds.sh", "stop", IMDS_PORT)


@pytest.fixture
def imds(imds_server):
    yield imds_server
    imds_server.control("reset")


@pytest.fixture
def secret(akv, canary):
    class Secret:
        name, value = "e2e-" + uuid.uuid4().hex[:12], canary()

    s = Secret()
    s.version = akv.put(s.name, {"password": s.value})
    akv.control("reset")  # the log holds what the provider does, not the administrator's own login
    return s


def private_file(world, name, text):
    path = world.home / name
    path.write_text(text)
    path.chmod(0o600)
    return path


CLIENT_SECRET = {"method": "client_secret", "tenant_id": TENANT, "client_id": APP}
NO_RETRY, QUICK_RETRY = "{attempts: 1}", "{attempts: 3, backoff: 10ms}"


def config(dso, akv, auth=None, *, retry=NO_RETRY, address=None, ca=None, more="", agent=""):
    """dso.yaml with one instance; `auth` is its parameters with `method` among them, None: nothing but the environment."""
    auth = dict(auth) if auth else None
    if auth and auth["method"] == "client_secret":
        auth.setdefault("client_secret_file", private_file(dso.world, "client-secret", "peer-client-secret\n"))
    method = f"method: {auth.pop('method')}, " if auth else ""
    params = ", ".join(f"{k}: {json.dumps(str(v))}" for k, v in (auth or {}).items())
    dso.config(f"providers:\n  kv:\n    type: azure\n    address: {address or akv.url}\n    ca_file: {ca or akv.ca}\n"
               f"    verify_challenge_resource: false\n    retry: {retry}\n{more}"
               + (f"    auth: {{{method}params: {{{params}}}}}\n" if auth is not None else "") + agent)


def env(akv, **more):
    return {"AZURE_AUTHORITY_HOST": akv.url, **more}


def fetched(dso, name, akv, *args, **more):
    done = dso("fetch", name, "-p", "kv", "--field", "password", "--reveal", *args, env=env(akv, **more))
    return done.out.strip(), done.err


def failed(dso, name, akv, *args, **more):
    done = dso("fetch", name, "-p", "kv", *args, env=env(akv, **more), check=False)
    assert done.out == "" and f"'{name}'" in done.err and "peer-client-secret" not in done.err, done
    return done


# --- auth methods ------------------------------------------------------------------------------------------------------

def test_client_secret_from_a_file(dso, akv, secret):
    config(dso, akv, CLIENT_SECRET)
    assert fetched(dso, secret.name, akv)[0] == secret.value
    # by its version, and JSON fields; the identity is said
    done = dso("fetch", secret.name, "-p", "kv", "--version", secret.version, env=env(akv))
    assert secret.version in done.out + done.err and secret.value not in done.out
    assert f"app {APP} (client secret)" in done.out + done.err


def test_client_secret_from_the_environment(dso, akv, secret):
    config(dso, akv)
    value, _ = fetched(dso, secret.name, akv, AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_SECRET="peer-client-secret")
    assert value == secret.value


def test_a_text_is_the_field_value(dso, akv, canary):
    name, value = "e2e-" + uuid.uuid4().hex[:12], canary()
    akv.put(name, value)
    config(dso, akv, CLIENT_SECRET)
    assert dso("fetch", name, "-p", "kv", "--field", "value", "--reveal", env=env(akv)).out.strip() == value


def new_certificate(world, name):
    """A self-signed certificate and its key, both in one PEM file, and the certificate's text."""
    key, cert = world.home / f"{name}.key", world.home / f"{name}.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return private_file(world, f"{name}.pem", key.read_text() + cert.read_text()), cert.read_text()


@pytest.fixture
def certificate(world):
    return new_certificate(world, "app")


def test_client_certificate(dso, akv, secret, certificate):
    path, pem = certificate
    app = akv.app(cert_pem=pem)
    auth = {"method": "client_certificate", "tenant_id": TENANT, "client_id": app, "client_certificate_file": path}
    config(dso, akv, auth)
    assert fetched(dso, secret.name, akv)[0] == secret.value
    # a clock ten minutes off is corrected once
    akv.control("skew", seconds=900)
    assert fetched(dso, secret.name, akv)[0] == secret.value
    akv.control("skew", seconds=0)
    # another application's certificate
    other = akv.app(cert_pem=new_certificate(dso.world, "other")[1])
    config(dso, akv, {**auth, "client_id": other})
    done = failed(dso, secret.name, akv)
    assert done.rc == 3 and re.search(rf"InvalidCredentials: .*AADSTS700027, request {UUID}, as app {other} \(certificate\)\)\. Register", done.err), done


def test_workload_identity(dso, akv, secret):
    app = akv.app(federated=True)

    def token(aud="api://AzureADTokenExchange", exp=600):
        def part(what):
            return base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")
        return f"{part({'alg': 'RS256'})}.{part({'aud': aud, 'exp': int(time.time()) + exp})}.c2ln"

    path = private_file(dso.world, "federated", token())
    config(dso, akv)
    variables = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": app, "AZURE_FEDERATED_TOKEN_FILE": path}
    value, err = fetched(dso, secret.name, akv, **variables)
    assert value == secret.value
    path.write_text(token(exp=-60))
    done = failed(dso, secret.name, akv, **variables)
    assert done.rc == 3 and "InvalidCredentials" in done.err and "AADSTS700024" in done.err and str(path) in done.err, done
    path.write_text(token(aud="else"))
    done = failed(dso, secret.name, akv, **variables)
    assert done.rc == 3 and "AADSTS700212" in done.err and f"app {app} (workload identity)" in done.err, done


def test_managed_identity_of_a_vm(dso, akv, imds, secret):
    config(dso, akv, {"method": "managed_identity"})
    assert fetched(dso, secret.name, akv, AZURE_POD_IDENTITY_AUTHORITY_HOST=imds.url)[0] == secret.value
    # in the default chain too, and one that the machine does not have
    config(dso, akv)
    assert fetched(dso, secret.name, akv, AZURE_POD_IDENTITY_AUTHORITY_HOST=imds.url)[0] == secret.value
    config(dso, akv, {"method": "managed_identity", "managed_identity_client_id": APP})
    done = failed(dso, secret.name, akv, AZURE_POD_IDENTITY_AUTHORITY_HOST=imds.url)
    assert done.rc == 3 and re.search(rf"CredentialsUnavailable: .*no identity {APP} \(.*as managed identity {APP} \(VM\)\)\. Assign one", done.err), done


def test_managed_identity_of_app_service(dso, akv, imds, secret):
    config(dso, akv, {"method": "managed_identity"})
    variables = {"IDENTITY_ENDPOINT": imds.facts["APPSERVICE_IDENTITY_ENDPOINT"], "IDENTITY_HEADER": imds.facts["APPSERVICE_IDENTITY_HEADER"]}
    assert fetched(dso, secret.name, akv, **variables)[0] == secret.value
    done = failed(dso, secret.name, akv, **{**variables, "IDENTITY_HEADER": "wrong"})
    assert done.rc == 3 and "CredentialsUnavailable" in done.err and "wrong" not in done.err, done


def test_managed_identity_of_arc(dso, akv, imds, secret):
    """The agent's key folder is the peer's: named by the setting."""
    variables = {"IDENTITY_ENDPOINT": imds.facts["ARC_IDENTITY_ENDPOINT"], "IMDS_ENDPOINT": imds.url}
    config(dso, akv, {"method": "managed_identity", "arc_key_dir": "/nowhere"})
    done = failed(dso, secret.name, akv, **variables)
    assert done.rc == 3 and "CredentialsUnavailable" in done.err and "no key in /nowhere" in done.err, done
    config(dso, akv, {"method": "managed_identity", "arc_key_dir": imds.facts["ARC_KEY_DIR"]})
    assert fetched(dso, secret.name, akv, **variables)[0] == secret.value


def test_vms_metadata_service_that_starts(dso, akv, imds, secret):
    """404 and 410 mean: not yet."""
    config(dso, akv, {"method": "managed_identity"}, retry=QUICK_RETRY)
    for status in (404, 410):
        imds.fault("GET /metadata/identity.*resource", status, times=2)
        assert fetched(dso, secret.name, akv, AZURE_POD_IDENTITY_AUTHORITY_HOST=imds.url)[0] == secret.value
    config(dso, akv, {"method": "managed_identity"})
    imds.fault("GET /metadata/identity.*resource", 410, times=9)
    done = failed(dso, secret.name, akv, AZURE_POD_IDENTITY_AUTHORITY_HOST=imds.url)
    assert done.rc == 5 and "Unavailable" in done.err and "(410" in done.err, done


def test_no_credential_at_all(dso, akv, secret):
    config(dso, akv)
    done = failed(dso, secret.name, akv, AZURE_POD_IDENTITY_AUTHORITY_HOST="http://127.0.0.1:1")
    assert done.rc == 3 and "CredentialsUnavailable" in done.err, done
    for looked in ("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "no managed identity endpoint"):
        assert looked in done.err, done


# --- the error table ---------------------------------------------------------------------------------------------------

def error(code, inner=None):
    return json.dumps({"error": {"code": code, "message": "m", **({"innererror": {"code": inner}} if inner else {})}})


AS = rf"request REQ-1, as app {APP} \(client secret\)"
ROLE = r'Give it the role "Key Vault Secrets User" on vault \'localhost\''
ROWS = {  # status, body: class, exit code, tries, what the text says
    "no role": (403, error("Forbidden", "ForbiddenByRbac"), "AccessDenied", 3, 1, rf"\(ForbiddenByRbac, {AS}\)\. {ROLE}"),
    "no policy": (403, error("Forbidden", "ForbiddenByPolicy"), "AccessDenied", 3, 1, rf"\(ForbiddenByPolicy, {AS}\)\. .*az keyvault set-policy"),
    "firewall": (403, error("Forbidden", "ForbiddenByFirewall"), "AccessDenied", 3, 1, rf"firewall of vault.*\(ForbiddenByFirewall, {AS}\).*network-rule add"),
    "disabled": (403, error("Forbidden", "SecretDisabled"), "Disabled", 4, 1, rf"\(SecretDisabled, {AS}\)\. Enable it"),
    "deleted": (409, error("Conflict", "ObjectIsDeletedButRecoverable"), "Deleted", 4, 1, rf"\(ObjectIsDeletedButRecoverable, {AS}\)\. Recover it"),
    "bad request": (400, error("BadParameter"), "InvalidRequest", 1, 1, rf"\(BadParameter, {AS}\)\. Check the secret's name"),
    "throttled": (429, error("Throttled"), "Throttled", 5, 3, rf"\(Throttled, {AS}\)\. Raise agent.watch.polling_interval"),
    "internal error": (500, error("InternalError"), "Unavailable", 5, 3, rf"\(InternalError, {AS}\)"),
    "not available": (503, "<html>busy</html>", "Unavailable", 5, 3, rf"answered 503 \(503, {AS}\)"),
    "a page": (200, "<html>log in</html>", "Malformed", 1, 2, "not Key Vault's JSON.*proxy"),
    "another secret": (200, json.dumps({"id": "https://localhost/secrets/other/v", "value": "x"}), "Malformed", 1, 2, "not this secret's"),
}


@pytest.mark.parametrize("row", ROWS)
def test_error_table(dso, akv, secret, row):
    status, body, cls, rc, tries, text = ROWS[row]
    config(dso, akv, CLIENT_SECRET, retry=QUICK_RETRY)
    akv.fault(f"GET /secrets/{secret.name}", status, body, {"x-ms-request-id": "REQ-1", "Retry-After": "0"}, times=9)
    done = failed(dso, secret.name, akv)
    assert done.rc == rc and re.search(rf"'{secret.name}': {cls}: .*{text}", done.err), done
    assert akv.reads(secret.name) == tries, akv.log()


def test_real_states_of_secrets(dso, akv, secret):
    """As the store itself answers, not as faults: nothing there, no such version, disabled, deleted, not allowed."""
    config(dso, akv, CLIENT_SECRET)
    done = failed(dso, secret.name + "x", akv)
    assert done.rc == 4 and re.search(rf"NotFound: .*\(SecretNotFound, request {UUID}, as app {APP}", done.err), done
    done = failed(dso, secret.name, akv, "--version", "0" * 32)
    assert done.rc == 4 and "VersionNotFound" in done.err and "list-versions" in done.err, done
    done = failed(dso, "my/app", akv)
    assert done.rc == 1 and "InvalidRequest" in done.err and "myapp-db" in done.err, done
    akv.control("policy", oid=APP, allow=["list"])
    done = failed(dso, secret.name, akv)
    assert done.rc == 3 and re.search(rf"AccessDenied: .*\(ForbiddenByRbac, request {UUID}, as app {APP}.*{ROLE}.*--assignee {APP}", done.err), done
    akv.control("policy", oid=APP, allow=["get", "list", "set", "delete", "get_deleted"])
    akv.ask("PATCH", f"/secrets/{secret.name}", {"attributes": {"enabled": False}})
    done = failed(dso, secret.name, akv)
    assert done.rc == 4 and "Disabled" in done.err and "set-attributes --enabled true" in done.err, done
    akv.ask("DELETE", f"/secrets/{secret.name}")
    done = failed(dso, secret.name, akv)
    assert done.rc == 4 and re.search(rf"Deleted: .*{UUID}.*az keyvault secret recover", done.err), done


@pytest.mark.parametrize("code,client,tenant,text", [
    ("7000215", {"secret": "other"}, TENANT, "does not accept the client secret.*client-secret"),
    ("700016", None, TENANT, "no such application.*client_id and tenant_id"),
    ("90002", {"secret": "other"}, "11111111-2222-3333-4444-555555555555", "no such tenant.*tenant_id"),
])
def test_refused_logins(dso, akv, secret, code, client, tenant, text):
    app = akv.app(**client) if client else str(uuid.uuid4())
    config(dso, akv, {"method": "client_secret", "tenant_id": tenant, "client_id": app}, retry=QUICK_RETRY)
    done = failed(dso, secret.name, akv)
    assert done.rc == 3, done
    assert re.search(rf"InvalidCredentials: .*\(AADSTS{code}, request {UUID}, as app {app} \(client secret\)\)", done.err), done
    assert re.search(text, done.err), done
    assert sum("oauth2" in e["p"] for e in akv.log()) == 1, akv.log()


def test_logins_that_are_not_answered_now(dso, akv, secret):
    config(dso, akv, CLIENT_SECRET, retry=QUICK_RETRY)
    for status, cls in ((429, "Throttled"), (503, "Unavailable")):
        akv.fault("POST .*oauth2", status, "{}", {"Retry-After": "0"}, times=3)
        done = failed(dso, secret.name, akv)
        assert done.rc == 5 and cls in done.err and "Entra ID" in done.err, done
    akv.fault("POST .*oauth2", 503, "{}", times=2)
    assert fetched(dso, secret.name, akv)[0] == secret.value


def test_a_token_that_no_login_cures(dso, akv, secret):
    """401 whatever token comes: one new login, then the class and the vault's code."""
    config(dso, akv, CLIENT_SECRET)
    akv.fault(f"GET /secrets/{secret.name}", 401, json.dumps({"error": {"code": "Unauthorized", "message": "AKV10032: Invalid issuer."}}),
              {"WWW-Authenticate": f'Bearer authorization="{akv.url}/{TENANT}", resource="https://vault.azure.net"', "x-ms-request-id": "REQ-1"}, times=2)
    done = failed(dso, secret.name, akv)
    assert done.rc == 3 and re.search(rf"InvalidCredentials: .*\(AKV10032, {AS}\)\. .*tenant", done.err), done
    assert sum("oauth2" in e["p"] for e in akv.log()) == 2, akv.log()


def test_clock_that_is_wrong(dso, akv, secret, certificate):
    """Entra says that the assertion is not of its time, and its clock is far from ours: corrected once, then ClockSkew."""
    path, pem = certificate
    app = akv.app(cert_pem=pem)
    config(dso, akv, {"method": "client_certificate", "tenant_id": TENANT, "client_id": app, "client_certificate_file": path})
    akv.control("skew", seconds=3600)
    akv.fault("POST .*oauth2", 401, json.dumps({"error": "invalid_client", "error_codes": [700024]}), {"x-ms-request-id": "REQ-1"}, times=2)
    done = failed(dso, secret.name, akv)
    assert done.rc == 3 and re.search(r"ClockSkew: .*60 minutes behind.*\(AADSTS700024, request REQ-1, as app .*time synchronisation", done.err), done


def test_network_and_tls(dso, akv, secret, tmp_path):
    config(dso, akv, CLIENT_SECRET, address="https://localhost:1")
    done = failed(dso, secret.name, akv)
    assert done.rc == 5 and "Network" in done.err and "https://localhost:1" in done.err, done
    pem = tmp_path / "other.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=other",
                    "-keyout", tmp_path / "other.key", "-out", pem], check=True, capture_output=True)
    config(dso, akv, CLIENT_SECRET, ca=pem)
    done = failed(dso, secret.name, akv)
    assert done.rc == 5 and "TlsError" in done.err and "ca_file" in done.err, done
    config(dso, akv, CLIENT_SECRET, retry=QUICK_RETRY)
    akv.fault(f"GET /secrets/{secret.name}", 200, drop=True, times=9)
    done = failed(dso, secret.name, akv)
    assert done.rc == 5 and "Network" in done.err, done


def test_challenge_for_another_resource(dso, akv, secret):
    """By default a vault that does not lie below the resource that it names gets no token: nobody logs in."""
    config(dso, akv, CLIENT_SECRET)
    path = dso.world.work / "dso.yaml"
    path.write_text(path.read_text().replace("verify_challenge_resource: false", "verify_challenge_resource: true"))
    done = failed(dso, secret.name, akv)
    assert done.rc == 1 and "InvalidRequest" in done.err and "'vault.azure.net'" in done.err and "verify_challenge_resource: false" in done.err, done
    assert not [e for e in akv.log() if "oauth2" in e["p"]], akv.log()


# --- the agent ---------------------------------------------------------------------------------------------------------

FAST = "agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"


def test_a_change_reaches_the_container(dso, agent, docker, akv, secret, canary):
    """Twice within moments, so that the second write may bear the first one's second; and after a revoked token."""
    config(dso, akv, CLIENT_SECRET, agent=FAST)
    c = run(dso, docker, secret=secret.name, labels=SIGNAL, options=SHOW_FILE, env=env(akv))
    shows(c, secret.value)
    agent(env=env(akv))
    for revoke in (False, False, True):
        new = canary()
        if revoke:
            akv.control("revoke")
        akv.put(secret.name, {"password": new})
        shows(c, new, 30)


def test_a_quiet_poll_costs_a_page(dso, agent, docker, empty_akv, canary):
    """Two secrets: the list's one page a poll, and none is read."""
    akv = empty_akv
    names = [f"e2e-{uuid.uuid4().hex[:12]}" for _ in range(2)]
    for name in names:
        akv.put(name, {"password": canary()})
    config(dso, akv, CLIENT_SECRET, agent=FAST)
    c = [run(dso, docker, secret=n, labels=SIGNAL, options=SHOW_FILE, env=env(akv)) for n in names]
    agent(env=env(akv))
    assert len(c) == 2

    def pages():
        return [e for e in akv.log() if e["p"].startswith("/secrets?")]

    end = time.monotonic() + 40
    while True:  # until the writes have settled and a whole poll went by without a read
        akv.control("reset")
        while len(pages()) < 2 and time.monotonic() < end:
            time.sleep(0.1)
        if not any(akv.reads(n) for n in names) or time.monotonic() > end:
            break
    assert pages() and not any(akv.reads(n) for n in names), akv.log()
