"""Programs that watch a file, or walk through the folder, rather than read it by name."""
import ctypes
import os
import select
import struct

import pytest
from harness.scenario import BUSYBOX, StoredSecret, run
from harness.wait import wait_until

FILE = "/run/secrets/pw"
IN_DELETE_SELF = 0x400
CONFIG = "agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"


@pytest.fixture
def stored(dso, canary, unique):
    dso("init")
    dso.config(CONFIG)
    return StoredSecret(dso, unique("db"), canary)


def values_in(docker, c):
    """Of every file below the folder, whatever its name, as `find -type f` sees them."""
    return set(docker("exec", c.name, "sh", "-c", "find /run/secrets -type f -exec cat {} \\; -exec echo \\;", check=False).out.split())  # one may go meanwhile


def test_a_walk_finds_one_value(dso, agent, docker, stored):
    """Also after a second change, a rollback and with the value of before kept for one."""
    c = run(dso, docker, secret=f"{stored.name}#password={FILE}", labels={"dso.strategy": "none"}, image=BUSYBOX, command=("sleep", "1000"))
    proc = agent()
    before = stored.value
    for _ in range(2):
        at, old = proc.mark(), before
        before = stored.change()
        proc.wait_line(r"^INFO: \[Reloader\] Delivered ", 20, at)
        wait_until(lambda: values_in(docker, c) == {before}, 3, "the old value is out of sight")
    dso("rollback", c.name)
    wait_until(lambda: values_in(docker, c) == {old}, 3, "the earlier value alone")
    assert c.read(FILE) == old


def test_who_watches_the_file_hears_of_its_end(dso, agent, docker, stored):
    """inotify on the file itself, as a program in the container has it: by the container's root, from here."""
    c = run(dso, docker, secret=f"{stored.name}#password={FILE}", labels={"dso.strategy": "none"}, image=BUSYBOX, command=("sleep", "1000"))
    proc = agent()
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        assert libc.inotify_add_watch(queue, f"/proc/{c.pid}/root{FILE}".encode(), IN_DELETE_SELF) > 0, os.strerror(ctypes.get_errno())
        at = proc.mark()
        stored.change()
        proc.wait_line(r"^INFO: \[Reloader\] Delivered ", 20, at)
        assert select.select([queue], [], [], 3)[0], "it hears of the end of the old file"
        assert struct.unpack("iIII", os.read(queue, 4096)[:16])[1] == IN_DELETE_SELF
    finally:
        os.close(queue)
