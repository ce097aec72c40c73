"""The tmpfs of secrets is taken away under containers that run: unmounted, or covered by another mount. The agent says it once, has it
mounted and filled again with all that was known, and touches no container for it. A container is then told by what it sees: who ran
then has the old tmpfs mounted, and is brought to a new value by a restart alone."""
import json
import subprocess

import pytest
from harness.scenario import BUSYBOX, reads, run, shows
from harness.wait import wait_until
from harness.world import unmount_below

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 15s, drain_timeout: 500ms}\n")
FILE = "/run/secrets/pw"
WHOLE = r"^INFO: \[Agent\] The tmpfs of secrets at '.*' is whole again"
GONE = r"^ERROR: \[Agent\] The tmpfs of secrets at '{}' is gone: {}"
HANDLES = ("sh", "-c", "trap 'echo told' HUP; while :; do sleep 0.1; done")


@pytest.fixture
def stored(dso, docker, canary, unique):
    class Stored:
        name = unique("db")

        def change(self, value=None):
            self.value = value or canary()
            dso.set(f"{self.name}#password", self.value)
            return self.value

        def web(self, strategy):
            return run(dso, docker, secret=f"{self.name}#password={FILE}", labels={"dso.strategy": strategy},
                       options=("-e", f"SHOW_FILE={FILE}", "--health-interval", "300ms")).wait_healthy()

        def handler(self, strategy="signal"):
            return run(dso, docker, secret=f"{self.name}#password={FILE}", labels={"dso.strategy": strategy, "dso.signal": "HUP"}, image=BUSYBOX,
                       command=HANDLES)

    dso("init")
    dso.config(FAST)
    s = Stored()
    s.change()
    return s


def secrets_of(dso):
    return dso.run_dir / "secrets"


def lose(dso, proc, why="it was unmounted"):
    """And wait until all of it is there again."""
    mark = proc.mark()
    unmount_below(secrets_of(dso))
    proc.wait_line(GONE.format(secrets_of(dso), why), after=mark)
    proc.wait_line(WHOLE, after=mark)


def life(c):
    state = c.inspect()
    return state["Id"], state["State"]["StartedAt"]


def row(dso, c):
    return next(r for r in json.loads(dso("status", "--format", "json").out)["containers"] if r["container"] == c.name)


@pytest.mark.parametrize("strategy", ["restart", "rolling"])
def test_nobody_is_touched_and_the_next_change_comes(dso, agent, docker, stored, strategy):
    """Twice: with what was first delivered, and with what a rotation has brought and the agent has told."""
    c = stored.web(strategy)
    proc = agent()
    for _ in range(2):
        before = life(c)
        lose(dso, proc)
        assert f"container.mount   {c.name}"[:15] in dso("doctor", check=False).out and "its mount of the secrets is gone" in row(dso, c)["state"]
        mark = proc.mark()
        dso("rotate", c.name)
        assert life(c) == before and not proc.lines("has not been told"), proc.text()
        new = stored.change()
        proc.wait_line(rf"'{c.name}'.*healthy|Rotated '{c.name}'", 40, after=mark)
        shows(c, new)
        wait_until(lambda: row(dso, c)["state"] == "current", 10, "it has the tmpfs that is there")
        c.wait_healthy()
    assert len(proc.lines("is gone: it was unmounted")) == 2 and len(proc.lines(WHOLE)) == 2, proc.text()


def test_a_restart_by_hand_finds_its_secret(dso, agent, docker, stored):
    c = stored.web("restart")
    proc = agent()
    lose(dso, proc)
    docker("restart", "-t", "0", c.name)
    shows(c, stored.value)
    assert row(dso, c)["state"] == "current"


@pytest.mark.parametrize("strategy", ["signal", "none"])
def test_what_no_restart_brings_is_refused_with_the_cure(dso, agent, docker, stored, strategy):
    c = stored.handler(strategy)
    proc = agent()
    old, before = stored.value, life(c)
    lose(dso, proc)
    new = stored.change()
    proc.wait_line(rf"^ERROR: \[Reloader\] \w+ failed for '{c.name}': its mount of the secrets is gone.*docker restart {c.name}")
    assert (c.read(FILE), life(c)) == (old, before)
    for told in (dso("plan", check=False).out, dso("inspect", c.name).out, dso("doctor", check=False).out):
        assert f"docker restart {c.name}" in told, told
    assert "(impossible)" in row(dso, c)["strategy"]
    docker("restart", "-t", "0", c.name)
    assert c.read(FILE) == old, "the last good one"
    dso("rotate", c.name)
    reads(c, FILE, new)
    assert row(dso, c)["state"] == "current"


@pytest.mark.parametrize("cover", ["of somebody", "of dso", "folder"])
def test_covered_by_another_mount(dso, agent, docker, stored, world, cover):
    """What somebody mounted there, a tmpfs or not, gets no value; one that is meant for DSO does."""
    c = stored.web("restart")
    proc = agent()
    before, place = life(c), secrets_of(dso)
    theirs = world.tmp / "theirs"
    theirs.mkdir()
    if cover == "of somebody":
        subprocess.run(["mount", "-t", "tmpfs", "somebody", theirs], check=True)
    if cover == "of dso":
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "dso-secrets", place], check=True)
    else:
        subprocess.run(["mount", "--bind", theirs, place], check=True)
    proc.wait_line(GONE.format(place, "something else was mounted on top of it"))
    proc.wait_line(WHOLE)
    assert list(theirs.iterdir()) == [] and life(c) == before
    new = stored.change()
    shows(c, new)
    mark = proc.mark()
    subprocess.run(["umount", "-l", place], check=True)  # and what lay below is in sight again
    proc.wait_line(WHOLE, after=mark)
    newest = stored.change()
    shows(c, newest)
    assert list(theirs.iterdir()) == []
    unmount_below(theirs)


