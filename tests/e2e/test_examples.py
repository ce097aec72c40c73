"""Every folder of examples/ with a README, done as the README says, with the folder's own files. From outside come where the store is
and who asks it, as a reader's machine would have them, and the store's command line tool, done by the peer's administrator."""
import json

import pytest
from harness import places
from harness.aws import Moto
from harness.azure import KeyVault
from harness.page import Page
from harness.page_blocks import run_page, runnable, where
from harness.stores import peer
from harness.vault_tool import VaultTool

EXAMPLES = sorted(p for p in (places.ROOT / "examples").glob("*/README.md") if runnable(p))
MOTO_PORT, AKV_PORT = "15051", "15053"


def options(args):
    return {a: args[i + 1] for i, a in enumerate(args) if a.startswith("--")}


def of_file(folder, name):
    return (folder / name.removeprefix("file://")).read_text()


@pytest.fixture
def aws(world):
    moto = Moto(peer("moto.sh", "start", MOTO_PORT))
    # its actions; this account knows no single secrets
    policy = json.loads((places.ROOT / "examples" / "aws" / "policy.json").read_text())
    key, secret = moto.user("dso", *({"Action": s["Action"], "Resource": "*"} for s in policy["Statement"]))

    def tool(folder, _data, service, call, *args):
        given = options(args)
        assert service == "secretsmanager", service
        value = of_file(folder, given["--secret-string"])
        if call == "create-secret":
            return json.dumps({"ARN": moto.create(given["--name"], value)["ARN"]}) + "\n"
        assert call == "put-secret-value", call
        return json.dumps({"VersionId": moto.put(given["--secret-id"], value)}) + "\n"

    moto.checks(True)
    yield {"tools": {"aws": tool}, "env": {"AWS_ENDPOINT_URL": moto.url, "AWS_CA_BUNDLE": moto.ca, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}}
    peer("moto.sh", "stop", MOTO_PORT)


@pytest.fixture
def azure(world):
    facts = peer("akv.sh", "start", AKV_PORT)
    store = KeyVault(facts["AZURE_VAULT_URL"], facts["AZURE_CA_BUNDLE"])

    def tool(folder, _data, *args):
        assert args[:3] == ("keyvault", "secret", "set") and "--vault-name" in args, args
        given = options(args)
        return store.put(given["--name"], of_file(folder, given["--file"])) + "\n"

    # a reader's vault has a name below vault.azure.net, which the challenge names; this one has not
    own = {"https://my-vault.vault.azure.net": f"{store.url}\n    verify_challenge_resource: false"}
    env = {k: v for k, v in facts.items() if k in ("AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")}
    yield {"tools": {"az": tool}, "env": {**env, "SSL_CERT_FILE": store.ca}, "own": own}
    peer("akv.sh", "stop", AKV_PORT)


@pytest.fixture
def vault_example(world, vault):
    return {"tools": {"vault": VaultTool(vault, f"example-{world.id}")}, "env": {"VAULT_ADDR": vault.address, "VAULT_CACERT": vault.ca}}


STORES = {"aws": "aws", "azure": "azure", "vault": "vault_example"}


@pytest.mark.parametrize("readme", EXAMPLES, ids=where)
def test_example(readme, world, docker, agent, request):
    folder = readme.parent
    given = dict(request.getfixturevalue(STORES[folder.name])) if folder.name in STORES else {}
    own = given.pop("own", {})
    files = [f for f in folder.iterdir() if f != readme]
    page = Page(world, docker, agent, runnable(readme) + "".join(f.read_text() for f in files), project=folder.name, **given)
    for file in files:
        text = page.here(file.read_text())
        for theirs, ours in own.items():
            text = text.replace(theirs, ours)
        (world.work / file.name).write_text(text)
    try:
        run_page(page, readme)
    finally:
        page.close()


def test_each_store_has_its_example():
    assert {p.parent.name for p in EXAMPLES} >= {"local", "aws", "azure", "vault"}
