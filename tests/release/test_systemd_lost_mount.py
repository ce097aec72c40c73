"""The secrets' mount goes under running containers: the unit's stop is refused while the agent holds the folder; where it is taken away by
force the agent, which may not mount, says what to start, and goes on after that."""


def test_the_mount_goes_under_running_containers(ready, canary, wait_until):
    host, first, second = ready, canary(), canary()
    host.store("app#password", first)
    host.run("web", labels=("dso.strategy=restart",))
    host.reads("web", first)
    started, pid = host.inspect("web")["State"]["StartedAt"], host.agent_pid()
    assert host("systemctl", "stop", "run-dso-secrets.mount", check=False).rc != 0, "it is busy"
    host.reads("web", first)
    host.sh("umount -l /run/dso/secrets")
    wait_until(lambda: " /run/dso/secrets " not in host("cat", "/proc/self/mounts").out, 20, "it is gone")
    host.logged("systemctl start run-dso-secrets.mount", 30)
    assert host.inspect("web")["State"]["StartedAt"] == started, "nobody is touched for that"
    host.reads("web", first)
    seen = len(host.log())
    host("systemctl", "start", "run-dso-secrets.mount")
    host.logged("is whole again", 30, since=seen)
    host.store("app#password", second)
    host.reads("web", second, 60)
    assert host.agent_pid() == pid
