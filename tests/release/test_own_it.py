"""All of an operator's way as one: the signed bundle on a clean machine without a network, to a rotation, an upgrade, and nothing left."""
import json

from bundles import bundle, sign_again  # noqa: F401 (a fixture)
from harness.wait import wait_until


KEPT = ("/etc/dso", "/var/lib/dso", "/run/dso")  # config and store, names, tmpfs: what uninstall says that it keeps


def doctor(host):
    """Its rows; an error row fails."""
    said = json.loads(host("dso", "doctor", "--format", "json").out)
    assert said["error"] == 0, said
    return said


def carried(host, folder, target):
    host.copy(folder, target)
    host.sh(f"chown -R root:root {target}")
    return target


def test_from_the_bundle_to_nothing(host, bundle, canary, world):  # noqa: F811
    first, second, third = canary(env=True), canary(env=True), canary(env=True)
    host.with_images()
    clean = host.files()
    host.copy(bundle.tar, "/root/dso.tar.gz")
    host.copy(bundle.public, "/root/release.pub")
    host.sh("mkdir /root/carried; tar -xzf /root/dso.tar.gz -C /root/carried --strip-components 1")
    said = host.sh("exec /root/carried/install --key /root/release.pub", timeout=120).err
    assert "signed: by the key in /root/release.pub" in said, said
    host.config()
    host("docker", "dso", "init")
    host("systemctl", "restart", "dso-agent")
    rows = doctor(host)
    warned = [r for r in rows["rows"] if r["level"] == "warn"]
    assert not warned, json.dumps(warned)

    # the quickstart's job: one reads a file and is never restarted, the other its environment, which only a restart can change
    host.store("shop/db#password", first)
    host.run("live", secret="shop/db#password=/run/secrets/db_password", labels=("dso.strategy=none",))
    host.run("again", secret="shop/db#password:DB_PASSWORD", labels=("dso.strategy=restart",))
    environment = "tr '\\0' '\\n' </proc/$(docker inspect -f '{{.State.Pid}}' again)/environ | sed -n s/^DB_PASSWORD=//p"

    def has(value, deadline=60):
        wait_until(lambda: host("docker", "exec", "live", "cat", "/run/secrets/db_password", check=False).out == value, deadline, "the file")
        wait_until(lambda: host.sh(environment, check=False).out.strip() == value, deadline, "the variable")

    has(first)
    doctor(host)
    started = host.inspect("live")["State"]["StartedAt"]
    host.store("shop/db#password", second)
    has(second)
    host.logged("Restarted 'again'")
    asked = json.loads(host("dso", "rotate", "live", "again", "--format", "json").out)
    assert all("has what the stores have" in one["message"] for one in asked), asked
    assert json.loads(host("dso", "logs", "--journal", "--format", "json", "-n", "1").out.splitlines()[-1])["component"]
    stopped = host.sh("systemctl stop dso-agent; dso logs --container again; systemctl start dso-agent")
    assert "Restarted 'again'" in stopped.out and "this is from the journal" in stopped.err, stopped

    # the upgrade: another binary, by the same maker
    newer = bundle.unpack(world.tmp / "newer")
    with open(newer / "bin" / "dso", "ab") as program:
        program.write(b"\n")
    sign_again(newer, bundle.key)
    carried(host, newer, "/root/newer")
    host.sh("exec /root/newer/install --key /root/release.pub", timeout=120)
    assert host("cmp", "/usr/local/bin/dso", "/root/newer/bin/dso", check=False).rc == 0
    assert host.inspect("live")["State"]["StartedAt"] == started, "no container noticed the upgrade"
    host.store("shop/db#password", third)
    has(third)
    doctor(host)

    # and away: containers run on with what they have
    listed = host("/usr/local/lib/dso/uninstall", "--dry-run").err
    assert [place for place in KEPT if f"  {place}" not in listed.split("stays:")[1]] == []
    host("/usr/local/lib/dso/uninstall", "--yes")
    has(third)
    left = [line for line in host.files() - clean if not any(place in line for place in KEPT)]
    assert left == []
    host.sh("docker rm -f live again")
    host("/root/newer/uninstall", "--yes", "--purge")
    assert host.files() - clean == set()
