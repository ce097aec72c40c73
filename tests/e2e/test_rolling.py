"""Rolling updates: a new container takes the place of the old one without a request being lost, or the old one stays as it was."""
import urllib.request

import pytest
from harness.rolling import free_port, shows
from harness.scenario import run, shown

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 15s, drain_timeout: 1s}\n")
SHOW_ENV = ("-e", "SHOW=PASSWORD")


@pytest.fixture
def local(dso, canary, unique):
    """A secret of the local store with a field `password`: name, value, change() → the new value."""
    class Local:
        name, value = unique("db"), canary(env=True)

        def change(self, value=None):
            self.value = value or canary(env=True)
            dso.set(f"{self.name}#password", self.value)
            return self.value

    dso("init")
    s = Local()
    s.change(s.value)
    dso.config(FAST)
    return s


def rolled(proc, c, after=0):
    """The log says that it is done; where to look for the next time."""
    return proc.wait_line(rf"^INFO: \[Reloader\] Rolled '{c.name}' to the new secret in \d+ ms, healthy$", deadline=40, after=after)


def leftovers(docker, name):
    """Containers of a rotation of `name`, and redirects of this test's agent, that should be gone."""
    names = docker("ps", "-a", "--format", "{{.Names}}").out.split()
    notes = sorted(docker.world.state.glob("redirects/*.json"))
    return [n for n in names if n in (f"{name}_dso_new", f"{name}_dso_old")] + notes


def roll(dso, docker, local, *options, labels=None, **kw):
    c = run(dso, docker, secret=f"{local.name}#password:PASSWORD", labels=labels or {"dso.strategy": "rolling"},
            options=(*SHOW_ENV, *options), **kw)
    c.wait_healthy()
    return c


def test_a_candidate_takes_the_name(dso, agent, docker, local):
    c = roll(dso, docker, local)
    before = c.inspect()
    proc = agent()
    new = local.change()
    shows(c, new)
    rolled(proc, c)
    after = c.inspect()
    assert after["Id"] != before["Id"]
    assert after["Config"]["Labels"]["dso.generation"] == "2"
    assert leftovers(docker, c.name) == []
    # and again
    seen = len(proc.text())
    shows(c, local.change())
    rolled(proc, c, after=seen)
    assert leftovers(docker, c.name) == []


def test_published_ports_are_handed_over(dso, agent, docker, local):
    port = free_port()
    c = roll(dso, docker, local, "-p", f"{port}:8000")
    proc = agent()
    new = local.change()
    rolled(proc, c)
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read().decode().split()[0] == new
    assert leftovers(docker, c.name) == []


def test_an_unhealthy_candidate_changes_nothing(dso, agent, docker, local, canary):
    c = roll(dso, docker, local)
    before, value = c.inspect(), local.value
    proc = agent()
    bad = "bad" + canary(env=True)
    local.change(bad)
    proc.wait_line(rf"^ERROR: \[Reloader\] Rolling update failed for '{c.name}': ", deadline=40)
    assert shown(c) == value
    after = c.inspect()
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])
    assert leftovers(docker, c.name) == []
    # a good value goes through
    shows(c, local.change())
