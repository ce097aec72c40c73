"""The end-to-end tests' fixtures, on what scripts/build makes to be shipped; and machines to install it on."""
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ["DSO_BIN"] = os.environ.get("DSO_RELEASE_BIN", str(ROOT / "build" / "release" / "dso"))  # read when the harness is imported
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness.fixtures import *  # noqa: E402,F401,F403


@pytest.fixture
def host(world):
    """A machine with systemd and an engine, on which nothing is installed. Its journal may hold no secret value either."""
    from systemd_host import Host
    machine = Host(world)
    world.canaries.texts.append(("journal of the host", lambda: machine("journalctl", "--no-pager", "-o", "cat", check=False).out))
    return machine


@pytest.fixture
def ready(host, world):
    """One with DSO, a local store, a config that polls fast, and the test images."""
    from systemd_host import bundle
    host.config()
    host.copy(bundle(world.tmp / "bundle"))
    host.install()
    host("dso", "init")
    return host.with_images()
