"""A container that nobody can read, or not whole, is its own trouble: every other container of the host is served on."""
import json

import pytest
from harness.scenario import BUSYBOX, FAST, run, shows

LONG = "its Labels make it longer than 4 MiB; none of its labels counts"


@pytest.fixture
def scene(dso, agent, canary, unique):
    class Scene:
        secret = unique("db")

        def store(self):
            value = canary(env=True)
            dso.set(f"{self.secret}#password", value)
            return value

    dso("init")
    dso.config(f"provider: local\n{FAST}")
    s = Scene()
    s.value = s.store()
    return s


@pytest.fixture
def long_labels(docker, world):
    """Starts a container with five MiB of labels, more than a list's element or an event may have."""
    def start(*options):
        file = world.tmp / "labels"
        file.write_text("".join(f"l{n}={'x' * 50_000}\n" for n in range(105)))
        return docker.run("sleep", "1000", image=BUSYBOX, options=("--label-file", str(file), *options))
    return start


def test_labels_of_any_length(dso, agent, docker, scene, long_labels, wait_until):
    web = run(dso, docker, secret=f"{scene.secret}#password:PASSWORD", labels={}, options=("-e", "SHOW=PASSWORD")).wait_healthy()
    shows(web, scene.value)
    big = long_labels("--label", "dso.reloader=true", "--label", f"dso.secrets={scene.secret}")
    proc = agent()
    for _ in range(2):
        value = scene.store()
        shows(web, value, 60)
    before = big.started_at
    big.docker("restart", "-t", "0", big.name)  # its events are as long
    value = scene.store()
    shows(web, value, 60)
    assert big.started_at != before
    proc.wait_line(f"^WARN: \\[Agent\\] Container '{big.name}' is passed over: {LONG}$")
    assert len(proc.lines(f"'{big.name}' is passed over")) == 1, proc.text()
    assert not proc.lines("^ERROR"), proc.text()

    def listed():
        return [r["container"] for r in json.loads(dso("status", "--format", "json").out)["containers"]]
    wait_until(lambda: listed() == [web.name], 20, "status lists the one that is left of the rolling update")
    assert dso("plan", check=False).rc == 0


@pytest.mark.parametrize("labels", ["long", "none"])
def test_what_it_mounts_is_kept(dso, docker, scene, long_labels, wait_until, labels):
    """No label says that it uses the scope: what it mounts does, when the container goes that the scope was made for."""
    name = docker.name("web")
    proc = dso.start("run", "--rm", "--name", name, "--secret", f"{scene.secret}#password", BUSYBOX, "sleep", "1000")
    web = docker.container(name)
    wait_until(web.running, 30, "it runs")
    user = long_labels("--volumes-from", name) if labels == "long" else \
        docker.run("sleep", "1000", image=BUSYBOX, options=("--volumes-from", name))
    docker("kill", name)
    proc.proc.wait(30)
    assert user.read("/run/secrets/password") == scene.value and len(dso.scopes()) == 1
