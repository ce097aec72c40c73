"""Rolling updates of a Compose project: Compose sees its own containers afterwards, replicas go one after another, and what Compose
does in the middle is tolerated."""
import json
import re
import threading
import time

import pytest
from harness import engine_api
from harness.rolling import Rolling, free_port, local, rolling  # noqa: F401
from harness.wait import wait_until

LABELS = 'labels: {dso.reloader: "true", dso.strategy: rolling}'


class Project:
    def __init__(self, dso, docker):
        self.dso, self.docker, self.name = dso, docker, docker.project("r")

    def write(self, text):
        (self.dso.world.work / "compose.yaml").write_text(text)

    def up(self, *args):
        return self.dso("up", "-p", self.name, "-d", *args, timeout=120)

    def plain(self, *args, **kw):
        return self.docker("compose", "-p", self.name, *args, timeout=120, **kw)

    def containers(self, service):
        """name → id of those that are not in the middle of a rotation."""
        labels = [f"com.docker.compose.project={self.name}", f"com.docker.compose.service={service}"]
        return {c["Names"][0]: c["Id"] for c in engine_api.containers(label=labels)}

    def service(self, name, replicas=1, more="", boot=0):
        return (f"  {name}:\n    image: dso-test/web:1\n    environment: {{PASSWORD: 'dso://{self.secret}', SHOW: PASSWORD, BOOT_MS: '{boot}'}}\n"
                f"    {LABELS}\n    healthcheck: {{interval: 1s, retries: 60}}\n    deploy: {{replicas: {replicas}}}\n{more}")


@pytest.fixture
def project(dso, docker, rolling):
    p = Project(dso, docker)
    p.secret = rolling.local.file
    return p


def until_rolled(project, proc, service, before, deadline=60):
    """All of `before` (name → id) replaced, healthy, nothing in between."""
    def all_new():
        now = project.containers(service)
        return now.keys() == before.keys() and not set(now.values()) & set(before.values())
    wait_until(all_new, deadline, f"{service} is new: {project.containers(service)}")
    for name in before:
        proc.wait_line(rf"^INFO: \[Reloader\] Rolled '{name}' to the new secret", 30)
    return project.containers(service)


def at_once(docker, since, names):
    """The largest number of candidates that were there at one time, by the engine's events."""
    until = docker("info", "-f", "{{.SystemTime}}").out.strip()
    rows = docker("events", "--since", since, "--until", until, "--filter", "type=container", "--format", "{{json .}}").out.splitlines()
    there, most, started = set(), 0, []
    for e in map(json.loads, rows):
        name = e["Actor"]["Attributes"]["name"].removesuffix("_dso_new")
        if name not in names:
            continue
        if e["Action"] == "create":
            there.add(name)
            started.append(name)
            most = max(most, len(there))
        elif e["Action"] == "rename":
            there.discard(name)
    return most, started


def test_replicas_one_after_another(dso, agent, docker, project, rolling):
    """A client that calls the service by its name sees no failure; Compose finds its containers, and has nothing to do."""
    client = ("  client:\n    image: dso-test/web:1\n    healthcheck: {disable: true}\n    command: [sleep, '600']\n")
    project.write("services:\n" + project.service("api", 3) + client)
    project.up("--wait", "api")
    project.up()
    before, others = project.containers("api"), project.containers("client")
    proc, since = agent(), docker("info", "-f", "{{.SystemTime}}").out.strip()
    answer = []

    def load():
        answer.append(json.loads(docker("exec", *others, "load", "api", "8000", "25", "100", "50", "--dns", timeout=60).out))
    calls = threading.Thread(target=load)
    calls.start()
    value = rolling.local.change()
    after = until_rolled(project, proc, "api", before)
    assert calls.is_alive(), "the load ended before the last rotation"
    most, started = at_once(docker, since, before)
    assert most == 1 and sorted(started) == sorted(before), (most, started)
    for name in after:
        assert docker.inspect(name)[0]["Config"]["Labels"]["com.docker.compose.oneoff"] == "False"
    shown = project.plain("ps", "--format", "{{.Name}} {{.Service}} {{.Health}}").out.splitlines()
    assert sorted(shown) == sorted([f"{n} api healthy" for n in before] + [f"{n} client " for n in others])
    assert project.containers("client") == others
    project.up()
    assert project.containers("api") == after, "nothing is created anew"
    calls.join()
    served = {v.split()[0] for v in answer[0]["values"]}
    assert answer[0]["failed"] == 0 and value in served, {k: v for k, v in answer[0].items() if k != "values"}
    proc.stop()
    dso("down", "-p", project.name, "-t", "1", timeout=120)
    assert not project.containers("api") and not project.containers("client") and dso.scopes() == []


