"""`dso plan` says what the agent would do and changes nothing; `dso rollback` goes back, and the value it left is held back."""
import json

import pytest
from harness.scenario import StoredSecret, run, shown, shows

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 15s, drain_timeout: 500ms}\n")


@pytest.fixture
def stored(dso, canary, unique):
    dso("init")
    dso.config(FAST)
    return StoredSecret(dso, unique("db"), lambda: canary(env=True))


def start(dso, docker, stored, strategy):
    c = run(dso, docker, secret=f"{stored.name}#password:PASSWORD", labels={"dso.strategy": strategy}, options=("-e", "SHOW=PASSWORD"))
    return c.wait_healthy()


def test_plan_says_what_would_be_done_and_why(dso, docker, stored):
    c = start(dso, docker, stored, "rolling")
    before = c.inspect()
    assert f"{c.name}: nothing to do" in dso("plan").out
    stored.change()
    out = dso("plan", c.name).out
    assert f"{c.name}: rolling, since {stored.name} changed (label dso.strategy)" in out
    assert "create candidate: the container runs with an old value" in out
    plan = json.loads(dso("plan", "--format", "json").out)
    mine = next(p for p in plan if p["service"] == c.name)
    assert mine["changed"] == [f"default/{stored.name}"]
    steps = [s["step"] for s in mine["rotations"][0]["steps"]]
    assert steps.index("wait until candidate is healthy") < steps.index("drain and stop service") < steps.index("remove service")
    after = c.inspect()
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])


def test_who_only_looks_mounts_nothing(dso):
    dso("init")
    dso.config("provider: local\n")
    for command in ("plan", "status", "doctor"):
        dso(command, check=False)
        assert not dso.run_dir.exists(), command
    (dso.run_dir / "secrets").mkdir(parents=True)
    for command in ("plan", "status", "doctor"):
        dso(command, check=False)
        assert not (dso.run_dir / "secrets").is_mount(), command


def test_plan_of_what_cannot_be_done(dso, docker, stored):
    c = run(dso, docker, secret=f"{stored.name}#password:PASSWORD", labels={"dso.strategy": "rolling"},
            options=("-e", "SHOW=PASSWORD", "--network", "host", "-e", "PORT=18431"))
    stored.change()
    out = dso("plan", c.name).out
    assert "impossible: it uses the host's network" in out


@pytest.mark.parametrize("strategy", ["rolling", "restart"])
def test_rollback_holds_the_new_value_back(dso, agent, docker, stored, strategy):
    c = start(dso, docker, stored, strategy)
    old = stored.value
    proc = agent()
    new = stored.change()
    shows(c, new)
    c.wait_healthy()
    proc.wait_line(r"^INFO: \[Reloader\] (Rolled|Restarted) '")
    out = dso("rollback", c.name).out
    assert f"'{c.name}'" in out and "earlier value" in out
    shows(c, old)
    # polls see the refused value and leave the container alone
    seen = c.inspect()["State"]["StartedAt"]
    proc.wait_line(r"held back until the store has another one")
    assert "held back" in dso("plan", c.name).out
    assert (shown(c), c.inspect()["State"]["StartedAt"]) == (old, seen)
    # another value goes through
    shows(c, stored.change())


def test_rollback_without_an_earlier_value(dso, agent, docker, stored):
    c = start(dso, docker, stored, "restart")
    agent()
    done = dso("rollback", c.name, check=False)
    assert done.rc == 4
    assert "no earlier value is kept" in done.err


def test_rollback_without_an_agent(dso, docker, stored):
    c = start(dso, docker, stored, "restart")
    done = dso("rollback", c.name, check=False)
    assert done.rc == 5
    assert "no agent answers" in done.err and "dso agent" in done.err
