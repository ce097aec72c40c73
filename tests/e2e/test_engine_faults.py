"""Every changing call of a rotation spoiled in turn: an error, a lost or late answer. The service is on the old or the new value,
all the time where the flow promises that (relay); nothing is left over; the next change goes through. A fifth of the matrix by
default, which the run's seed picks; all of it with DSO_TEST_FULL=1 (scripts/test --full). (What the next step is after each answer:
unit/logic/test_rotation_step.cpp, without an engine. Here it is that the engine may have done what it did not answer.)"""
import os
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from harness import engine_api
from harness.bad_engine import BadEngine
from harness.rolling import free_port
from harness.scenario import run
from harness.wait import wait_until

CONFIG = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 50ms, max: 1s}}\n"
          "  rotation: {health_check_timeout: 12s, drain_timeout: 300ms}\n")
FULL = os.environ.get("DSO_TEST_FULL") == "1"
SEED = int(os.environ.get("DSO_TEST_SEED", "0"))


class Service:
    """A web container under rotation, and a client that asks it all the time."""

    def __init__(self, dso, docker, canary, unique, labels, ports):
        self.dso, self.docker, self.name = dso, docker, unique("db")
        self.values = [canary(env=True)]
        dso("init", check=False)
        dso.set(f"{self.name}#password", self.values[0])
        self.port = free_port() if ports else None
        options = ["-e", "SHOW=PASSWORD", "--health-interval", "300ms", *(("-p", f"{self.port}:8000") if ports else ())]
        self.c = run(dso, docker, secret=f"{self.name}#password:PASSWORD", labels=labels, options=options)
        self.c.wait_healthy()

    def change(self, value):
        self.values.append(value)
        self.dso.set(f"{self.name}#password", value)

    def shown(self):
        where = f"127.0.0.1:{self.port}" if self.port else f"{self.c.address()}:8000"
        with urllib.request.urlopen(f"http://{where}/", timeout=5) as answer:
            return answer.read().decode().split()[0]

    def shows(self, *values, deadline=30):
        """Until it answers with one of the values. It may be down when it is asked: what failed is tried again, and a restart has a gap."""
        def yes():
            try:
                return self.shown() in values
            except (OSError, StopIteration, AssertionError):
                return False
        wait_until(yes, deadline, f"{self.c.name} shows one of {[v[:12] for v in values]}")

    def rest(self, deadline=40):
        """Until nothing of a rotation is left and one healthy container has the name."""
        def quiet():
            names = engine_api.names()
            notes = list((self.dso.state_dir / "redirects").glob("*.json"))
            mine = [n for n in names if n.startswith(self.c.name)]
            left = (mine, notes, self.c.running() and self.c.health())
            return left == ([self.c.name], [], "healthy") or print(left)
        wait_until(quiet, deadline, f"{self.c.name} rests: one healthy container, no candidate, no rule")


class Client(threading.Thread):
    """Asks the published port all the time; `failed` are the requests that got no answer."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.failed, self.asked, self._ended = port, [], 0, threading.Event()

    def run(self):
        while not self._ended.is_set():
            self.asked += 1
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
                    answer.read()
            except (urllib.error.URLError, OSError) as e:
                self.failed.append(repr(e))
            self._ended.wait(0.01)

    def end(self):
        self._ended.set()
        self.join(10)
        return self.failed


@pytest.fixture
def bad_engine(world):
    e = BadEngine(Path(f"/run/dso-bad-engine-{world.id}"))
    yield e
    e.close()


def calls_of_a_rotation(flow):
    """What a clean rotation asks of the engine (kept in step by test_the_calls_are_these)."""
    return {
        "swap": ["POST create", "POST start", "POST stop", "DELETE container", "POST rename"],
        "relay": ["POST create", "POST start", "POST stop", "POST rename", "POST create", "POST start", "POST stop", "DELETE container",
                  "DELETE container"],
        "exclusive": ["POST create", "POST stop", "POST start", "DELETE container", "POST rename"],
        "restart": ["POST restart"],
    }[flow]


def labels_of(flow):
    return {"swap": {"dso.strategy": "rolling"}, "relay": {"dso.strategy": "rolling"},
            "exclusive": {"dso.strategy": "rolling", "dso.exclusive": "true"}, "restart": {"dso.strategy": "restart"}}[flow]


@pytest.mark.parametrize("flow", ["swap", "relay", "exclusive", "restart"])
def test_the_calls_are_these(dso, agent, docker, canary, unique, bad_engine, flow):
    dso.config(CONFIG)
    s = Service(dso, docker, canary, unique, labels_of(flow), flow == "relay")
    agent(env={"DOCKER_HOST": bad_engine.url})
    bad_engine.watch()
    s.change(canary(env=True))
    s.shows(s.values[-1])
    s.rest()
    assert bad_engine.calls == calls_of_a_rotation(flow)


def cases():
    """Each call spoiled in each way. By default each fifth, from one that the run's seed says, so that all are tried over time."""
    every = [(flow, n, call, how) for flow in ("relay", "swap", "exclusive", "restart") for n, call in enumerate(calls_of_a_rotation(flow))
             for how in ("error", "lost", "late", "refused")]
    for flow, n, call, how in every if FULL else every[SEED % 5::5]:
        yield pytest.param(flow, n, how, id=f"{flow}-{n}-{call.replace(' ', '-')}-{how}")


@pytest.mark.parametrize(("flow", "n", "how"), list(cases()))
def test_a_spoiled_call(dso, agent, docker, canary, unique, bad_engine, flow, n, how):
    dso.config(CONFIG)
    s = Service(dso, docker, canary, unique, labels_of(flow), flow == "relay")
    proc = agent(env={"DOCKER_HOST": bad_engine.url})
    client = Client(s.port) if flow == "relay" else None
    if client:
        client.start()
    bad_engine.spoil(n, how)
    s.change(canary(env=True))
    proc.wait_line(r"^(INFO: \[Reloader\] (Rolled|Restarted) '|ERROR: \[Reloader\] (Rolling update|Restart) failed for ')", deadline=60)
    s.rest()
    s.shows(*s.values[-2:])
    bad_engine.watch()
    s.change(canary(env=True))
    s.shows(s.values[-1])
    s.rest()
    if client:
        failed = client.end()
        assert not failed, f"{len(failed)} of {client.asked} requests failed: {failed[:3]}"