def test_two_services_and_a_published_port(agent, docker, project, rolling):
    """The same secret for both; each keeps its own name, port and place in the networks."""
    port = free_port()
    project.write("services:\n" + project.service("front", more=f"    ports: ['127.0.0.1:{port}:8000']\n")
                  + project.service("back", more="    networks: {inner: {aliases: [storage]}}\n") + "networks: {inner: {}}\n")
    project.up("--wait")
    before = {s: project.containers(s) for s in ("front", "back")}
    proc = agent()
    value = rolling.local.change()
    for s in before:
        until_rolled(project, proc, s, before[s])
    assert docker.world.run(["curl", "-s", f"http://127.0.0.1:{port}/"]).out.split()[0] == value
    asked = docker("run", "--rm", "--network", f"{project.name}_inner", "dso-test/busybox:1", "wget", "-qO-", "http://storage:8000/").out
    assert asked.split()[0] == value
    after = {s: project.containers(s) for s in before}
    project.up()
    assert {s: project.containers(s) for s in before} == after and rolling.leftovers() == []


def plain_up(project):
    """Compose finds two containers of one number, and removes one while it gives the other its name, in no order: if the name is still
    taken it gives up in the middle, and says to its user to come again. What it had made by then it starts, but gives it no other name.
    The prefixes that the name may have in the end."""
    done = project.plain("up", "-d", check=False)
    if done.rc == 0:
        return ""
    assert "Error when allocating new name: Conflict" in done.err, done
    project.plain("up", "-d")
    return "([0-9a-f]{12}_)?"


@pytest.mark.parametrize("by", ["dso up", "docker compose up"])
def test_compose_in_the_middle(agent, docker, project, rolling, by):
    """Whatever Compose makes of the candidate: one healthy container in the end."""
    project.write("services:\n" + project.service("api", boot=2500))
    project.up("--wait")
    (name, old), = project.containers("api").items()
    proc = agent()
    rolling.local.change()
    wait_until(docker.container(f"{name}_dso_new").running, 20, "the candidate runs")
    prefixes = ""
    if by == "dso up":
        project.up()
    else:
        prefixes = plain_up(project)  # without DSO's override: a container of its own, without the secret

    def states():
        return {n: docker.inspect(n)[0]["State"] for n in project.containers("api")}

    def one_healthy():
        (there, state), *others = states().items() or [("", {})]
        return not others and re.fullmatch(prefixes + re.escape(name), there) and state.get("Health", {}).get("Status") == "healthy"
    wait_until(one_healthy, 60, lambda: f"one healthy container: {states()}")
    wait_until(lambda: not rolling.leftovers(), 30, "nothing is left over")
    assert proc.running()
    if by == "dso up":  # the value that was tried waits a minute for its next try; a newer one does not
        value = rolling.local.change()
        wait_until(lambda: value in docker("exec", name, "wget", "-qO-", "http://127.0.0.1:8000/", check=False).out, 40,
                   "the newest value is served")
        wait_until(lambda: not rolling.leftovers(), 30, "nothing is left over")
