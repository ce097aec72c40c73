"""The agent's unit: how little it may do, that this is enough for all that DSO does, and that none of its rights is spare; the watchdog."""
import json
import signal

from systemd_host import BUSYBOX, FAST, FILE, TREE

UNIT = TREE / "scripts" / "systemd" / "dso-agent.service"


def drop_in(host, text):
    host.sh("mkdir -p /etc/systemd/system/dso-agent.service.d; cat > /etc/systemd/system/dso-agent.service.d/test.conf; systemctl daemon-reload; "
            "systemctl restart dso-agent", input="[Service]\n" + text)


def test_exposure(host):
    host.docker("cp", "-q", UNIT, f"{host.name}:/root/dso-agent.service")
    done = host("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", "/root/dso-agent.service", check=False)
    assert done.rc == 0, done.out.splitlines()[-1]


def test_it_may_do_all_that_it_must(ready, canary, client, wait_until):
    """Files for a user of a container, signals to it, a published port handed over, a volume, the read socket, a provider's process, what is wiped."""
    host, first, second = ready, canary(), canary()
    host.store("app#password", first)
    host.sh("umask 077; cat > /run/files.json", input='{"other": {"key": "%s"}}' % first)
    host.config(FAST + "providers:\n  default: {type: local}\n  files: {type: file, secrets_file: /run/files.json}\n"
                "secrets:\n  - {name: app, provider: default}\n  - {name: other, provider: files}\n")
    host("systemctl", "restart", "dso-agent")
    host.run("lent", secret=f"other#key={FILE}", image=BUSYBOX, command=("sleep", "600"), labels=("dso.strategy=none",))
    host.run("sig", "--user", "1000:1000", labels=("dso.strategy=signal",))
    host.run("web", "-p", "8000:8000", "--user", "1000:1000", labels=("dso.strategy=rolling",))
    host("docker", "volume", "create", "-d", "dso", "-o", "secrets=app", "vol")
    host.docker("cp", "-q", client, f"{host.name}:/root/get")
    host("docker", "run", "-d", "--name", "withvolume", "-v", "vol:/run/s", "-v", "/run/dso/read:/run/read:ro", "-v", "/root/get:/get:ro", BUSYBOX,
         "sleep", "600")
    assert host("docker", "exec", "withvolume", "cat", "/run/s/password").out == first
    answer = host("docker", "exec", "-u", "1000:1000", "withvolume", "/get", "get", "/run/read/dso.sock", "/v1/secrets/app").out
    assert answer.startswith("HTTP/1.1 200 "), "any user of a container gets through to the read socket, under the unit's umask too"
    ids = host("sh", "-c", "grep -hE '^(Uid|Gid):' /proc/$(pgrep -f '^dso provider-host')/status").out.split()
    assert all(int(word) >= 0x70000000 for word in ids if word.isdigit()), ids
    refused = host("docker", "exec", "withvolume", "touch", "/run/s/x", check=False)
    assert "Read-only file system" in refused.err, refused
    for name in ("sig", "web"):
        host.reads(name, first)
        assert host("docker", "exec", name, "stat", "-Lc", "%a %u", FILE).out == "400 1000\n"
    before = host.inspect("web")["Id"]
    host.store("app#password", second)
    host.sh("umask 077; cat > /run/files.new; mv /run/files.new /run/files.json", input='{"other": {"key": "%s"}}' % second)
    host.reads("lent", second)
    host.logged("Signal SIGHUP sent to 'sig'")

    def replaced():  # between the old and the new one the name is nobody's for a moment
        shown = host("docker", "inspect", "-f", "{{.Id}} {{.State.Health.Status}}", "web", check=False).out.split()
        return shown[1:] == ["healthy"] and shown[0] != before
    wait_until(replaced, 60, "web is replaced")
    for name in ("sig", "web"):
        host.reads(name, second)
    wait_until(lambda: host("docker", "exec", "withvolume", "cat", "/run/s/password").out == second, 20, "the volume has the new value")
    wait_until(lambda: host("docker", "ps", "-aq").out.count("\n") == 4, 30, "nothing is left over")
    host("dso", "rollback", "web", timeout=90)
    host.reads("web", first)
    problems = [line for line in host.log().splitlines() if line.startswith(("WARN", "ERROR"))]
    assert not problems, problems


def test_what_it_may_do_is_not_spare(ready, canary):
    """Without each right that a container's owner would miss, something fails, and says so."""
    host = ready
    host.store("app#password", canary())
    host.run("sig", "--user", "1000:1000", labels=("dso.strategy=signal",))
    host.run("web", "-p", "8000:8000", labels=("dso.strategy=rolling",))
    for right, complaint in (("CAP_CHOWN", "Operation not permitted"), ("CAP_NET_ADMIN", "Permission denied (you must be root)")):
        drop_in(host, f"CapabilityBoundingSet=~{right}\n")
        seen = len(host.log())
        host.store("app#password", canary())
        host.logged(complaint, 40, since=seen)


def test_watchdog(ready, canary, wait_until):
    """An agent that does nothing any more is replaced, and the containers do not notice."""
    host, value = ready, canary()
    host.store("app#password", value)
    host.run("web")
    host.reads("web", value)
    drop_in(host, "WatchdogSec=2s\n")
    pid, started = host.agent_pid(), host.inspect("web")["State"]["StartedAt"]
    host("sleep", "3")
    assert host.agent_pid() == pid  # it says that it lives
    host("kill", f"-{signal.SIGSTOP.value}", str(pid))
    wait_until(lambda: host.agent_pid() not in (0, pid), 20, "the agent is replaced")
    assert "Watchdog timeout" in host.log()
    host.reads("web", value)
    assert host.inspect("web")["State"]["StartedAt"] == started
    newer = canary()
    host.store("app#password", newer)
    host.reads("web", newer, 40)
    assert json.loads(host("dso", "status", "--format", "json").out)


def test_what_it_takes_of_the_host_is_bounded(ready, canary, wait_until):
    """Agent and providers together; and a provider that is killed for its memory takes nobody with it."""
    host = ready
    bounds = {name: host.property("dso-agent", name) for name in ("TasksMax", "MemoryMax", "OOMPolicy", "CPUWeight")}
    assert bounds == {"TasksMax": "2048", "MemoryMax": str(1 << 30), "OOMPolicy": "continue", "CPUWeight": "50"}
    host.sh("umask 077; cat > /run/files.json", input='{"other": {"key": "%s"}}' % canary())
    host.config(FAST + "providers:\n  files: {type: file, secrets_file: /run/files.json}\nsecrets:\n  - {name: other, provider: files}\n")
    host("systemctl", "restart", "dso-agent")
    host.run("lent", secret=f"other#key={FILE}", image=BUSYBOX, command=("sleep", "600"), labels=("dso.strategy=none",))

    def provider():
        return host("pgrep", "-f", "^dso provider-host", check=False).out.strip()
    pid, agent = wait_until(provider, 20, "the provider runs"), host.agent_pid()
    assert host("cat", f"/proc/{pid}/oom_score_adj").out == "1000\n"
    status = host("cat", f"/proc/{pid}/status").out
    assert all(f"Cap{name}:\t{'0' * 16}\n" in status for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")), status
    limits = host("cat", f"/proc/{pid}/limits").out
    assert "Max processes             32 " in limits, limits
    newer = canary()
    host("kill", "-9", pid)  # as the kernel does
    host.sh("umask 077; cat > /run/files.new; mv /run/files.new /run/files.json", input='{"other": {"key": "%s"}}' % newer)
    host.reads("lent", newer, 40)
    assert host.agent_pid() == agent
