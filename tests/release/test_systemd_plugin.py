"""The plugin socket under a real systemd and engine: an engine that has spoken to the driver asks it about every name that it does not know,
and for 15 s where nobody serves. With the agent killed, or unable to start, it may not wait."""
import time

from systemd_host import BUSYBOX, FAST, FILE

SOCKET = "/run/docker/plugins/dso.sock"
PATIENCE = 2.0


def timed(host, *command):
    began = time.monotonic()
    done = host(*command, check=False)
    return time.monotonic() - began, done


def unknown_names(host):
    """What an engine does that has to look for a volume; how long the longest took."""
    took = []
    for n in range(2):
        seconds, done = timed(host, "docker", "volume", "inspect", f"nosuch{n}")
        assert done.rc == 1 and "no such volume" in done.err.lower(), done
        took.append(seconds)
    seconds, done = timed(host, "docker", "run", "--rm", "-v", f"fresh{time.monotonic_ns()}:/x", "--name", f"c{time.monotonic_ns()}", BUSYBOX, "true")
    assert done.rc == 0, done
    return max(*took, seconds - 1)  # a container takes its own time to start and go


def test_a_killed_agent_costs_the_engine_nothing(ready, canary, wait_until):
    host, value = ready, canary()
    host.store("app#password", value)
    assert host.property("dso-plugin.socket", "ActiveState") == "active"
    assert host("stat", "-c", "%a %U", SOCKET).out == "600 root\n"
    # the engine has spoken to the driver: it remembers that, and asks it from now on
    host("docker", "volume", "create", "-d", "dso", "-o", "secrets=app", "vol")
    assert host("docker", "run", "--rm", "-v", "vol:/run/s", BUSYBOX, "cat", "/run/s/password").out == value
    assert unknown_names(host) < PATIENCE
    for _ in range(3):
        pid = host.agent_pid()
        host("kill", "-9", str(pid))
        seconds = unknown_names(host)
        assert seconds < PATIENCE, f"{seconds} s"
        wait_until(lambda old=pid: host.agent_pid() not in (0, old), 20, "the agent is back")
    assert host("docker", "run", "--rm", "-v", "vol:/run/s", BUSYBOX, "cat", "/run/s/password").out == value

    # it comes and goes with the agent
    host("systemctl", "stop", "dso-agent")
    assert host.property("dso-plugin.socket", "ActiveState") == "inactive" and host("test", "-e", SOCKET, check=False).rc != 0
    host("systemctl", "start", "dso-agent")
    assert host.property("dso-plugin.socket", "ActiveState") == "active"
    host("systemctl", "restart", "dso-agent")
    assert host("docker", "run", "--rm", "-v", "vol:/run/s", BUSYBOX, "cat", "/run/s/password").out == value
    assert "another process serves there" not in host.log()


def test_an_agent_that_cannot_start_costs_the_engine_little(ready, canary):
    """A config that it refuses: systemd starts it again each second, and each time it tells the engine, which waits at the socket."""
    host, value = ready, canary()
    host.store("app#password", value)
    host("docker", "volume", "create", "-d", "dso", "-o", "secrets=app", "vol")
    host.run("app", "--restart", "no", image=BUSYBOX, command=("sleep", "600"), secret=f"app#password={FILE}")
    host.config("agent: {watch: {poling_interval: 1s}}\n")
    host("kill", "-9", str(host.agent_pid()))
    seconds = unknown_names(host)
    assert seconds < 2 * PATIENCE, f"{seconds} s"
    assert host.property("dso-plugin.socket", "ActiveState") == "active"
    host.reads("app", value)
    seen = len(host.log())
    host.config(FAST)
    host.logged("Ready: watching", 20, since=seen)
    assert host("docker", "run", "--rm", "-v", "vol:/run/s", BUSYBOX, "cat", "/run/s/password").out == value
