"""What a provider's process could take of its host: rights, threads, processors, memory. Looked at from outside, in the middle of a
call. (What it tries itself: unit/provider/test_sandbox.cpp.)"""
import os
import re
import socket
from pathlib import Path

import pytest
from harness import places
from harness.process_tree import read_proc, tree

CONFIG = "provider: vault\nconfig: {{address: 'http://127.0.0.1:{port}', timeout: 60s}}\n"


@pytest.fixture
def guest(dso, world, wait_until):
    """guest(*before) → the provider's process of `dso fetch`, run by `before`, that waits for a store which never answers."""
    started = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        def start(*before):
            dso.config(CONFIG.format(port=silent.getsockname()[1]))
            asks = world.start([*before, places.DSO_BIN, "fetch", "app"], env={"VAULT_TOKEN": "no-secret"}, name="fetch")
            started.append(asks)
            silent.settimeout(30)
            silent.accept()  # it is in its fetch
            return provider_of(asks.pid, wait_until)
        yield start
        for asks in started:
            asks.kill()


def provider_of(pid, wait_until):
    return wait_until(lambda: next((p for p in tree(pid) if b"provider-host" in read_proc(p, "cmdline")), None), 20, "its provider runs")


def status_of(pid):
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())


def has_nothing(pid):
    status = status_of(pid)
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}, status
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2" and status["Groups"].strip() == "", status


def test_of_the_host_it_has_no_right_and_a_small_share(guest):
    pid = guest()
    has_nothing(pid)
    assert int(status_of(pid)["Uid"].split()[0]) >= 0x70000000
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"^Max processes +32 +32 ", limits, re.M) and re.search(r"^Max open files +64 +64 ", limits, re.M), limits
    assert os.sched_getscheduler(pid) == os.SCHED_IDLE
    assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n", "out of memory, it goes first"


def test_root_of_a_user_namespace_without_another_user(guest):
    """There it stays root, for there is nobody else to become; of root's rights it keeps none."""
    pid = guest("unshare", "--user", "--map-root-user")
    status = status_of(pid)
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}, status
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert os.sched_getscheduler(pid) == os.SCHED_IDLE


def test_root_without_the_right_to_give_rights_up(guest):
    """As under a unit that somebody made narrower: what is left in the bounding set can come to nobody."""
    pid = guest("setpriv", "--bounding-set=-setpcap")
    status = status_of(pid)
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16} and status["NoNewPrivs"] == "1", status
