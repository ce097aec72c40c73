"""The installed agent has no network of its own: a real Vault is reached by connections that dso-dialer opens and passes to it."""
from harness.stores import Vault
from netns import lent_port
from systemd_host import FAST, WEB

VAULT_PORT = 15004
CONFIG = FAST.replace("agent:\n", "agent:\n  metrics: {listen: 127.0.0.1:9477}\n") + """
providers:
  default: {type: local}
  prod: {type: vault, address: "https://127.0.0.1:15004", ca_file: /etc/dso/ca.pem, auth: {method: token, params: {token_file: /etc/dso/token}}}
secrets:
  - {name: secret/app, provider: prod}
"""


def configured(host, vault: Vault):
    with open(vault.ca) as ca:
        host.sh("cat > /etc/dso/ca.pem", input=ca.read())
    host.sh("umask 077; cat > /etc/dso/token", input=vault.new_token())
    host.config(CONFIG)


def sockets_of(host, pid):
    """The network connections of a process, by their inodes in the host's tables."""
    held = host.sh(f"ls -l /proc/{pid}/fd | sed -n 's/.*socket:\\[\\([0-9]*\\)\\].*/\\1/p'").out.split()
    rows = host.sh("cat /proc/net/tcp /proc/net/tcp6").out.splitlines()
    return [row for row in rows if len(row.split()) > 9 and row.split()[9] in held]


def test_a_real_store_by_the_dialer(ready, vault, canary, wait_until):
    host, first, second, third = ready, canary(), canary(), canary()
    vault.put("app", password=first)
    with lent_port(int(host.docker("inspect", "-f", "{{.State.Pid}}", host.name).out), VAULT_PORT) as came:
        configured(host, vault)
        host("systemctl", "restart", "dso-agent")
        host.run("web", image=WEB, secret="prod/secret/app#password=/run/secrets/password", labels=("dso.strategy=none",))
        host.reads("web", first)
        vault.put("app", password=second)
        host.reads("web", second, 40)
        assert came, "the store was reached"

        # the agent talks to the store, and cannot have opened that connection; who opened it has no right at all
        pid, dialer = host.agent_pid(), int(host.property("dso-dialer", "MainPID"))
        assert sockets_of(host, pid) and not sockets_of(host, dialer)
        status = host("cat", f"/proc/{dialer}/status").out
        facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert int(facts["Uid"].split()[0]) != 0 and int(facts["CapBnd"], 16) == 0 and facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2", status
        metrics = host("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9477; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3").out
        assert "dso_" in metrics

        # it is killed: the next connection starts it again
        host("kill", "-9", str(dialer))
        wait_until(lambda: host.property("dso-dialer", "MainPID") not in ("0", str(dialer)), 20, "the dialer is back")
        vault.put("app", password=third)
        host.reads("web", third, 40)

        # it is taken away with the agent's connections: the last good value stays, the log says where to look, and all comes back
        seen = len(host.log())
        host("systemctl", "stop", "dso-dialer.socket", "dso-dialer.service")
        for client in list(came):
            client.close()
        host.logged("Look at it: systemctl status dso-dialer.socket dso-dialer", 60, since=seen)
        host.reads("web", third)
        assert host.agent_pid() == pid
        host("systemctl", "start", "dso-dialer.socket")
        fourth = canary()
        vault.put("app", password=fourth)
        host.reads("web", fourth, 90)

        # an agent that were made to connect by itself could not
        seen = len(host.log())
        host.sh("mkdir -p /etc/systemd/system/dso-agent.service.d; cat > /etc/systemd/system/dso-agent.service.d/x.conf; systemctl daemon-reload; "
                "systemctl restart dso-agent", input="[Service]\nEnvironment=DSO_DIALER=\n")
        host.logged("Address family not supported by protocol", 40, since=seen)
        host.reads("web", fourth)


def test_what_needs_its_own_network_is_told_how_to_get_it(ready):
    host = ready
    host.config(FAST + "providers:\n  default: {type: local}\n  files: {type: file, secrets_file: /run/files.json, sandbox: network}\nsecrets: []\n")
    host("systemctl", "restart", "dso-agent")
    host.logged("The provider instance 'files' wants a network of its own, which this agent's unit does not allow")
    host.sh("mkdir -p /etc/systemd/system/dso-agent.service.d; cat > /etc/systemd/system/dso-agent.service.d/net.conf; systemctl daemon-reload",
            input="[Service]\nRestrictAddressFamilies=AF_INET AF_INET6\nIPAddressAllow=any\n")
    seen = len(host.log())
    host("systemctl", "restart", "dso-agent")
    host.logged("Ready: watching", since=seen)
    assert "wants a network of its own" not in host.log()[seen:]


def test_the_dialer_comes_and_goes_with_the_agent(ready):
    host = ready
    host("systemctl", "stop", "dso-agent")
    assert [host.property(u, "ActiveState") for u in ("dso-dialer.socket", "dso-dialer.service")] == ["inactive"] * 2
    assert host("test", "-e", "/run/dso/dialer.sock", check=False).rc != 0
    host("systemctl", "start", "dso-agent")
    assert host.property("dso-dialer.socket", "ActiveState") == "active"
    assert host("stat", "-c", "%a %U", "/run/dso/dialer.sock").out == "600 root\n"
