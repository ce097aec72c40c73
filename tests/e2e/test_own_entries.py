"""Which change concerns whom: frozen secrets come from the scope, each container goes by the entry whose targets match it, and a
field that nobody is given concerns nobody."""
import json

import pytest
from harness.scenario import BUSYBOX, reads, run
from harness.wait import wait_until

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 15s, drain_timeout: 500ms}\n")
SLEEP = ("sleep", "1000")


def started(c):
    return (c.id, c.started_at)


def test_a_frozen_secret_blocks_nobody(dso, agent, docker, canary, unique):
    """Its version is gone from the store long since; another secret of the container goes on changing."""
    a, b, frozen = unique("a"), unique("b"), canary()
    dso("init")
    dso.set(f"{a}#password", frozen)
    dso.set(f"{b}#password", canary())
    dso.config(FAST + f"secrets:\n  - {{name: {a}, rotation: false}}\n  - {{name: {b}}}\n")
    c = run(dso, docker, secret=[f"{a}#password=/run/secrets/a", f"{b}#password=/run/secrets/b"], labels={"dso.strategy": "none"}, image=BUSYBOX,
            command=SLEEP)
    agent()
    for _ in range(6):
        dso.set(f"{a}#password", canary())
    new = canary()
    dso.set(f"{b}#password", new)
    reads(c, "/run/secrets/b", new)
    assert c.read("/run/secrets/a") == frozen
    assert "VersionNotFound" not in dso("plan").out


def test_each_container_by_its_own_entry(dso, agent, docker, canary, unique):
    name, first = unique("db"), canary()
    dso("init")
    dso.set(f"{name}#password", first)
    old, new = docker.name("old"), docker.name("new")
    dso.config(FAST + f"secrets:\n  - {{name: {name}, rotation: false, targets: {{containers: [{old}]}}}}\n"
                      f"  - {{name: {name}, reload_strategy: {{type: none}}, targets: {{containers: [{new}]}}}}\n")
    for c in (old, new):
        dso("run", "-d", "--name", c, "--label=dso.reloader=true", BUSYBOX, *SLEEP)
    agent()
    value = canary()
    dso.set(f"{name}#password", value)
    reads(docker.container(new), "/run/secrets/password", value)
    assert docker.container(old).read("/run/secrets/password") == first


@pytest.mark.parametrize("strategy", ["restart", "rolling"])
def test_a_field_that_nobody_uses_touches_nobody(dso, agent, docker, canary, unique, strategy):
    name, a = unique("multi"), canary(env=True)
    dso("init")
    dso.config(FAST)
    dso.set(f"{name}#a", a)
    dso.set(f"{name}#b", canary(env=True))
    file = run(dso, docker, secret=f"{name}#a=/run/secrets/a", labels={"dso.strategy": strategy}, image=BUSYBOX, command=SLEEP)
    variable = run(dso, docker, secret=f"{name}#a:A", labels={"dso.strategy": strategy}, image=BUSYBOX, command=SLEEP)
    before = [started(c) for c in (file, variable)]
    proc = agent()
    dso.set(f"{name}#b", canary(env=True))
    for c in (file, variable):
        proc.wait_line(rf"^INFO: \[Reloader\] Nothing that '{c.name}' is given of '{name}' changed: noted, and nobody is touched")
    assert [started(c) for c in (file, variable)] == before and file.read("/run/secrets/a") == a
    wait_until(lambda: all(r["state"] == "current" for r in json.loads(dso("status", "--format", "json").out)["containers"]), 5, "all are current")
    assert len(proc.lines("is given of")) == 2, "noted, so no poll finds it again"
    new = canary(env=True)
    dso.set(f"{name}#a", new)
    proc.wait_line(rf"^INFO: \[Reloader\] (Restarted|Rolled) '{file.name}'", 40)
    wait_until(lambda: file.read("/run/secrets/a") == new, 20, "what it uses is brought")


def test_plan_says_that_nobody_is_concerned(dso, docker, canary, unique):
    name = unique("multi")
    dso("init")
    dso.config(FAST)
    dso.set(f"{name}#a", canary(env=True))
    dso.set(f"{name}#b", canary(env=True))
    c = run(dso, docker, secret=f"{name}#a:A", labels={}, image=BUSYBOX, command=SLEEP)
    dso.set(f"{name}#b", canary(env=True))
    assert f"{c.name}: nothing to do, since only fields that it is not given changed ({name})" in dso("plan").out
    assert json.loads(dso("plan", "--format", "json").out)[0]["unused_fields"] == [f"default/{name}"]
