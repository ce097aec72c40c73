"""The Debian package: made by CPack of what scripts/build built, installed, upgraded, removed and purged with dpkg alone."""
import pytest
from harness import places
from systemd_host import WEB


@pytest.fixture
def deb(world):
    folder = world.tmp / "deb"
    world.run(["cpack", "-G", "DEB", "-B", folder], cwd=places.ROOT / "build" / "release", timeout=120)
    return next(folder.glob("dso_*.deb"))


def test_from_install_to_purge(host, deb, canary):
    value, newer = canary(), canary()
    before = host.files()
    host.copy(deb, "/root/dso.deb")
    host.with_images()
    host.sh("dpkg -i /root/dso.deb", timeout=120)
    assert host.property("dso-agent", "ActiveState") == "active", host.log()
    assert host("readlink", f"/proc/{host.agent_pid()}/exe").out == "/usr/bin/dso\n"
    assert host("docker", "dso", "version").out.count("/usr/lib/dso/providers/") == 4
    assert host("stat", "-c", "%a %U:%G", "/run/dso/dso.sock").out == "660 root:dso\n"
    assert "ro" in host("findmnt", "-no", "OPTIONS", "/run/dso/readonly").out.split(",")
    host.config()
    host("dso", "init")
    host("systemctl", "restart", "dso-agent")
    host.store("app#password", value)
    host.run("web", image=WEB, labels=("dso.strategy=none",))
    host.reads("web", value)
    pid, started = host.agent_pid(), host.inspect("web")["State"]["StartedAt"]
    host.sh("dpkg -i /root/dso.deb", timeout=120)
    assert host.agent_pid() != pid and host.inspect("web")["State"]["StartedAt"] == started
    host.store("app#password", newer)
    host.reads("web", newer)
    host.sh("dpkg -r dso", timeout=60)
    assert host("systemctl", "is-active", "dso-agent", check=False).out == "inactive\n"
    host.reads("web", newer)
    left = {line.split()[-1] for line in host.files() - before}
    assert not {path for path in left if not path.startswith(("/etc/dso", "/var/lib/dso", "/run/dso", "/etc/group", "/etc/gshadow", "/var/lib/dpkg"))}, left
    assert "/etc/dso/dso.yaml" in left
    host.sh("docker rm -f web; dpkg -P dso", timeout=60)
    left = {line.split()[-1] for line in host.files() - before}
    assert not {path for path in left if not path.startswith(("/run/dso", "/etc/group", "/etc/gshadow", "/var/lib/dpkg"))}, left
    assert host("getent", "group", "dso", check=False).out == ""
