"""Attempts to take the agent's sockets away from others, by those who may connect to them: others are served all the same."""
import json
import os
import subprocess
import time

import pytest
from harness.places import PEER_SCRIPTS
from harness.scenario import BUSYBOX

pytestmark = pytest.mark.alone
READ, CONTROL = "/run/dso/dso.sock", "/run/control.sock"
MANY = 1300
MEMBER = 61234  # a user, and the group that the control socket belongs to here


@pytest.fixture(scope="session")
def flood(tmp_path_factory):
    """A static program that keeps connections open and does with them what nobody should (peers/unix_flood.c)."""
    out = tmp_path_factory.mktemp("flood") / "unix_flood"
    subprocess.run(["gcc", "-O1", "-static", "-o", out, PEER_SCRIPTS / "unix_flood.c"], check=True)
    out.parent.chmod(0o755)
    with open("/run/dso-test-flood", "wb") as f:  # pytest's folders are root's alone
        f.write(out.read_bytes())
    os.chmod(f.name, 0o755)
    yield f.name
    os.unlink(f.name)


@pytest.fixture
def scene(dso, agent, docker, canary, unique, client, flood, wait_until):
    class Scene:
        secret, value, own = unique("victim"), canary(printed=True), unique("own")
        target = f"/v1/secrets/{secret}"
        read, control = dso.run_dir / "read" / "dso.sock", dso.run_dir / "dso.sock"

        def start(self, *options, command=("sleep", "1000")):
            mounts = ("-v", f"{self.read.parent}:/run/dso:ro", "-v", f"{self.control}:{CONTROL}", "-v", f"{client}:/get:ro", "-v", f"{flood}:/flood:ro")
            return docker.run(*command, image=BUSYBOX, options=(*mounts, *options))

        def floods(self, kind, sock, target, *options, many=MANY):
            """A container that keeps so many connections busy, and has opened them."""
            hostile = self.start("--label", f"dso.secrets={self.own}", *options, command=("/flood", kind, sock, target, str(many)))
            wait_until(lambda: "flooding" in hostile.logs(), 20, "it floods")
            return hostile

        def is_served(self, victim=None, target=None, times=200):
            """Each read of the other container is answered with 200, on new connections and on one that is kept."""
            victim, target = victim or self.victim, target or self.target
            for how in (("anew", READ, target, str(times)), ("http", READ, target, "2", "1")):
                timed = json.loads(docker("exec", victim.name, "/get", *how).out)
                assert timed["p99_us"] < 250_000, (how, timed)

    dso("init")
    s = Scene()
    dso.set(f"{s.secret}#password", s.value)
    dso.set(f"{s.own}#password", canary(printed=True))
    s.agent = agent()
    s.victim = s.start("--label", f"dso.secrets={s.secret}")
    return s


def status_takes(dso):
    begin = time.monotonic()
    dso("status")
    return time.monotonic() - begin


@pytest.mark.parametrize("kind", ["asks", "half", "mute"])
def test_a_container_floods_the_read_socket(scene, kind):
    """With requests whose answers it never reads, with halves of requests, with nothing."""
    scene.floods(kind, READ, f"/v1/secrets/{scene.own}")
    scene.is_served()
    if kind == "asks":
        scene.agent.wait_line(r"^WARN: \[Agent\] Too many connections of the read socket, most of them by the container '")


def test_a_container_that_was_never_seen_asks_in_the_middle_of_it(scene):
    scene.floods("asks", READ, f"/v1/secrets/{scene.own}")
    late = scene.start("--label", f"dso.secrets={scene.secret}", "--user", "1000:1000")
    scene.is_served(late)


def test_several_containers_flood_it_together(scene):
    """1,300 connections of three askers. (Three times as many keep the sanitized agent busy with choosing who is next.)"""
    for _ in range(3):
        scene.floods("asks", READ, f"/v1/secrets/{scene.own}", "--cpus", "0.2", many=MANY // 3)
    scene.is_served()


def test_a_user_of_the_host_floods_the_read_socket(scene, dso, flood, wait_until):
    """As the same user as the container's."""
    log = dso.world.logs / "flood.log"
    late = scene.start("--label", f"dso.secrets={scene.secret}", "--user", f"{MEMBER}:{MEMBER}")
    with open(log, "wb") as out, subprocess.Popen([flood, "asks", scene.read, "/", str(MANY)], user=MEMBER, group=MEMBER, extra_groups=[], stdout=out) as p:
        wait_until(lambda: "flooding" in log.read_text(), 20, "it floods")
        scene.is_served(late)
        p.kill()


@pytest.mark.parametrize("target", ["/v1/logs", "/v1/status"])
def test_a_member_of_the_group_floods_the_control_socket(scene, dso, flood, wait_until, target):
    """What 1,300 `dso logs --follow` are; root steers as before."""
    os.chown(scene.control, 0, MEMBER)
    log = dso.world.logs / "flood.log"
    with open(log, "wb") as out, subprocess.Popen([flood, "asks", scene.control, target, str(MANY)], user=MEMBER, group=MEMBER, extra_groups=[],
                                                  stdout=out) as p:
        wait_until(lambda: "flooding" in log.read_text(), 20, "it floods")
        took = sorted(status_takes(dso) for _ in range(10))
        p.kill()
    assert took[-1] < 1, took


def test_a_container_floods_the_control_socket(scene, dso):
    """Root's, as the host's is: that is another user."""
    scene.floods("asks", CONTROL, f"/v1/secrets/{scene.own}")
    took = sorted(status_takes(dso) for _ in range(10))
    assert took[-1] < 1, took
