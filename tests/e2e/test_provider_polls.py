"""500 secrets of one instance: what the first full fetch and a poll that finds nothing new cost, counted in front of the real Vault
and by the Key Vault peer. The same for AWS: test_provider_aws.py."""
import json
import math

import pytest
from harness.azure import APP, TENANT, KeyVault
from harness.polls import AGENT, AT_ONCE, SECRETS, Watched, in_bulk
from harness.scenario import vault_config
from harness.stores import peer

AKV_PORT = "15046"


def test_500_secrets_of_vault_cost_a_read_each_and_a_quiet_poll_no_value(dso, agent, docker, vault, faultproxy, unique, canary):
    stem, value = unique("polls"), canary()
    names = [f"secret/{stem}/{n:03}" for n in range(SECRETS)]
    in_bulk(vault.address, vault.ca, [("POST", f"/v1/secret/data/{stem}/{n:03}", {"X-Vault-Token": vault.token}, {"data": {f"f{n}": value}})
                                      for n in range(SECRETS)])
    try:
        dso.config(vault_config(vault, address=faultproxy.url, agent=AGENT))
        watched = Watched(dso, agent, docker, faultproxy, names, {"VAULT_TOKEN": vault.token})
        reads = [r for r in watched.first if r["p"].startswith(f"/v1/secret/data/{stem}/")]
        others = sorted(r["p"] for r in watched.first if r not in reads)
        assert len(reads) == SECRETS
        assert others == ["/v1/auth/token/lookup-self", f"/v1/sys/internal/ui/mounts/{names[0]}"], "one look at the token, one at the mount"
        unchanged = watched.polls[-1]
        looks = [r for r in unchanged if r["p"].startswith(f"/v1/secret/metadata/{stem}/")]
        assert len(looks) == SECRETS and len(unchanged) <= SECRETS + 2, {r["p"] for r in unchanged if r not in looks}
        assert 1 < watched.most <= AT_ONCE, watched.most
    finally:
        in_bulk(vault.address, vault.ca, [("DELETE", f"/v1/secret/metadata/{stem}/{n:03}", {"X-Vault-Token": vault.token}, {}) for n in range(SECRETS)])


@pytest.fixture
def akv():
    facts = peer("akv.sh", "start", AKV_PORT)
    yield KeyVault(facts["AZURE_VAULT_URL"], facts["AZURE_CA_BUNDLE"])
    peer("akv.sh", "stop", AKV_PORT)


def test_500_secrets_of_key_vault_cost_a_read_each_and_a_quiet_poll_twenty_pages(dso, agent, docker, akv, canary):
    names, value = [f"polls-{n:03}" for n in range(SECRETS)], canary()
    login = {"Authorization": "Bearer " + akv.token(), "Content-Type": "application/json"}
    in_bulk(akv.url, akv.ca, [("PUT", f"/secrets/{name}?api-version=7.4", login, {"value": json.dumps({f"f{n}": value})}) for n, name in enumerate(names)])
    akv.control("skew", seconds=30)  # what was written moments ago would be read twice
    dso.config(f"provider: azure\nconfig:\n  address: {akv.url}\n  ca_file: {akv.ca}\n  verify_challenge_resource: false\n{AGENT}")
    env = {"AZURE_AUTHORITY_HOST": akv.url, "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": APP, "AZURE_CLIENT_SECRET": "peer-client-secret"}
    watched = Watched(dso, agent, docker, akv, names, env)
    assert sum(r["p"].startswith("/secrets/polls-") for r in watched.first) == SECRETS + 1, "and the one that asks who may log in where"
    unchanged = watched.polls[-1]
    assert all(r["p"].startswith("/secrets?") for r in unchanged), [r["p"] for r in unchanged][:30]
    assert len(unchanged) == math.ceil(SECRETS / 25)
    assert watched.most <= AT_ONCE
