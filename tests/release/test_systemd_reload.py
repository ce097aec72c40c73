"""`systemctl reload dso-agent`: the config is read anew and no container notices; one that is wrong fails the reload and changes nothing."""
from systemd_host import BUSYBOX, FAST, FILE

MORE = FAST + "providers:\n  default: {type: local}\n  more: {type: local, path: /etc/dso/more}\n"


def test_systemctl_reload(ready, canary):
    host, first, second = ready, canary(), canary()
    host("dso", "init", check=False)
    host("env", "DSO_STORE=/etc/dso/more", "dso", "init")
    host.sh("DSO_STORE=/etc/dso/more dso secret set other#password", input=first)
    host.store("app#password", first)
    host.run("app", image=BUSYBOX, command=("sleep", "600"), labels=("dso.strategy=none",))
    pid, begun = host.agent_pid(), host.inspect("app")["State"]["StartedAt"]

    host.config(MORE)
    host("systemctl", "reload", "dso-agent")
    assert "anew: provider instances: 1 added (more)" in host.log()
    host.run("other", image=BUSYBOX, command=("sleep", "600"), labels=("dso.strategy=none",), secret=f"more/other#password={FILE}")
    host.sh("DSO_STORE=/etc/dso/more dso secret set other#password", input=second)
    host.reads("other", second)

    host.config(MORE + "agnt: {}\n")
    failed = host("systemctl", "reload", "dso-agent", check=False)
    assert failed.rc != 0 and "agnt" in host.log() and "goes on with what it read before" in host.log(), failed
    assert host.property("dso-agent", "ActiveState") == "active" and host.agent_pid() == pid
    host.store("app#password", second)
    host.reads("app", second)
    host("systemctl", "kill", "-s", "HUP", "--kill-who=main", "dso-agent")
    host.config(FAST)
    seen = len(host.log())
    host("systemctl", "kill", "-s", "HUP", "--kill-who=main", "dso-agent")
    host.logged("anew: provider instances: ", since=seen)
    assert host.agent_pid() == pid and host.inspect("app")["State"]["StartedAt"] == begun
