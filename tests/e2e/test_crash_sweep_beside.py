"""As the crash sweep of rotations, for what else writes a scope: the agent is killed anywhere while it takes a value back of which a
container died, and `dso up` while it delivers. Every seventh place by default, from one that the run's seed says; all of them with
DSO_TEST_FULL=1. (What is decided is proved by unit/logic/test_monitored.cpp and test_value_origin.cpp; here: that each step can be
cut off and done again.)"""
import json
import os
import signal

import pytest
from harness import engine_api
from harness.scenario import BUSYBOX, run
from harness.wait import wait_until

STEP = 7
SEED = int(os.environ.get("DSO_TEST_SEED", "0"))
PIECES = range(STEP) if os.environ.get("DSO_TEST_FULL") else [SEED % STEP]
CONFIG = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 0s, max: 1s}}\n"
          "  rotation: {health_check_timeout: 15s, drain_timeout: 200ms, monitor: 5s}\n")
FILE = "/run/secrets/pw"
DIES_OF_HUP = "sh", "-c", f'trap "case \\$(cat {FILE}) in bad*) exit 5;; esac" HUP; trap "exit 0" TERM; while :; do sleep 0.1; done'
COMPOSE = """
services:
  web:
    image: dso-test/busybox:1
    command: [sleep, '1000']
    stop_grace_period: 0s
    environment: {{PASSWORD: 'dso://{secret}#password', N: '{n}'}}
    labels: {{dso.reloader: "true"}}
  job:
    image: dso-test/busybox:1
    command: [sleep, '1000']
    stop_grace_period: 0s
    environment: {{PASSWORD: 'dso://{secret}#password', OTHER: 'dso://{other}#password'}}
    labels: {{dso.reloader: "true"}}
"""


def state_of(dso, c):
    return json.loads((dso.run_dir / "secrets" / c.inspect()["Config"]["Labels"]["dso.scope"] / "state.json").read_text())


@pytest.mark.parametrize("piece", PIECES, ids=[f"{p + 1}of{STEP}" for p in PIECES])
def test_killed_while_a_value_is_taken_back(dso, agent, docker, unique, canary, piece):
    """In the end it runs with the last good value, and the bad one is held back."""
    name, trace, points = unique("db"), dso.world.tmp / "trace", []
    dso("init")
    dso.config(CONFIG)

    def change(prefix=""):
        value = prefix + canary()
        dso.set(f"{name}#password", value)
        return value

    good = change()
    c = run(dso, docker, secret=f"{name}#password={FILE}", labels={"dso.strategy": "signal"}, image=BUSYBOX, command=DIES_OF_HUP)

    def has(value):
        return docker("exec", c.name, "cat", FILE, check=False).out == value  # it may die meanwhile

    def is_back():
        state = state_of(dso, c)
        return c.running() and has(good) and state["refused"] and not state["restarting"]
    for n in range(1 + piece, 500, STEP):
        change("bad")
        trace.unlink(missing_ok=True)
        first = agent(env={"DSO_CRASH_AT": n, "DSO_CRASH_TRACE": trace}, wait=False)
        wait_until(lambda: not first.running() or is_back(), 40, f"the agent dies at {n} or is done")
        if first.running():
            first.signal(signal.SIGTERM)
        first.proc.wait(40)
        killed = first.proc.returncode == -signal.SIGKILL
        points.append(trace.read_text().splitlines()[-1] if killed else "the end")
        second = agent()
        try:
            wait_until(is_back, 40, f"killed at {points[-1]}: it runs with the last good value")
            # the next value goes through
            good = change()
            wait_until(lambda: has(good) and not state_of(dso, c)["refused"], 20, f"killed at {points[-1]}: the next value is there")
            wait_until(lambda: not state_of(dso, c)["monitored"], 20, "it has proved good, and is one to go back to")
        except AssertionError as e:
            raise AssertionError(f"{e}\n{first.text()}\n---\n{second.text()}") from None
        second.stop()
        if not killed:
            break
    print("\n".join(points))
    assert len(points) >= 4, points


@pytest.mark.parametrize("piece", PIECES, ids=[f"{p + 1}of{STEP}" for p in PIECES])
def test_up_killed_anywhere(dso, docker, unique, canary, piece):
    """Whoever runs keeps its value, whatever the store has; the next `up` brings everything up, and `down` leaves nothing."""
    project, name, other, trace, points = docker.project("u"), unique("db"), unique("other"), dso.world.tmp / "trace", []
    dso("init")
    dso.config(CONFIG)
    good = canary(env=True)
    dso.set(f"{name}#password", good)
    dso.set(f"{other}#password", canary(env=True))
    compose = dso.world.work / "compose.yaml"

    def of_service(service):
        found = engine_api.containers(label=[f"com.docker.compose.project={project}", f"com.docker.compose.service={service}"])
        return found[0]["Id"] if found else None

    def env_of(ident):
        return (dso.run_dir / "secrets" / docker.inspect(ident)[0]["Config"]["Labels"]["dso.scope"] / "env" / "..data" / "env").read_bytes()
    for n in range(1 + piece, 500, STEP):
        compose.write_text(COMPOSE.format(secret=name, other=other, n=n))
        dso("up", "-p", project, "-d", "web", timeout=120)
        web = of_service("web")
        dso.set(f"{name}#password", "bad" + canary(env=True))
        trace.unlink(missing_ok=True)
        done = dso("up", "-p", project, "-d", env={"DSO_CRASH_AT": n, "DSO_CRASH_TRACE": trace}, timeout=120, check=False)
        killed = done.rc == -signal.SIGKILL
        assert killed or done.rc == 0, done
        points.append(trace.read_text().splitlines()[-1] if killed else "the end")
        assert of_service("web") == web and good.encode() in env_of(web), f"killed at {points[-1]}: its value changed"
        dso("up", "-p", project, "-d", timeout=120)
        assert of_service("web") == web and good.encode() in env_of(web), f"after {points[-1]}: its value changed"
        assert of_service("job"), points[-1]
        dso("down", "-p", project, timeout=120)
        assert dso.scopes() == [], f"killed at {points[-1]}: a scope is left"
        dso.set(f"{name}#password", good)
        if not killed:
            break
    print("\n".join(points))
    assert len(points) >= 2, points
