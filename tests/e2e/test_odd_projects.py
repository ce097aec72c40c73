"""Compose projects that are not what they were: an override takes a service away; two projects have one volume."""
import pytest
from harness.rolling import local, rolling  # noqa: F401
from harness.scenario import BUSYBOX
from harness.wait import wait_until

SERVICE = """
  {name}:
    image: """ + BUSYBOX + """
    command: [sh, -c, 'trap "exit 0" TERM; while :; do sleep 0.1; done']
    environment: {{PW_FILE: 'dsofile://{secret}'}}
    labels: {{dso.reloader: 'true', dso.strategy: '{strategy}'}}
"""


@pytest.fixture
def write(dso, rolling):
    def to(name, text, **services):
        folder = dso.world.work / name
        folder.mkdir(exist_ok=True)
        made = "".join(SERVICE.format(name=s, secret=rolling.local.file, strategy=strategy) for s, strategy in services.items())
        (folder / "compose.yaml").write_text("services:" + made + text)
        return folder
    return to


def test_an_override_that_takes_a_service_away(dso, agent, docker, rolling, write):
    """Its container is Compose's orphan, and runs on with its secret, the newest one too, until somebody removes it."""
    project = docker.project("o")
    folder = write("a", "", stays="restart", goes="restart")
    dso("up", "-p", project, "-d", cwd=folder, timeout=120)
    (folder / "compose.override.yaml").write_text("services: {goes: !reset null}\n")
    dso("up", "-p", project, "-d", cwd=folder, timeout=120)
    goes = docker.container(f"{project}-goes-1")
    assert goes.running() and len(dso.scopes()) == 2
    proc = agent()
    rolling.local.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{goes.name}', healthy", 40)
    dso("up", "-p", project, "-d", "--remove-orphans", cwd=folder, timeout=120)
    assert not goes.running()
    wait_until(lambda: len(dso.scopes()) == 1, 30, "its scope goes with it")
    docker.container(f"{project}-stays-1").exec("true")


def test_a_volume_that_two_projects_share(dso, agent, docker, rolling, write):
    """It is data for both: neither is rolled beside itself, and nobody's volume is taken along."""
    volume = f"dso-test-{docker.world.id}-v"
    docker("volume", "create", volume)
    docker.volumes.append(volume)
    text = "    volumes: ['shared:/data']\nvolumes: {shared: {external: true, name: '" + volume + "'}}\n"
    projects = [docker.project(p) for p in ("one", "two")]
    for p in projects:
        dso("up", "-p", p, "-d", cwd=write(p, text, web="auto"), timeout=120)
    both = [docker.container(f"{p}-web-1") for p in projects]
    both[0].exec("sh", "-c", "echo ours > /data/f")
    proc, before = agent(), [c.id for c in both]
    rolling.local.change()
    for c in both:
        proc.wait_line(rf"^INFO: \[Reloader\] Restarting '{c.name}' with the new secret \(.*two would write to the volume '{volume}' at /data", 40)
        proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{c.name}', healthy", 40)
    assert [c.id for c in both] == before and both[1].read("/data/f") == "ours\n"
    for p in projects:
        dso("down", "-p", p, "-t", "0", cwd=dso.world.work / p, timeout=60)
    assert volume in docker("volume", "ls", "-q").out.split()
