"""The official SDKs as oracles, asked for the same secrets at the same peers: the same value and version, and where they throw, the
class that DSO's table has for what they throw. What boto3 reads and which keys it finds: test_provider_aws.py."""
import json
import subprocess

import pytest
from harness.azure import APP, TENANT, KeyVault
from harness.stores import peer

AKV_PORT = "15045"

ASK = """
import json, sys
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient
q = json.load(sys.stdin)
credential = ClientSecretCredential(q["tenant"], q["client"], q["secret"], authority=q["authority"], disable_instance_discovery=True)
client = SecretClient(q["vault"], credential, retry_total=0, **({} if q["verify"] else {"verify_challenge_resource": False}))
out = []
for name, version in q["secrets"]:
    try:
        s = client.get_secret(name, version)
        out.append({"value": s.value, "version": s.properties.version})
    except Exception as e:
        error = getattr(e, "error", None)
        inner = (getattr(error, "innererror", None) or {}).get("code")
        out.append({"type": type(e).__name__, "code": inner or getattr(error, "code", None), "status": getattr(e, "status_code", None), "text": str(e)})
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def akv():
    facts = peer("akv.sh", "start", AKV_PORT)
    yield KeyVault(facts["AZURE_VAULT_URL"], facts["AZURE_CA_BUNDLE"])
    peer("akv.sh", "stop", AKV_PORT)


@pytest.fixture(scope="module")
def azure_sdk(akv):
    """azure_sdk([(name, version)], secret=…) → what Azure's SDK for Python says of each."""
    python = peer("akv.sh", "sdk")["AZURE_SDK_PYTHON"]

    def ask(secrets, secret="peer-client-secret", verify=False):
        question = {"tenant": TENANT, "client": APP, "secret": secret, "authority": akv.url, "vault": akv.url, "verify": verify, "secrets": secrets}
        done = subprocess.run([python, "-c", ASK], input=json.dumps(question).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              env={"REQUESTS_CA_BUNDLE": akv.ca, "PATH": "/usr/bin:/bin"}, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)
    return ask


@pytest.fixture
def fetch(dso, akv):
    """fetch(name, version, secret=…) → what `dso fetch` says."""
    def ask(name, version=None, secret="peer-client-secret", verify=False):
        dso.config(f"providers:\n  kv:\n    type: azure\n    address: {akv.url}\n    ca_file: {akv.ca}\n    retry: {{attempts: 1}}\n"
                   f"    verify_challenge_resource: {str(verify).lower()}\n")
        env = {"AZURE_AUTHORITY_HOST": akv.url, "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": APP, "AZURE_CLIENT_SECRET": secret}
        return dso("fetch", name, "-p", "kv", "--format", "json", "--reveal", *(("--version", version) if version else ()), env=env, check=False)
    return ask


def class_of(done):
    return json.loads(done.err)["error"]["class"]


def test_key_vaults_values_and_versions(fetch, akv, azure_sdk):
    texts = ["plain", " blanks \n", "é€\U0001f600", json.dumps({"a": "b", "n": 1}), "x" * 20000]
    versions = [akv.put(f"oracle-{i}", text) for i, text in enumerate(texts)]
    akv.put("oracle-0", "newer")
    questions = [(f"oracle-{i}", None) for i in range(len(texts))] + [("oracle-0", versions[0])]
    for (name, version), theirs in zip(questions, azure_sdk(questions)):
        ours = json.loads(fetch(name, version).out)
        assert ours["version"] == theirs["version"]
        expected = json.loads(theirs["value"]) if theirs["value"].startswith("{") else {"value": theirs["value"]}
        assert ours["fields"] == {k: v if isinstance(v, str) else json.dumps(v) for k, v in expected.items()}
    assert json.loads(fetch("oracle-0").out)["fields"] == {"value": "newer"}


# what the SDK throws, its code, and our class; a deleted secret is a missing one to the SDK, we look whether it can be had back
ERRORS = {
    "missing": ("ResourceNotFoundError", "SecretNotFound", 404, "NotFound"),
    "no such version": ("ResourceNotFoundError", "SecretNotFound", 404, "VersionNotFound"),
    "disabled": ("HttpResponseError", "SecretDisabled", 403, "Disabled"),
    "deleted": ("ResourceNotFoundError", "SecretNotFound", 404, "Deleted"),
}


def test_key_vaults_errors(fetch, akv, azure_sdk):
    questions = {"missing": ("oracle-none", None), "no such version": ("oracle-there", "0" * 32), "disabled": ("oracle-off", None),
                 "deleted": ("oracle-gone", None)}
    for name in ("oracle-there", "oracle-off", "oracle-gone"):
        akv.put(name, "x")
    akv.ask("PATCH", "/secrets/oracle-off", {"attributes": {"enabled": False}})
    akv.ask("DELETE", "/secrets/oracle-gone")
    for (what, question), theirs in zip(questions.items(), azure_sdk(list(questions.values()))):
        kind, code, status, ours = ERRORS[what]
        assert (theirs["type"], theirs["code"], theirs["status"]) == (kind, code, status), (what, theirs)
        done = fetch(*question)
        assert class_of(done) == ours and code in done.err, (what, done)


def test_key_vaults_refusals(fetch, akv, azure_sdk):
    akv.put("oracle-mine", "x")
    akv.control("policy", oid=APP, allow=["list"])
    try:
        theirs, = azure_sdk([("oracle-mine", None)])
        assert (theirs["type"], theirs["code"], theirs["status"]) == ("HttpResponseError", "ForbiddenByRbac", 403), theirs
        done = fetch("oracle-mine")
        assert class_of(done) == "AccessDenied" and "ForbiddenByRbac" in done.err, done
    finally:
        akv.control("policy", oid=APP, allow=["get", "list", "set", "delete", "get_deleted"])
    theirs, = azure_sdk([("oracle-mine", None)], secret="wrong")
    assert theirs["type"] == "ClientAuthenticationError" and "AADSTS7000215" in theirs["text"], theirs
    done = fetch("oracle-mine", secret="wrong")
    assert class_of(done) == "InvalidCredentials" and "AADSTS7000215" in done.err, done
    # neither gives a token to a vault that names another's resource, unless told to
    theirs, = azure_sdk([("oracle-mine", None)], verify=True)
    assert theirs["type"] == "ValueError" and "does not match the requested domain" in theirs["text"], theirs
    done = fetch("oracle-mine", verify=True)
    assert class_of(done) == "InvalidRequest" and "verify_challenge_resource" in done.err, done
