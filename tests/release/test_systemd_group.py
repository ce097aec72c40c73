"""What a member of the group dso does without being root: the commands find the host's agent by themselves."""
import json


def test_a_member_steers_the_hosts_agent(ready, canary):
    host, first, second = ready, canary(), canary()
    # a host whose polling is not what brings the change
    host.config("agent:\n  watch: {polling_interval: 1h}\n")
    host("systemctl", "restart", "dso-agent")
    host.sh("useradd -m -G dso ops; useradd -m -G dso,docker oper; useradd -m stranger")
    host.store("app#password", first)
    host.run("web", labels=("dso.strategy=none",))
    host.reads("web", first)

    def by(user, command, **kw):
        return host("su", "-", user, "-c", command, **kw)

    assert "[Agent] Ready" in by("ops", "dso logs").out
    pid = f"Agent: pid {host.agent_pid()},"
    assert by("ops", "dso status", check=False).out.startswith(pid)
    status = by("oper", "dso status").out
    assert status.startswith(pid) and "web" in status and "its secrets are root's to see" in status, status
    assert json.loads(by("oper", "dso status --format json").out)["agent"]["pid"] == host.agent_pid()

    host("sh", "-c", "DSO_RUN_DIR=/run/none dso secret set app#password", input=second)  # nobody is told
    said = by("ops", "dso rotate web").out
    assert "web" in said, said
    host.reads("web", second)

    # what was named counts alone, and who is in no group is told why
    named = by("ops", "DSO_RUN_DIR=/tmp/mine dso logs", check=False)
    assert named.rc == 5 and "no agent answers at /tmp/mine/dso.sock" in named.err and "host's" not in named.err, named
    for command in ("logs", "rotate web", "rollback web"):
        refused = by("stranger", f"dso {command}", check=False)
        assert refused.rc == 5 and "and the host's at /run/dso/dso.sock is for root and members of the group dso" in refused.err, refused
