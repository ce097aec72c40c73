"""Installing, installing again and removing DSO on a machine with systemd, an engine and no network."""
import re

import pytest
from systemd_host import BUNDLE, bundle

UNITS = ("dso-agent.service", "dso-dialer.socket", "dso-plugin.socket", "run-dso-secrets.mount", "run-dso-readonly.mount")


@pytest.fixture
def shipped(host, world):
    host.copy(bundle(world.tmp / "bundle"))
    return host


def test_install_without_network(shipped):
    host = shipped
    assert "lo" in host("ip", "-br", "link").out and "eth0" not in host("ip", "-br", "link").out
    rehearsed = host.files()
    steps = host.install("--dry-run").err
    assert host.files() ^ rehearsed == set(), "a rehearsal changed something"
    said = host.install().err
    assert [host.property(unit, "ActiveState") for unit in UNITS] == ["active"] * len(UNITS), host("systemctl", "--failed").out
    assert "active (running)" in host("systemctl", "status", "--no-pager", "dso-agent").out
    assert host("systemctl", "is-enabled", "dso-agent").out == "enabled\n"

    # the rehearsal said every step that was done (the files of providers are copied by the new binary)
    def normal(text):
        return {re.sub(r"/tmp/dso-install\.\w+", "/tmp/x", line.strip()) for line in text.splitlines() if line.startswith("  ")}
    left_out = [step for step in normal(said) - normal(steps) if not re.search(r" installed: |^dso version|^\w+ +[\d.]+ ", step)]
    assert not left_out

    # what lies where: completion, man page, the list of providers, the group
    for path in ("/usr/local/share/bash-completion/completions/dso", "/usr/local/share/zsh/site-functions/_dso",
                 "/usr/local/share/fish/vendor_completions.d/dso.fish", "/usr/local/share/man/man1/dso.1", "/usr/local/include/dso/provider.h"):
        assert host("test", "-s", path, check=False).rc == 0, path
    assert host("stat", "-c", "%a %U:%G", "/run/dso/dso.sock").out == "660 root:dso\n"
    assert "noswap" in host("findmnt", "-no", "OPTIONS", "/run/dso/secrets").out
    assert host("docker", "dso", "version").out == host("dso", "version").out

    # a member of the group may ask the agent, another user may not
    host.sh("useradd -G dso ops; useradd stranger")
    asked = {user: host("su", user, "-c", "dso logs", check=False) for user in ("ops", "stranger")}
    assert "[Agent] Ready" in asked["ops"].out, asked["ops"]
    assert asked["stranger"].rc == 5 and "no agent answers" in asked["stranger"].err and "members of the group dso" in asked["stranger"].err, asked["stranger"]

    # the journal has the agent's lines, and follows
    follow = host.world.start([host.docker_program, "exec", host.name, "journalctl", "-u", "dso-agent", "-f", "-o", "cat"], name="journal")
    follow.wait_line(r"^INFO: \[Agent\] Ready: ")
    host("dso", "init")
    host("systemctl", "restart", "dso-agent")
    follow.wait_line(r"^INFO: \[Agent\] Stopping; [^\0]*^INFO: \[Agent\] Ready: ")
    follow.stop(expect=None)


def test_setup_does_what_is_missing_and_no_more(shipped):
    host = shipped
    host.install("--no-service")
    before = host.files()
    # a step fails: what was there before it is undone
    host.sh("mkdir -p /etc/dso; touch /etc/dso/store")
    failed = host("dso", "setup", check=False)
    assert failed.rc == 1 and "nothing was changed" in failed.err, failed.err
    host.sh("rm /etc/dso/store; rmdir /etc/dso")
    assert host.files() ^ before == set()
    said = host("dso", "setup", "--dry-run").err
    assert host.files() ^ before == set(), "a rehearsal changed something"
    done = host("dso", "setup").err
    assert {line for line in done.splitlines() if line.startswith("  ")} == {line for line in said.splitlines() if line.startswith("  ")}
    assert [host.property(unit, "ActiveState") for unit in UNITS] == ["active"] * len(UNITS)
    assert host("systemctl", "is-enabled", "dso-agent").out == "enabled\n"
    host("dso", "validate", "/etc/dso/dso.yaml")
    host.store("app#password", "x")
    pid, files = host.agent_pid(), host.files()
    host("dso", "setup")
    assert host.files() ^ files == set() and host.agent_pid() == pid
    assert "  /etc/dso" in host("dso", "uninstall", "--dry-run").err.split("stays:")[1]
    assert "nothing was removed" in host("dso", "uninstall", check=False).err and host.agent_pid() == pid
    host("dso", "uninstall", "--yes", "--purge")
    assert host("systemctl", "is-active", "dso-agent", check=False).out == "inactive\n"
    assert host("sh", "-c", "command -v dso", check=False).rc != 0 and host("test", "-e", "/etc/dso", check=False).rc != 0


def test_again_changes_nothing(shipped):
    host = shipped
    host.install()
    pid, files = host.agent_pid(), host.files()
    again = host.install().err
    assert "install -m" not in again and "ln -s" not in again, again
    assert host.files() ^ files == set() and host.agent_pid() == pid


def test_uninstall_leaves_what_it_says(shipped):
    host = shipped
    before = host.files()
    host.sh("mkdir /usr/local/lib/dso; echo mine > /usr/local/lib/dso/mine")
    host.install()
    host("dso", "init")
    host.sh("echo '# changed by me' >> /etc/systemd/system/run-dso-readonly.mount")
    uninstall = "/usr/local/lib/dso/uninstall"
    rehearsed = host.files()
    listed = host(uninstall, "--dry-run").err
    assert host.files() ^ rehearsed == set()
    done = host(uninstall, "--yes").err
    assert host("systemctl", "is-active", "dso-agent", check=False).out == "inactive\n"
    assert listed.split("stays:")[1].splitlines()[1:5] == done.split("stays:")[1].splitlines()[1:5] == [
        "  /etc/systemd/system/run-dso-readonly.mount   (was changed since it was installed)", "  /etc/dso", "  /var/lib/dso", "  /run/dso"]
    left = [line for line in host.files() if line not in before]
    said = ("/etc/dso", "/var/lib/dso", "/run/dso", "/usr/local/lib/dso/mine", "/etc/systemd/system/run-dso-readonly.mount", "run-dso-readonly.mount")
    assert not [line for line in left if not any(place in line for place in said) and not re.search(r" /usr/local/lib/dso$", line)], left

    # the rest goes with --purge, which takes no file that is not DSO's
    host(f"{BUNDLE}/uninstall", "--yes", "--purge")
    left = [line for line in host.files() if line not in before]
    assert not [line for line in left if not re.search(r"/usr/local/lib/dso(/mine)?$|run-dso-readonly\.mount", line)], left
