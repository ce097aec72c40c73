"""Hosts that are not as the others: rules of iptables-legacy, control groups of version 1, a kernel before 6.4 (its number alone: the kernel of
this machine is what it is)."""
import pytest
from systemd_host import FILE, WEB, Host, bundle

# control groups as the machine below has them, writable; the rest is what /sbin/dso-test-init does
VERSION_1 = r"""
mount --make-rshared /
mount -o remount,bind,rw /sys/fs/cgroup
for group in /sys/fs/cgroup/*; do ! mountpoint -q "$group" || mount -o remount,bind,rw "$group"; done
mount -o remount,rw /sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
umask 022
exec /lib/systemd/systemd
"""


def installed(host, world):
    host.config()
    host.copy(bundle(world.tmp / "bundle"))
    host.install()
    host("dso", "init")
    return host.with_images()


def rolls(host, canary, wait_until):
    """What a host is for: a secret there before PID 1, its change in a service with a published port, and nothing left over."""
    first, second = canary(), canary()
    host.store("app#password", first)
    host.run("web", "-p", "8000:8000", labels=("dso.strategy=rolling",))
    host.reads("web", first)
    old = host.inspect("web")["Id"]
    host.store("app#password", second)
    host.logged("Rolled 'web' to the new secret", 60)
    assert host.inspect("web")["Id"] != old
    host.reads("web", second)
    wait_until(lambda: host("docker", "ps", "-a", "--format", "{{.Names}}").out == "web\n", 40, "nothing is left over")
    return second


def test_iptables_legacy(host, world, canary, wait_until):
    host.sh("update-alternatives --set iptables /usr/sbin/iptables-legacy; update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy")
    host.reboot()
    assert "-A DOCKER" in host("iptables-legacy-save").out or ":DOCKER" in host("iptables-legacy-save").out
    assert "DOCKER" not in host("nft", "list", "ruleset").out
    installed(host, world)
    assert host("cat", "/etc/systemd/system/dso-agent.service.d/10-iptables-legacy.conf").out.endswith(
        "CapabilityBoundingSet=CAP_NET_RAW\nRestrictAddressFamilies=AF_INET AF_INET6\n")
    assert "cap_net_raw" in host.property("dso-agent", "CapabilityBoundingSet")
    rolls(host, canary, wait_until)
    assert "dso" not in host("iptables-legacy-save").out + host("nft", "list", "tables").out

    # the drop-in is needed: without it the service is not handed over, and is not harmed
    host.sh("rm /etc/systemd/system/dso-agent.service.d/10-iptables-legacy.conf; systemctl daemon-reload; systemctl restart dso-agent")
    before, third, seen = host.inspect("web")["Id"], canary(), len(host.log())
    host.store("app#password", third)
    host.logged("Address family not supported by protocol. The old container keeps running", 60, since=seen)
    assert host.inspect("web")["Id"] == before and host.inspect("web")["State"]["Status"] == "running"


def test_before_noswap(host, world, canary, wait_until):
    """The drop-in is put, and the tmpfs mounted by it; no older kernel ran this."""
    host.sh("printf '#!/bin/sh\\n[ \"$1\" = -r ] && echo 6.1.0-18-amd64 || exec /bin/uname \"$@\"\\n' > /usr/local/sbin/uname; chmod 755 /usr/local/sbin/uname")
    assert host("uname", "-r").out == "6.1.0-18-amd64\n"
    installed(host, world)
    assert "# this kernel (6.1.0-18-amd64) cannot keep a tmpfs out of swap" in host("cat", "/etc/systemd/system/run-dso-secrets.mount.d/10-swap.conf").out
    options = host("findmnt", "-no", "OPTIONS", "/run/dso/secrets").out.strip().split(",")
    assert "noswap" not in options and {"nosuid", "nodev", "noexec", "size=65536k", "mode=700"} <= set(options), options
    second = rolls(host, canary, wait_until)
    host.reboot()
    host("docker", "start", "web")
    host.reads("web", second)
    assert "noswap" not in host("findmnt", "-no", "OPTIONS", "/run/dso/secrets").out


def test_control_groups_of_version_1(world, canary, wait_until):
    with open("/proc/self/cgroup", encoding="ascii") as groups:
        if all(line.startswith("0:") for line in groups):
            pytest.skip("this machine has control groups of version 2 alone")
    host = Host(world, VERSION_1)
    assert "cgroup2fs" not in host("stat", "-fc", "%T", "/sys/fs/cgroup").out
    installed(host, world)
    assert host("docker", "info", "-f", "{{.CgroupVersion}}").out == "1\n"
    second = rolls(host, canary, wait_until)
    # who asks at the read socket is told by these groups
    host.run("asks", "-v", "/run/dso/read:/run/dso", image=WEB)
    host.reads("asks", second)
    line = host("docker", "exec", "web", "cat", "/proc/self/cgroup").out
    assert host.inspect("web")["Id"] in host("sh", "-c", f"cat /proc/{host.inspect('web')['State']['Pid']}/cgroup").out, line
    assert host("docker", "exec", "web", "cat", FILE).out == second
