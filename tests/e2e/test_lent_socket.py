"""The plugin socket as systemd holds it (dso-plugin.socket): it is there while the agent is not, and nobody who asks waits longer than the next
start of the agent takes. What systemd does with it: release/test_systemd_plugin.py."""
import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.plugin import ask

# takes the socket (a descriptor of the test's process) as number 3, and becomes the agent
PASSING = """
import ctypes, os, sys
pidfd_open, pidfd_getfd, call = 434, 438, ctypes.CDLL(None).syscall
got = call(pidfd_getfd, call(pidfd_open, int(sys.argv[1]), 0), int(sys.argv[2]), 0)
os.dup2(got, 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="dso-plugin.socket")
os.execv(sys.argv[3], sys.argv[3:])
"""


@pytest.fixture
def lent(dso):
    """Where the engine would ask, and what starts an agent with it."""
    dso.run_dir.mkdir(mode=0o711)
    path = dso.run_dir / "plugin.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.bind(str(path))
        s.listen(64)
        yield path, ("python3", "-c", PASSING, str(os.getpid()), str(s.fileno()))


def activate(path):
    return ask(path, "POST", "/Plugin.Activate")


def test_who_asks_while_the_agent_is_killed_is_answered_by_the_next(dso, agent, lent):
    path, under = lent
    first = agent(under=under)
    assert activate(path)[0] == 200 and not first.lines("another process serves"), first.text()
    first.kill()
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(activate, path) for _ in range(4)]
        second = agent(under=under)
        assert [a.result(30)[0] for a in asked] == [200] * 4
    second.stop()
    assert path.is_socket(), "the socket is systemd's to remove"


def test_an_agent_that_cannot_start_tells_who_waits(dso, lent):
    """It is started again each second: the engine, which gives a volume driver a minute, is not kept waiting for an agent that will not come."""
    path, under = lent
    dso.config("providers: {it: {type: vault, adress: https://x}}\n")
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(activate, path) for _ in range(2)]
        while not all(a.done() for a in asked):
            failed = dso.start("agent", under=under)  # as systemd does
            assert failed.proc.wait(20) == 2, failed.text()
        for status, answer in (a.result() for a in asked):
            assert status == 503 and "adress" in answer["Err"], (status, answer)
