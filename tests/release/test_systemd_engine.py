"""The engine's package is upgraded under running containers, from Debian's 20.10 (API 1.41) to the next Debian's 26.1, which here refuses
every API before 1.44 as Docker 29 does: an agent that kept to the API it knew would never be answered again."""
import pytest
from harness.stores import peer
from systemd_host import BUSYBOX, FILE

OLDEST_API = "[Service]\nEnvironment=DOCKER_MIN_API_VERSION=1.44\n"


def prepared(host, live_restore):
    host.sh("mkdir -p /etc/docker /etc/systemd/system/docker.service.d; cat > /etc/systemd/system/docker.service.d/api.conf; "
            "systemctl daemon-reload", input=OLDEST_API)
    if live_restore:
        host.sh("echo '{\"live-restore\": true}' > /etc/docker/daemon.json; systemctl restart docker", timeout=90)
    host.copy(peer("systemd-engine.sh")["ENGINE_PACKAGES"], "/root/engine")


def state(host, name):
    return {key: host.inspect(name)["State"][key] for key in ("Pid", "StartedAt", "Error")} | {"restarts": host.inspect(name)["RestartCount"]}


@pytest.mark.parametrize("live_restore", [False, True], ids=["containers-stop", "live-restore"])
def test_engine_upgrade(ready, canary, wait_until, live_restore):
    host, first, second, third = ready, canary(), canary(), canary()
    prepared(host, live_restore)
    host.store("app#password", first)
    host.run("reader", "--restart", "always", "--stop-timeout", "1", image=BUSYBOX,
             command=("sh", "-c", f"cat {FILE} > /dev/null || exit 1; exec sleep 600"), labels=("dso.strategy=none",))
    host.run("web", "--restart", "always", "-p", "8000:8000", labels=("dso.strategy=rolling",))
    for name in ("reader", "web"):
        host.reads(name, first)
    old, pid, before, seen = host.inspect("web")["Id"], host.agent_pid(), state(host, "reader"), len(host.log())
    assert host("docker", "version", "-f", "{{.Server.Version}} {{.Server.APIVersion}}").out.startswith("20.10.")

    host("systemctl", "stop", "docker.socket", "docker.service", timeout=90)
    host.logged("Every container keeps the last good secret", since=seen)
    host.sh("DEBIAN_FRONTEND=noninteractive dpkg -B -i /root/engine/*.deb", timeout=240)
    host("systemctl", "start", "docker", timeout=90)
    assert host("docker", "version", "-f", "{{.Server.Version}} {{.Server.MinAPIVersion}}").out.startswith("26.1.5"), "the engine is the new one"
    assert host("docker", "version", "-f", "{{.Server.MinAPIVersion}}").out == "1.44\n"

    # no container lost its secret, or was started without it
    for name in ("reader", "web"):
        host.reads(name, first, 60)
    after = state(host, "reader")
    assert (after == before) == live_restore and after["restarts"] == 0 and not after["Error"], (before, after)

    # the same agent goes on: its log says that the engine went and came, and a rotation makes a new container in the new engine
    host.store("app#password", second)
    host.reads("reader", second, 60)
    host.replaced("web", old)
    host.reads("web", second)
    wait_until(lambda: host("docker", "ps", "-a", "--format", "{{.Names}}").out.split() == ["web", "reader"], 40, "nothing is left over")
    said = host.log()[seen:]
    assert host.agent_pid() == pid
    assert "The Docker engine answers again" in said, said

    # and a second one, with the engine restarted once more
    host("systemctl", "restart", "docker", timeout=90)
    host.store("app#password", third)
    host.reads("web", third, 90)
    host.run("later", image=BUSYBOX, command=("sleep", "600"))
    host.reads("later", third)
