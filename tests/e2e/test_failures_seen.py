"""A failure is seen once, by everybody who asks, holds back the container that it concerns alone, and is tried again when that is due."""
import json

import pytest
from harness.scenario import BUSYBOX, StoredSecret, reads, run
from harness.wait import wait_until

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 40s, drain_timeout: 500ms, max_parallel: 1}\n")
SLEEP = ("sleep", "1000")
NONE = {"dso.strategy": "none"}


@pytest.fixture
def stored(dso, canary, unique):
    dso("init")
    dso.config(FAST)
    return StoredSecret(dso, unique("db"), lambda: canary(env=True))


def test_one_store_of_two_is_away(dso, agent, docker, stored, unique):
    """The secret of the other changes: the container fails, with one line, until both are there."""
    name, other, file = docker.name("c"), unique("other"), dso.world.tmp / "secrets.json"
    there = json.dumps({other: {"user": "somebody"}})
    file.write_text(there)
    dso.config(f"providers:\n  default: {{type: local}}\n  files: {{type: file, secrets_file: {file}}}\n{FAST}secrets:\n"
               f"  - {{name: {other}, provider: files, targets: {{containers: [{name}]}}}}\n")
    dso("run", "-d", "--name", name, "--label=dso.reloader=true", "--label=dso.strategy=none", "--secret", f"{stored.name}#password=/run/secrets/pw",
        BUSYBOX, *SLEEP)
    c, old = docker.container(name), stored.value
    proc = agent()
    file.unlink()
    failed = rf"^ERROR: \[Reloader\] .*The containers of '{name}' keep the last good secret"
    stored.change()
    new = stored.change()
    proc.wait_line(failed)
    wait_until(lambda: "failing: it keeps the last good value" in dso("status").out, 5, "status says so")
    polls = proc.mark()
    assert c.read("/run/secrets/pw") == old and len(proc.lines(failed)) == 1
    file.write_text(there)
    proc.wait_line(rf"^INFO: \[Reloader\] The secrets of '{name}' can be fetched again", 60, polls)
    reads(c, "/run/secrets/pw", new)
    wait_until(lambda: "failing" not in dso("status").out, 5, "and status that it is over")
    assert len(proc.lines(failed)) == 1


@pytest.mark.parametrize("strategy", ["signal", "restart", "none"])
def test_a_field_more_never_takes_a_file_away(dso, agent, docker, canary, unique, strategy):
    """A secret of one value is a file; with another field it would be a folder of that name."""
    name, value = unique("x"), canary()
    dso("init")
    dso.config(FAST)
    dso.set(name, value)
    c = run(dso, docker, secret=f"{name}=/cfg/x.txt", labels={"dso.strategy": strategy}, image=BUSYBOX,
            command=("sh", "-c", "trap : HUP; while :; do sleep 0.2; done"))
    assert c.read("/cfg/x.txt") == value
    started = c.started_at
    proc = agent()
    dso.set(f"{name}#more", canary())
    proc.wait_line(rf"^ERROR: \[Reloader\] .*'/cfg/x.txt' would go away: .*create them anew", 20)
    assert c.read("/cfg/x.txt") == value and c.started_at == started
    assert "failing" in dso("status").out and "would go away" in dso("plan").out


def test_what_one_refused_others_take(dso, agent, docker, stored, canary):
    """Two containers of one secret, of which one does not get healthy with a value: it is held back there alone."""
    picky = run(dso, docker, secret=f"{stored.name}#password=/run/secrets/pw", labels={"dso.strategy": "restart"}, image=BUSYBOX, command=SLEEP,
                options=("--stop-timeout", "0"), stem="picky")
    easy = run(dso, docker, secret=f"{stored.name}#password=/run/secrets/pw", labels=NONE, image=BUSYBOX, command=SLEEP, stem="easy")
    old, proc = stored.value, agent()
    new = stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{picky.name}'")
    reads(easy, "/run/secrets/pw", new)
    proc.stop()
    proc = agent()
    dso("rollback", picky.name)
    # as new to the store as to the other: what lies there is older
    stored.value = old
    dso.set(f"{stored.name}#password", old)
    reads(easy, "/run/secrets/pw", old)
    dso.set(f"{stored.name}#password", new)
    reads(easy, "/run/secrets/pw", new)
    assert picky.read("/run/secrets/pw") == old and "held back" in dso("status").out


def test_who_is_slow_delays_nobody(dso, agent, docker, stored):
    """One place for containers that are replaced, taken by one that does not get healthy; signals, files and restarts do not wait for it."""
    slow = run(dso, docker, secret=f"{stored.name}#password:PASSWORD", labels={"dso.strategy": "rolling"}, image=BUSYBOX,
               options=("--health-cmd", 'case "$PASSWORD" in bad*) exit 1;; esac', "--health-interval", "300ms", "--health-start-period", "60s"),
               command=SLEEP, stem="slow").wait_healthy()
    waits = run(dso, docker, secret=f"{stored.name}#password:PASSWORD", labels={"dso.strategy": "rolling"}, image=BUSYBOX, command=SLEEP, stem="waits")
    files = run(dso, docker, secret=f"{stored.name}#password=/run/secrets/pw", labels=NONE, image=BUSYBOX, command=SLEEP, stem="files")
    restarts = run(dso, docker, secret=f"{stored.name}#password=/run/secrets/pw", labels={"dso.strategy": "restart"}, image=BUSYBOX, command=SLEEP,
                   stem="restarts", options=("--stop-timeout", "0"))
    proc = agent()
    bad = stored.change("bad")
    proc.wait_line(rf"^INFO: \[Reloader\] Rolling update of '({slow.name}|{waits.name})' begins")
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{restarts.name}'")
    reads(files, "/run/secrets/pw", bad)
    assert restarts.read("/run/secrets/pw") == bad
    assert not proc.lines(f"Rolling update failed for '{slow.name}'"), "all this while the slow one is waited for"
