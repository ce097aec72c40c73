"""Hosts, engines and agents that restart, under a real systemd: every container comes back with its secret, and nothing waits for DSO."""
import pytest
from systemd_host import BUSYBOX, FILE

SLEEP = {"image": BUSYBOX, "command": ("sleep", "600")}


@pytest.fixture
def app(ready, canary):
    """A container that reads its secret at its start, and starts with the host."""
    value = canary()
    ready.store("app#password", value)
    ready.run("app", "--restart", "always", "--stop-timeout", "1", image=BUSYBOX, command=("sh", "-c", f"cat {FILE} > /dev/null || exit 1; exec sleep 600"))
    ready.reads("app", value)
    return value


@pytest.mark.parametrize("how", ["reboot", "lose_power"])
def test_reboot(ready, app, canary, how):
    """/run is empty, systemd starts the agent before the engine: the container starts once, and not without its secret."""
    host = ready
    getattr(host, how)()
    host.reads("app", app, 40)
    state = host.inspect("app")
    assert state["RestartCount"] == 0 and not state["State"]["Error"], state["State"]
    ready_at, engine_at = (int(host.property(u, "ActiveEnterTimestampMonotonic")) for u in ("dso-agent", "docker"))
    assert ready_at < int(host.property("docker", "ExecMainStartTimestampMonotonic")) < engine_at
    newer = canary()
    host.store("app#password", newer)
    host.reads("app", newer)


def test_the_engine_is_first(ready, app, wait_until):
    """The other order: the engine starts while the secrets are not there, and refuses the container; the agent starts it."""
    host = ready
    # a host that was switched off and started without the agent
    host("systemctl", "disable", "dso-agent")
    host.lose_power()
    assert host.property("dso-agent", "ActiveState") == "inactive"
    wait_until(lambda: "/secrets/" in host.inspect("app")["State"]["Error"], 20, "the engine refuses to start it")
    host("systemctl", "enable", "--now", "dso-agent")
    host.reads("app", app, 40)
    host.logged("Started 'app': its secrets are back")


def test_engine_restart(ready, app, canary, wait_until):
    """As an upgrade of the engine's package does: all containers stop and start; the agent stays, and goes on."""
    host = ready
    pid = host.agent_pid()
    host("systemctl", "restart", "docker", timeout=90)
    host.reads("app", app, 40)
    newer = canary()
    host.store("app#password", newer)
    host.reads("app", newer)
    assert host.agent_pid() == pid


def test_an_hour_without_the_agent(ready, app, canary):
    """Many starts and stops while the agent is stopped: none waits for it, none loses its secret, new containers get theirs; what changed
    meanwhile is there when it is back."""
    host = ready

    def rounds(count):
        seconds = []
        for n in range(count):
            host.run(f"c{n}", *("--restart", "no"), **SLEEP)
            for verb in (("stop", "-t", "0"), ("start",), ("restart", "-t", "0")):
                seconds.append(host("docker", *verb, f"c{n}").seconds)
                if verb[0] != "stop":
                    host.reads(f"c{n}", app, 5)
            host("docker", "rm", "-f", f"c{n}")
        return sorted(seconds)

    with_agent = rounds(1)
    host("systemctl", "stop", "dso-agent")
    without = rounds(5)
    assert without[-1] < max(3 * with_agent[-1], 5), (with_agent, without)
    host("docker", "restart", "-t", "0", "app")
    host.reads("app", app)
    newer = canary()
    host.store("app#password", newer)
    host("systemctl", "start", "dso-agent")
    host.reads("app", newer)
