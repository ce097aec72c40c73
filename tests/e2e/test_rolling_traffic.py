"""No request fails while a service is rolled, wherever its clients are: at a published port, and by name inside a network. The
load is modest; bench/ has the heavy one."""
import json
import socket
import threading
import time

import pytest
from harness import places
from harness.docker import host_address
from harness.rolling import free_port, local, rolling  # noqa: F401

LOAD, SECONDS, RATE = places.PEER_SCRIPTS / "load.sh", 25, 100


class Loads:
    """Load programs that run at once; `ended()` → their answers by client."""

    def __init__(self, world):
        self.world, self.running, self.answers, self.began = world, [], {}, time.monotonic()

    def start(self, client, command):
        def work():
            self.answers[client] = json.loads(self.world.run(command, timeout=SECONDS + 40).out)
        self.running.append(threading.Thread(target=work))
        self.running[-1].start()

    def on(self):
        return all(t.is_alive() for t in self.running)

    def ended(self):
        for t in self.running:
            t.join()
        return self.answers


def roll_under(loads, rolling, proc, c, times=2):
    """So many rotations while every load runs; each new value was served in the end."""
    values = [rolling.local.value]
    for _ in range(times):
        seen = len(proc.log_path.read_bytes())
        values.append(rolling.local.change())
        rolling.done(proc, c, after=seen)
        assert loads.on(), "the load ended before the last rotation: a longer one is needed"
    answers = loads.ended()
    for client, a in answers.items():
        print(client, {k: v for k, v in a.items() if k not in ("values", "statuses")})
    for client, a in answers.items():
        assert a["failed"] == 0, (client, {k: v for k, v in a.items() if k != "values"})
        assert a["requests"] == SECONDS * RATE and a["max_outage_ms"] == 0
        # no bound on speed: what a dropped first packet costs a client is a second, and then two, and four
        assert a["max_gap_ms"] < 1000, (client, a["max_gap_ms"])
    return values, answers


@pytest.mark.alone
def test_published_port(agent, docker, rolling):
    port, net = free_port(), rolling.network()
    c = rolling("--network", net, "-p", f"{port}:8000", "-e", "DELAYMS=5")
    proc, host, loads = agent(), host_address(), Loads(docker.world)
    rest = (port, SECONDS, RATE, 50)
    for kind, flags in (("new connections", ()), ("kept alive", ("--keepalive",))):
        loads.start(f"127.0.0.1, {kind}", [LOAD, "127.0.0.1", *rest, *flags])
        loads.start(f"host's address, {kind}", [LOAD, host, *rest, *flags])
        loads.start(f"another namespace, {kind}",
                    [places.DOCKER, "run", "--rm", "--name", docker.name("load"), "dso-test/web:1", "load", host, *rest, *flags])
    values, answers = roll_under(loads, rolling, proc, c)
    for client, a in answers.items():
        served = {v.split()[0] for v in a["values"]}
        assert values[-1] in served and served <= set(values), client
    assert rolling.leftovers() == []


@pytest.mark.alone
def test_by_name_in_a_network(agent, docker, rolling):
    """Both containers answer to the name for a while; a client that resolved it just before the old one ends is redirected."""
    net = rolling.network()
    c = rolling("--network", net, "--network-alias", "api", "-e", "DELAYMS=5")
    proc, loads = agent(), Loads(docker.world)
    for name in ("api", c.name):
        for kind, flags in (("new connections", ("--dns",)), ("kept alive", ("--dns", "--keepalive"))):
            loads.start(f"{'alias' if name == 'api' else 'name'}, {kind}",
                        [places.DOCKER, "run", "--rm", "--network", net, "--name", docker.name("load"), "dso-test/web:1", "load", name, 8000,
                         SECONDS, RATE, 50, *flags])
    values, answers = roll_under(loads, rolling, proc, c)
    for client, a in answers.items():
        assert values[-1] in {v.split()[0] for v in a["values"]}, client
    assert rolling.leftovers() == []


def test_a_connection_kept_open_is_closed_by_who_serves_it(agent, rolling):
    """A client of 127.0.0.1 that keeps its connection to the stand-in hears of its end, instead of asking into nothing."""
    port = free_port()
    c = rolling("--network", rolling.network(), "-p", f"{port}:8000")
    proc = agent()
    rolling.local.change()
    proc.wait_line(rf"^INFO: \[Reloader\] New connections to '{c.name}' go to the candidate$", 30)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as kept:
        kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert rolling.local.value.encode() in kept.recv(65536)
        rolling.done(proc, c)
        assert kept.recv(1) == b"", "the end of the connection never came"
