"""The agent says when a container starts without the secrets that it should have."""
from test_compose import Project

BUSYBOX = "dso-test/busybox:1"


def test_plain_compose_up_after_dso_up(dso, docker, agent, canary):
    dso("init")
    dso.set("myapp/db#password", canary(env=True))
    project = Project(dso, docker, "plain")
    path = project.write(f"""
services:
  api:
    image: {BUSYBOX}
    command: ["sleep", "600"]
    stop_grace_period: 0s
    environment: {{DB: "dso://myapp/db#password"}}
    labels: {{dso.reloader: "true"}}
""")
    project.up()
    proc = agent()
    docker("compose", "-f", str(path), "-p", project.name, "up", "-d", timeout=60)
    proc.wait_line(rf"^WARN: \[Agent\] '{project.name}-api-1' was started without its secrets, .*run `dso up`")
    project.up()
    assert project.inspect("api")["Config"]["Labels"]["dso.scope"]


def test_opted_in_but_nothing_delivered(dso, docker, agent):
    proc = agent()
    name = docker.name("nothing")
    docker("run", "-d", "--name", name, "--label", "dso.reloader=true", BUSYBOX, "sleep", "600")
    proc.wait_line(rf"^WARN: \[Agent\] '{name}' has the label dso.reloader=true, but DSO delivers nothing to it")
