"""What the network may do below HTTP to a fetch from each of the three stores: the class, the exit code, whether it is asked
again, and a text that names the secret, the address and what to do. Faults of the stores themselves: test_provider_*.py."""
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.azure import APP, TENANT
from harness.bad_store import BadStore
from harness.places import PEER_STATE
from harness.stores import peer

ROWS = {  # class, exit code, tries, what the text says
    "reset": ("Network", 5, 2, r"reset by peer"),
    "cut off": ("Network", 5, 2, r"closed in the middle|cut"),
    "trickle": ("Timeout", 5, None, r"raise `timeout` of 'it'"),
    "silent": ("Timeout", 5, None, r"raise `timeout` of 'it'"),
    "no such name": ("Network", 5, None, r"(?i)resolve no-such-host\.invalid.*DNS"),
    "other CA": ("TlsError", 5, 1, r"unknown CA.*ca_file"),
    "other name": ("TlsError", 5, 1, r"other\.example"),
    "expired": ("TlsError", 5, 1, r"expired"),
}
STORES = {  # the instance's settings, and the environment
    "vault": ("address: {}\n    mount: secret\n    kv_version: 2", {"VAULT_TOKEN": "hvs.of-nobody"}),
    "aws": ("endpoint: {}\n    region: us-east-1", {"AWS_ACCESS_KEY_ID": "AKIAOFNOBODY", "AWS_SECRET_ACCESS_KEY": "key-of-nobody"}),
    "azure": ("address: {}\n    verify_challenge_resource: false",
              {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": APP, "AZURE_CLIENT_SECRET": "secret-of-nobody"}),
}


@pytest.fixture(scope="module", autouse=True)
def test_ca():
    """Made by whichever peer starts first."""
    peer("vault.sh", "start")


@pytest.mark.parametrize("how", ROWS)
def test_network_fault(dso, tmp_path, how):
    cls, rc, tries, text = ROWS[how]
    servers = {kind: None if how == "no such name" else BadStore(how, folder_of(tmp_path, kind)) for kind in STORES}

    def fetch(kind):
        settings, env = STORES[kind]
        address = servers[kind].address if servers[kind] else "https://no-such-host.invalid:443"
        folder = folder_of(dso.world.work, kind)
        (folder / "dso.yaml").write_text(f"providers:\n  it:\n    type: {kind}\n    {settings.format(address)}\n    ca_file: {PEER_STATE}/tls/ca.pem\n"
                                         "    timeout: 1s\n    retry: {attempts: 2, backoff: 10ms}\n")
        return kind, address, dso("fetch", "my-secret", "-p", "it", env=env, cwd=folder, check=False)

    try:
        with ThreadPoolExecutor(len(STORES)) as pool:
            done = list(pool.map(fetch, STORES))
    finally:
        for server in servers.values():
            if server:
                server.close()
    for kind, address, r in done:
        host = address.removeprefix("https://")
        assert r.rc == rc and re.search(rf"Failed to fetch secret 'my-secret': {cls}: ", r.err), (kind, r)
        assert re.search(text, r.err), (kind, text, r)
        assert host in r.err or host.split(":")[0] in r.err, (kind, r)
        assert r.err.rstrip().endswith(".") and not re.search("of-nobody", r.err + r.out), (kind, r)
        if tries:
            assert servers[kind].tries == tries, (kind, servers[kind].tries, r)


def test_timeout_is_for_all_tries_together(dso, tmp_path):
    """Whoever asks waits for `timeout`, not for as many of it as there are tries: the engine's patience with the plugin socket is not long."""
    server = BadStore("trickle", folder_of(tmp_path, "vault"))
    settings, env = STORES["vault"]
    dso.config(f"providers:\n  it:\n    type: vault\n    {settings.format(server.address)}\n    ca_file: {PEER_STATE}/tls/ca.pem\n"
               "    timeout: 4s\n    retry: {attempts: 20, backoff: 10ms}\n")
    began = time.monotonic()
    done = dso("fetch", "my-secret", "-p", "it", env=env, check=False)
    took = time.monotonic() - began
    server.close()
    assert done.rc == 5 and "Timeout" in done.err and took < 8, (took, done)  # a try takes all of them: a second one would make it 8


def folder_of(parent, kind):
    folder = parent / kind
    folder.mkdir(exist_ok=True)
    return folder
