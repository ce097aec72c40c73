"""Attempts to be taken for somebody else, on real control groups and in real namespaces, and what each of them gets: nothing."""
import json
import os

import pytest
from harness.cgroups import Group, ask_from, forget, move
from harness.plugin import ask
from harness.scenario import BUSYBOX

READ, CONTROL, PLUGIN = "/run/dso/dso.sock", "/run/control.sock", "/run/plugin.sock"


@pytest.fixture
def scene(dso, agent, docker, canary, unique, client):
    """A victim that runs with a secret of its own, and what is needed to try for it."""
    class Scene:
        secret, value, own, own_value = unique("victim"), canary(), unique("own"), canary(printed=True)
        read, control, plugin = dso.run_dir / "read" / "dso.sock", dso.run_dir / "dso.sock", dso.run_dir / "plugin.sock"
        target, world = f"/v1/secrets/{secret}", dso.world

        def start(self, *options, command=("sleep", "1000")):
            mounts = ("-v", f"{self.read.parent}:/run/dso:ro", "-v", f"{self.control}:{CONTROL}", "-v", f"{self.plugin}:{PLUGIN}",
                      "-v", f"{client}:/get:ro")
            return docker.run(*command, image=BUSYBOX, options=(*mounts, *options))

        def get(self, container, sock, target, *body):
            """Status and answer of what a process in the container gets."""
            return parsed(docker("exec", container.name, "/get", "post" if body else "get", sock, target, *map(json.dumps, body)).out)

    dso("init")
    s = Scene()
    dso.set(f"{s.secret}#password", s.value)
    dso.set(f"{s.own}#password", s.own_value)
    agent()
    s.victim = s.start("--label", f"dso.secrets={s.secret}")
    status, answer = s.get(s.victim, READ, s.target)
    assert status == 200 and answer["fields"] == {"password": s.value}, "what the others are after can be had"
    return s


def parsed(text):
    head, _, body = text.partition("\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def refused(scene, answered, reason):
    status, answer = answered
    assert status == 403 and reason in json.dumps(answer), answered
    assert scene.value not in json.dumps(answer)


@pytest.mark.parametrize("parent", ["/docker/{}", "/docker-{}", "/docker/{}/below"])
def test_a_container_below_the_victims_group(scene, docker, parent):
    if docker("info", "-f", "{{.CgroupDriver}}").out.strip() != "cgroupfs":
        pytest.skip("the engine's driver takes slices only")
    group = parent.format(scene.victim.id)
    thief = scene.start("--cgroup-parent", group, "--label", f"dso.secrets={scene.own}")
    try:
        for sock in (READ, CONTROL):
            refused(scene, scene.get(thief, sock, scene.target), "its control groups name several containers")
    finally:
        thief.rm()
        if not group.endswith(f"/{scene.victim.id}"):  # the victim's own goes with the victim
            forget(group.lstrip("/"))


@pytest.mark.parametrize("name", ["docker-{}", "docker-{}.scope"])
def test_a_user_whose_group_is_called_like_the_victim(scene, name):
    """What `systemd-run --user --scope --unit=docker-ID` makes, in a subtree that root gave away."""
    member = 61234  # of the group dso
    os.chown(scene.control, 0, member)
    with Group(name.format(scene.victim.id)) as group:
        for sock in (scene.read, scene.control):
            refused(scene, ask_from(group.path, sock, scene.target, group=member), "and is not that container's")
        refused(scene, ask_from(group.path, scene.control, "/v1/status", group=member), "and is not that container's")
    status, answer = ask_from("", scene.control, "/v1/status", group=member)
    assert status == 200 and "version" in answer, "a member of the group dso that hides behind nothing steers the agent"


def test_the_plugin_socket_in_a_container(scene):
    """Root in a container, whom the socket's mode does not keep out."""
    for call, body in (("SecretProvider.GetSecret", {"SecretName": scene.secret}), ("VolumeDriver.List", {}), ("Plugin.Activate", {}),
                       ("VolumeDriver.Create", {"Name": "mine", "Opts": {"secrets": scene.secret}})):
        refused(scene, scene.get(scene.victim, PLUGIN, "/" + call, body), "No container is answered here")
    status, answer = ask(scene.plugin, "POST", "/SecretProvider.GetSecret", {"SecretName": scene.own})
    assert status == 200 and answer["Value"], "the host, as the engine is"


def test_the_control_socket_in_a_container(scene):
    thief = scene.start("--label", f"dso.secrets={scene.own}")
    status, answer = scene.get(thief, CONTROL, f"/v1/secrets/{scene.own}")
    assert status == 200 and answer["fields"] == {"password": scene.own_value}
    refused(scene, scene.get(thief, CONTROL, scene.target), "may not read that secret")
    for target in ("/v1/status", "/v1/log", "/v1/logs", "/v1/ping"):
        assert scene.get(thief, CONTROL, target)[0] == 404
    assert scene.get(thief, CONTROL, f"/v1/rotate/{scene.victim.name}", {})[0] in (404, 405)


def test_a_container_without_a_group_of_its_own(scene, docker, wait_until):
    """As with --cgroups=disabled on Podman, or a rootless engine on version 1: it is told by its namespaces."""
    asks = "; ".join(f"/get get {sock} {target} > /tmp/{n}" for n, (sock, target) in enumerate(
        ((CONTROL, "/v1/status"), (CONTROL, scene.target), (READ, f"/v1/secrets/{scene.own}"))))
    thief = scene.start("--label", f"dso.secrets={scene.own}", "--tmpfs", "/tmp",
                        command=("sh", "-c", f"until [ -e /tmp/go ]; do sleep 0.1; done; {asks}; echo > /tmp/done; sleep 1000"))
    move(thief.pid)
    thief.exec("touch", "/tmp/go")
    wait_until(lambda: docker("exec", thief.name, "ls", "/tmp/done", check=False).rc == 0, 20, "it has asked")
    status, control, own = (parsed(thief.read(f"/tmp/{n}")) for n in range(3))
    assert status[0] == 404, "it is not taken for the host"
    refused(scene, control, "may not read that secret")
    assert own[0] == 200 and own[1]["fields"] == {"password": scene.own_value}


@pytest.mark.parametrize("namespaces", [("--user", "--map-root-user"), ("--pid", "--fork")])
def test_a_sandbox_that_is_no_container(scene, client, namespaces):
    """Whoever is in a pid or user namespace of its own, and in no container, is nobody; on the plugin socket too."""
    def answered(*args):
        return parsed(scene.world.run(["unshare", *namespaces, client, *args]).out)

    unknown = "it runs in namespaces of its own"
    refused(scene, answered("get", scene.control, "/v1/status"), unknown)
    refused(scene, answered("get", scene.read, scene.target), unknown)
    refused(scene, answered("post", scene.plugin, "/SecretProvider.GetSecret", json.dumps({"SecretName": scene.secret})), unknown)


def test_an_administrator_with_mounts_of_his_own_is_the_host(scene, client):
    """As under `systemd-run -p PrivateTmp=yes`: a mount namespace alone makes no container."""
    assert parsed(scene.world.run(["unshare", "--mount", client, "get", scene.control, "/v1/status"]).out)[0] == 200
