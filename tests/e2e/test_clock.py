"""Somebody sets the clock: no container is rotated for it, and none is forgotten. The container's and the delivery's times are
compared by the kernel's clock since the boot, so wrong wall-clock times in the record mean nothing."""
import json

import pytest
from harness.scenario import run, shows, vault_config

SHOW_FILE = ("-e", "SHOW_FILE=/run/secrets/password")
SIGNAL = {"dso.strategy": "signal", "dso.signal": "SIGHUP"}
HOUR_MS = 3_600_000
ROTATED = r"Signal SIGHUP sent"


def shift_clock(dso, by_ms):
    """As if the wall clock had been `by_ms` ahead while the secret was delivered."""
    for scope in dso.scopes():
        path = dso.run_dir / "secrets" / scope / "state.json"
        state = json.loads(path.read_text())
        for secret in state["delivered"]:
            secret["delivered_at_ms"] += by_ms
        beside = path.with_suffix(".test")
        beside.write_text(json.dumps(state))
        beside.rename(path)


@pytest.mark.parametrize("by_ms", [HOUR_MS, -HOUR_MS], ids=["set back since", "set forward since"])
def test_a_clock_that_jumped_rotates_nothing(dso, agent, docker, vault, unique, canary, by_ms):
    name, old, new = unique("db"), canary(), canary()
    env = {"VAULT_TOKEN": vault.token}
    vault.put(name, password=old)
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=name, labels=SIGNAL, options=SHOW_FILE, env=env)
    shows(c, old)
    pid = c.pid
    shift_clock(dso, by_ms)
    proc = agent(env=env)
    vault.put(name, password=new)
    shows(c, new)
    proc.wait_line(ROTATED)
    proc.stop()
    # once for the change and not for the clock, neither before it nor after another start of the agent
    assert len(proc.lines(ROTATED)) == 1, proc.text()
    assert "has not been told" not in proc.text() and c.pid == pid
    shift_clock(dso, by_ms)
    again = agent(env=env)
    newest = canary()
    vault.put(name, password=newest)
    shows(c, newest)
    again.wait_line(ROTATED)
    again.stop()
    assert len(again.lines(ROTATED)) == 1 and "has not been told" not in again.text(), again.text()
    vault.delete(name)


def test_a_container_started_under_a_clock_that_was_ahead_gets_its_change(dso, agent, docker, vault, unique, canary):
    """The wall clock goes back after the start: every delivery from then on looks older than the process. It is told all the same."""
    name, old, new = unique("db"), canary(), canary()
    env = {"VAULT_TOKEN": vault.token}
    vault.put(name, password=old)
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=name, labels=SIGNAL, options=SHOW_FILE, env=env)
    shows(c, old)
    proc = agent(env=env)
    vault.put(name, password=new)
    shows(c, new)
    proc.stop()
    # as if the change had been delivered before the process started, and a killed agent had told nobody
    shift_clock(dso, -HOUR_MS)
    for scope in dso.scopes():
        path = dso.run_dir / "secrets" / scope / "state.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "applied": {}}))
    again = agent(env=env)
    again.wait_line(ROTATED)
    again.stop()
    vault.delete(name)
