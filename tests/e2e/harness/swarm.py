"""A Swarm of several engines (tests/peers/swarm.sh) as tests see it: its services, its secrets, what each running task reads."""
import json
from pathlib import Path

import pytest

from harness.stores import peer
from harness.wait import wait_until

WEB, BUSYBOX = "dso-test/web:1", "dso-test/busybox:1"
# for a service whose update is to fail: Swarm counts a task that fails later than that after it ran as one that worked, and a busy machine
# is late
SLOWLY = "--update-monitor", "4s"
CONFIG = "agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 50ms, max: 1s}}\n"


class Swarm:
    """`swarm("service", "ls")` asks the first manager that answers; containers are looked for on all nodes."""

    def __init__(self, facts, docker, world):
        self.docker, self.world = docker, world
        self.nodes = sum(k.startswith("DOCKER_HOST_") for k in facts)
        self.hosts = [facts[f"DOCKER_HOST_{n}"] for n in range(1, self.nodes + 1)]
        self.plugins = [Path(facts[f"PLUGIN_DIR_{n}"]) for n in range(1, self.nodes + 1)]
        self.pids = [int(facts[f"PID_{n}"]) for n in range(1, self.nodes + 1)]
        self.services, self.secrets = [], []
        self.fallen = None  # not asked: it would not answer

    @property
    def up(self):
        return [n for n in range(self.nodes) if n != self.fallen]

    def at(self, n, *args, **kw):
        return self.docker(*args, env={"DOCKER_HOST": self.hosts[n]}, **kw)

    def __call__(self, *args, **kw):
        check, done = kw.pop("check", True), None
        for n in self.up:
            done = self.at(n, *args, check=False, **kw)
            if done.rc == 0 or "leader" not in done.err and "Cannot connect" not in done.err and "deadline" not in done.err:
                break
        assert done.rc == 0 or not check, done
        return done

    def secret(self, name, reference):
        self("secret", "create", "--driver", "dso", "--label", f"dso.secret={reference}", name)
        self.secrets.append(name)

    def service(self, name, secret, *options, image=BUSYBOX, command=("sleep", "1000"), replicas=3, opted_in=True):
        labels = ("--label", "dso.reloader=true") if opted_in else ()
        self("service", "create", "--detach", "--no-resolve-image", "--name", name, "--secret", f"source={secret},target=key", *labels,
             "--replicas", str(replicas), "--update-monitor", "500ms", "--restart-delay", "200ms", "--stop-grace-period", "1s", *options, image, *command)
        self.services.append(name)

    def values(self, service):
        """What each running task of the service reads."""
        out = []
        for n in self.up:
            ids = self.at(n, "ps", "-q", "--filter", f"label=com.docker.swarm.service.name={service}", check=False).out.split()
            for one in ids:
                read = self.at(n, "exec", one, "cat", "/run/secrets/key", check=False)
                if read.rc == 0:
                    out.append(read.out)
        return out

    def names(self, stem):
        return sorted(n for n in self("secret", "ls", "--format", "{{.Name}}").out.split() if n == stem or n.startswith(stem + "."))

    def spec_of(self, service):
        return json.loads(self("service", "inspect", service).out)[0]

    def leader(self):
        for n in self.up:
            done = self.at(n, "node", "inspect", "self", "--format", "{{.ManagerStatus.Leader}}", check=False)
            if done.rc == 0 and done.out.strip() == "true":
                return n
        return None

    def remove_all(self):
        for s in self.services:
            self("service", "rm", s, check=False)
        wait_until(lambda: not any(self.at(n, "ps", "-q", check=False).out.split() for n in range(self.nodes)), 30, "all tasks are gone")
        for s in self.secrets:
            for name in self.names(s):
                self("secret", "rm", name, check=False)


def all_show(swarm, service, value, count, deadline=60):
    wait_until(lambda: swarm.values(service) == [value] * count, deadline, f"{count} tasks of {service} read the value")


@pytest.fixture(scope="module")
def swarm_facts(request):
    """Of as many nodes as the test's module says in NODES."""
    yield peer("swarm.sh", "start", str(request.module.NODES))
    peer("swarm.sh", "stop")


@pytest.fixture
def swarm(swarm_facts, docker, world):
    one = Swarm(swarm_facts, docker, world)
    world.canaries.extra_paths += [p.parent / "data" for p in one.plugins]
    yield one
    one.remove_all()
