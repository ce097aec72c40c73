"""`dso up` beside what runs: a new container gets what the scope has, and no value changes under a process that lives. Held back,
rolled back and frozen values stay; what rollback needs is kept; whom `up` left with something older is told."""
import json

import pytest
from harness import engine_api
from harness.wait import wait_until

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 15s, drain_timeout: 500ms}\n")
COMPOSE = """
services:
  web:
    image: dso-test/web:1
    environment: {{SHOW_FILE: /run/secrets/pw, {environment}}}
    labels: {{dso.reloader: "true", dso.strategy: {strategy}}}
    healthcheck: {{interval: 300ms, retries: 2}}
"""


@pytest.fixture
def project(dso, docker, canary, unique):
    class Project:
        name, secret, good = docker.project("p"), unique("db"), canary()
        dir = dso.world.work

        def write(self, strategy="restart", environment=""):
            (self.dir / "compose.yaml").write_text(COMPOSE.format(strategy=strategy, environment=environment or "A: b"))

        def up(self, *args):
            return dso("up", "-p", self.name, "-d", *args, timeout=120)

        def change(self, value=None):
            value = value or canary()
            dso.set(f"{self.secret}#password", value)
            return value

        def id(self):
            return engine_api.containers(label=[f"com.docker.compose.project={self.name}"])[0]["Id"]

        def container(self):
            return docker.container(docker.inspect(self.id())[0]["Name"].lstrip("/"))

        def file(self):
            return docker("exec", self.id(), "cat", "/run/secrets/pw").out

        def status(self):
            rows = json.loads(dso("status", "--format", "json").out)["containers"]
            return next(r["state"] for r in rows if r["id"] == self.id())

    dso("init")
    p = Project()
    dso.set(f"{p.secret}#password", p.good)
    dso.config(FAST + f"secrets:\n  - {{name: {p.secret}, targets: {{containers: [web]}}, mappings: {{password: pw}}}}\n")
    p.write()
    return p


def test_a_refused_value_is_not_brought_by_up(project, agent, canary):
    project.up()
    project.container().wait_healthy()
    proc = agent()
    project.change("bad" + canary())
    proc.wait_line(r"^ERROR: \[Reloader\] '.*' was restarted with the last good secret", 40)
    project.container().wait_healthy()
    before = project.container().inspect()
    project.up()
    after = project.container().inspect()
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])
    assert project.file() == project.good
    project.write(environment="C: d")  # another container, beside the refused value
    project.up()
    assert project.id() != after["Id"] and project.file() == project.good
    project.container().wait_healthy()


def test_a_rolled_back_value_stays_away(project, agent, dso):
    project.up()
    proc = agent()
    new = project.change()
    proc.wait_line(r"^INFO: \[Reloader\] Restarted '.*', healthy", 30)
    assert project.file() == new
    dso("rollback", project.container().name)
    assert project.file() == project.good
    project.up()
    assert project.file() == project.good and "held back" in project.status()
    wait_until(lambda: "held back" in dso("plan").out, 5, "and plan says so")


def test_what_rollback_needs_survives_an_up(project, agent, dso):
    project.up()
    proc = agent()
    project.change()
    proc.wait_line(r"^INFO: \[Reloader\] Restarted '.*', healthy", 30)
    project.up()
    dso("rollback", project.container().name)
    assert project.file() == project.good


def test_frozen_stays_as_it_was_delivered(project, dso):
    dso.config(FAST + f"secrets:\n  - {{name: {project.secret}, rotation: false, targets: {{containers: [web]}}, mappings: {{password: pw}}}}\n")
    project.up()
    project.change()
    project.up()
    assert project.file() == project.good
    project.write(environment="C: d")
    project.up()
    assert project.file() == project.good


def test_an_up_before_the_poll_leaves_nobody_untold(project, agent):
    project.up()
    new = project.change()
    project.up()
    assert project.file() == project.good, "not under a process that lives"
    proc = agent()
    proc.wait_line(r"^INFO: \[Reloader\] Restarted '.*', healthy", 30)
    assert project.file() == new
    wait_until(lambda: project.status() == "current", 10, "it is current")


def test_nobody_runs_so_up_brings_the_present_value(project, docker, dso):
    project.up()
    docker("stop", "-t", "0", project.id())
    new = project.change()
    project.up()
    assert project.file() == new
