"""The fixtures of the end-to-end tests: a test that asks for `dso` gets the real binary in folders of its own. A conftest.py
imports them all."""
import os
import subprocess
import uuid

import pytest

from . import left_behind, places, plugin as plugin_module
from .dso import Agents, Dso
from .stores import FaultProxy, Vault, peer
from .wait import wait_until as wait_until_function
from .world import World


def pytest_collection_modifyitems(items):
    """Without these there is nothing to test: one clear sentence rather than a hundred errors."""
    if items and not places.DSO_BIN.exists():
        pytest.exit(f"{places.DSO_BIN} is not there: run scripts/build dev first, or set DSO_BIN", returncode=2)
    if items and os.geteuid() != 0:
        pytest.exit("the end-to-end tests mount tmpfs and read every process: run them as root", returncode=2)


@pytest.fixture(scope="session", autouse=True)
def no_dead_plugin():
    plugin_module.nobody_waits_for_it()


@pytest.fixture(autouse=True)
def leaves_nothing(no_dead_plugin):
    """In a lane: a test that leaves a container, a network, a mount, a rule, a process or a file fails, and not the one after it."""
    if not left_behind.in_a_lane():
        yield
        return
    before = left_behind.look()
    yield
    left = left_behind.more_than(before)
    assert not left, "the test left behind:\n  " + "\n  ".join(left)


@pytest.fixture
def world(tmp_path, leaves_nothing):
    """Everything that one test has; its end is where leaks, leftovers and unclean exits are found."""
    w = World(tmp_path)
    yield w
    w.close()


@pytest.fixture
def dso(world):
    return Dso(world)


@pytest.fixture
def agent(dso):
    """agent("-c", path, env=…) → the running agent, ready."""
    return Agents(dso)


@pytest.fixture
def plugin(world):
    """The engine's plugin name of this test, harness/plugin.py. Given back before the test's containers are removed: their volumes
    are unmounted by the stand-in, whether the agent lives or not."""
    with plugin_module.Lent() as lent:
        yield lent


@pytest.fixture
def docker(world):
    return world.docker


@pytest.fixture
def canary(world):
    """canary() → a fresh secret value that may be nowhere but on tmpfs; canary(env=True): in the containers' environment too."""
    return world.canaries


@pytest.fixture
def wait_until():
    """wait_until(condition, deadline, what)"""
    return wait_until_function


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    """A static program that asks over a unix socket (peers/unix_get.c): the test images have none."""
    out = tmp_path_factory.mktemp("client") / "unix_get"
    subprocess.run(["gcc", "-O1", "-static", "-o", out, places.PEER_SCRIPTS / "unix_get.c", "-lpthread"], check=True)
    out.parent.chmod(0o755)
    return out


@pytest.fixture(scope="session")
def vault_server():
    """The Vault that all tests share. A test writes below a name of its own."""
    return Vault(peer("vault.sh", "start"))


@pytest.fixture
def vault(vault_server):
    return vault_server


@pytest.fixture(scope="session")
def own_vault_server():
    vault = Vault(peer("vault.sh", "start", "15024"))
    yield vault
    peer("vault.sh", "stop", "15024")


@pytest.fixture
def own_vault(own_vault_server):
    """A second Vault, for tests that seal or break it; unsealed again afterwards."""
    yield own_vault_server
    own_vault_server.unseal()


@pytest.fixture(scope="session")
def faultproxy_server(vault_server):
    facts = peer("faultproxy.sh", "start", "15026", vault_server.address)
    yield FaultProxy(facts["FAULTPROXY_URL"], facts["FAULTPROXY_CONTROL"], vault_server.ca)
    peer("faultproxy.sh", "stop", "15026")


@pytest.fixture
def faultproxy(faultproxy_server):
    faultproxy_server.reset()
    yield faultproxy_server
    faultproxy_server.reset()


@pytest.fixture
def unique():
    """unique("db") → "e2e/db-1f2e…": a secret's name that no other test has."""
    return lambda stem="secret": f"e2e/{stem}-{uuid.uuid4().hex[:12]}"
