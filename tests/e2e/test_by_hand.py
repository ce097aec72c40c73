"""What somebody does by hand to the folder of a scope: it is named once, put right, and touches neither its containers nor other scopes.
And what an older version of DSO wrote there."""
import json

import pytest
from harness.scenario import BUSYBOX, reads, run
from harness.wait import wait_until

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 15s, drain_timeout: 500ms}\n")
FILE = "/run/secrets/pw"
WAITS = ("sh", "-c", "while :; do sleep 0.1; done")


@pytest.fixture
def two(dso, docker, canary, unique):
    """Containers of two scopes, each with a file and a variable."""
    class Two:
        name, value = unique("db"), canary(env=True)

        def change(self):
            self.value = canary(env=True)
            dso.set(f"{self.name}#password", self.value)

        def start(self):
            return run(dso, docker, secret=[f"{self.name}#password={FILE}", f"{self.name}#password:PASSWORD"], labels={"dso.strategy": "restart"},
                       image=BUSYBOX, command=WAITS, options=("--stop-timeout", "0"))

    dso("init")
    dso.config(FAST)
    t = Two()
    dso.set(f"{t.name}#password", t.value)
    t.one, t.other = t.start(), t.start()
    return t


def scope_of(dso, c):
    return dso.run_dir / "secrets" / json.loads(dso("inspect", c.name, "--format", "json").out)["scope"]


def files_of(scope):
    return next(p for p in scope.iterdir() if p.name.startswith("files-"))


def life(c):
    return c.inspect()["State"]["StartedAt"]


HANDS = {
    "link removed": lambda s: (files_of(s) / "..data").unlink(),
    "link elsewhere": lambda s: ((files_of(s) / "..data").unlink(), (files_of(s) / "..data").symlink_to("nowhere")),
    "variables removed": lambda s: (s / "env" / "env").resolve().unlink(),
    "a foreign file": lambda s: (files_of(s) / "notes.txt").write_text("mine"),
    "state removed": lambda s: (s / "state.json").unlink(),
    "state is garbage": lambda s: (s / "state.json").write_text("garbage"),
    "state is cut": lambda s: (s / "state.json").write_text((s / "state.json").read_text()[:40]),
}


@pytest.mark.parametrize("hand", HANDS)
def test_it_is_named_and_put_right(dso, agent, docker, two, hand):
    proc = agent()
    lives, scope = [life(two.one), life(two.other)], scope_of(dso, two.one)
    HANDS[hand](scope)
    proc.wait_line(rf"^WARN: \[Agent\] The folder of '{two.one.name}' was changed by hand \({scope}: .*it is as it was delivered again")
    reads(two.one, FILE, two.value)
    mark = proc.mark()
    dso("rotate", two.one.name), dso("rotate", two.other.name)
    assert [life(two.one), life(two.other)] == lives, proc.text()
    assert not [line for line in proc.text()[mark:].splitlines() if line.startswith(("WARN", "ERROR"))]
    assert len(proc.lines("changed by hand")) == 1 and not proc.lines("^ERROR"), proc.text()
    docker("restart", "-t", "0", two.one.name)
    assert two.one.read(FILE) == two.value and not list(files_of(scope).glob("notes*"))
    two.change()
    reads(two.one, FILE, two.value, 30)
    reads(two.other, FILE, two.value, 30)


def test_a_state_of_an_older_version(dso, agent, docker, two):
    """As it was written before DSO knew what is given of a secret, or kept its values: unit/agent/test_old_state.cpp has real ones."""
    lives = [life(two.one), life(two.other)]
    for c in (two.one, two.other):
        path = scope_of(dso, c) / "state.json"
        state = json.loads(path.read_text())
        for newer in ("refused_given", "restarting"):
            del state[newer]
        for d in state["delivered"]:
            del d["given"], d["delivered_boot_ms"]
        path.write_text(json.dumps(state))
        next(path.parent.glob("values-*")).unlink()
    proc = agent()
    dso("rotate", two.one.name), dso("rotate", two.other.name)
    assert [life(two.one), life(two.other)] == lives and not proc.lines("^(WARN|ERROR)"), proc.text()
    wait_until(lambda: "current" in dso("status").out, 10, "they have what lies there")
    two.change()
    reads(two.one, FILE, two.value, 30)
    reads(two.other, FILE, two.value, 30)