def test_what_was_refused_and_what_was_before_are_not_forgotten(dso, agent, docker, stored, canary):
    c = stored.web("restart")
    good = stored.value
    proc = agent()
    stored.change("bad" + canary())
    proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' was restarted with the last good secret", 40)
    shows(c, good)
    second = stored.change()
    shows(c, second)
    dso("rollback", c.name)
    shows(c, good)
    before = life(c)
    lose(dso, proc)
    mark = proc.mark()
    dso("rotate", c.name, check=False)
    assert "held back" in row(dso, c)["state"] and "held back" in dso("plan").out
    assert life(c) == before and c.read(FILE) == good, proc.text()[mark:]


def test_the_store_need_not_be_asked(dso, agent, docker, stored):
    c = stored.web("restart")
    proc = agent()
    kept = dso.store_dir.with_name("away")
    dso.store_dir.rename(kept)
    lose(dso, proc)
    docker("restart", "-t", "0", c.name)
    shows(c, stored.value)
    kept.rename(dso.store_dir)


def test_somebody_delivers_before_it_is_noticed(dso, agent, docker, stored):
    """`dso run` mounts a tmpfs of its own, with a key of its own; what the agent knew is joined with that."""
    dso.config(FAST.replace("1s", "3s", 1))
    c = stored.web("restart")
    proc = agent()
    new = stored.change()
    shows(c, new)
    before = life(c)
    mark = proc.mark()
    unmount_below(secrets_of(dso))
    other = stored.web("restart")
    there = life(other)
    proc.wait_line(WHOLE, after=mark)
    dso("rotate", c.name), dso("rotate", other.name)
    assert (life(c), life(other)) == (before, there), proc.text()
    newest = stored.change()
    shows(c, newest)
    shows(other, newest)


def test_the_agent_is_started_after_the_loss(dso, agent, docker, stored):
    """Nobody knows what the processes have: who can be restarted is, who cannot is named."""
    restarted, told = stored.web("restart"), stored.handler()
    before = life(told)
    agent().stop()
    unmount_below(secrets_of(dso))
    proc = agent()
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{restarted.name}', healthy")
    proc.wait_line(rf"failed for '{told.name}': its mount of the secrets is gone.*docker restart {told.name}")
    shows(restarted, stored.value)
    assert row(dso, restarted)["state"] == "current" and life(told) == before and told.read(FILE) == stored.value


def test_where_the_agent_may_not_mount(dso, agent, docker, stored):
    """As under its unit: it says what to do, once, writes nowhere else, and goes on when that was done."""
    c = stored.web("restart")
    proc = agent(under=("unshare", "--mount", "--propagation", "slave"))
    before, place = life(c), secrets_of(dso)
    unmount_below(place)
    proc.wait_line(GONE.format(place, "it was unmounted, and there is no other") + rf".*mount -t tmpfs .*dso-secrets {place}")
    stored.change()
    dso("status"), dso("rotate", c.name, check=False)
    assert list(place.iterdir()) == [] and len(proc.lines("is gone")) == 1, proc.text()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nosuid,nodev,noexec,mode=0700,size=64m", "dso-secrets", place], check=True)
    proc.wait_line(WHOLE)
    shows(c, stored.value)
    assert life(c) != before


def test_a_plain_umount_is_refused_while_the_agent_runs(dso, agent, stored):
    stored.web("restart")
    proc = agent()
    assert subprocess.run(["umount", secrets_of(dso)], check=False, stderr=subprocess.DEVNULL).returncode != 0
    assert not proc.lines("is gone")


@pytest.mark.parametrize("when", ["under the agent", "before its start"])
def test_a_volume(dso, agent, docker, plugin, stored, when):
    """Its read-only view goes with the tmpfs. In place its files would change for nobody: it is restarted instead."""
    proc = agent(env=plugin.env)
    volume = docker.name("vol")
    docker.volumes.append(volume)
    docker("volume", "create", "-d", plugin.driver, "-o", f"secrets={stored.name}", volume)
    name = docker.name("web")
    docker("run", "-d", "--name", name, "-v", f"{volume}:/run/s", "--label=dso.reloader=true", "--label=dso.strategy=restart", BUSYBOX, *HANDLES)
    c = docker.container(name)
    reads(c, "/run/s/password", stored.value)
    before = life(c)
    if when == "under the agent":
        lose(dso, proc)
        assert c.read("/run/s/password") == stored.value and life(c) == before
    else:
        proc.stop()
        unmount_below(secrets_of(dso))
        proc = agent(env=plugin.env)
        proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{name}', healthy")
    new = stored.change()
    reads(c, "/run/s/password", new, 40)
    assert life(c) != before
    assert docker("exec", c.name, "sh", "-c", "echo x > /run/s/y", check=False).rc != 0, "read-only, as before"
