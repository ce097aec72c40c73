"""Upgrades under a real systemd: what stays, what nobody notices, and that one that fails leaves everything as it was."""
import shutil

import pytest
from systemd_host import BUNDLE, bundle

NEWER = "/root/newer"


@pytest.fixture
def newer(world):
    """A bundle with another binary: the same program, one byte longer."""
    folder = bundle(world.tmp / "newer")
    with open(folder / "bin" / "dso", "ab") as program:
        program.write(b"\n")
    (folder / "docs" / "new-page.md").write_text("new\n")
    (folder / "docs" / "scale.md").unlink()
    return folder


def same_container(host, name):
    state = host.inspect(name)
    return state["Id"], state["State"]["StartedAt"], state["RestartCount"]


def test_no_container_notices_an_upgrade(ready, newer, canary):
    host, value, after = ready, canary(), canary()
    host.store("app#password", value)
    host.run("web", labels=("dso.strategy=none",))
    host.reads("web", value)
    pid, container = host.agent_pid(), same_container(host, "web")
    own = host("sh", "-c", "find /etc/dso /var/lib/dso -type f -exec sha256sum {} +").out
    host.copy(newer, NEWER)
    host.install(folder=NEWER)
    assert host.agent_pid() not in (0, pid)
    assert host("readlink", f"/proc/{host.agent_pid()}/exe").out == "/usr/local/bin/dso\n"
    assert host("cmp", "/usr/local/bin/dso", f"{NEWER}/bin/dso", check=False).rc == 0
    assert same_container(host, "web") == container
    assert host("sh", "-c", "find /etc/dso /var/lib/dso -type f -exec sha256sum {} +").out == own
    # what is no longer shipped is gone, what is new is there
    assert host("ls", "/usr/local/share/doc/dso/scale.md", check=False).rc != 0
    assert host("cat", "/usr/local/share/doc/dso/new-page.md").out == "new\n"
    host.reads("web", value)
    host.store("app#password", after)
    host.reads("web", after)
    assert same_container(host, "web") == container


def test_an_upgrade_whose_agent_does_not_start_is_undone(ready, newer, canary):
    host, value = ready, canary()
    host.store("app#password", value)
    host.run("web")
    shutil.move(newer / "bin" / "dso", newer / "bin" / "real")
    (newer / "bin" / "dso").write_text('#!/bin/sh\n[ "$1" != agent ] || exit 1\nexec /root/newer/bin/real "$@"\n')
    (newer / "bin" / "dso").chmod(0o755)
    host.copy(newer, NEWER)
    before, container = host.files(), same_container(host, "web")
    failed = host.install(folder=NEWER, check=False)
    assert failed.rc == 1 and "the agent did not start" in failed.err and "nothing was changed" in failed.err, failed
    assert host.files() ^ before == set() and same_container(host, "web") == container
    assert host.property("dso-agent", "ActiveState") == "active"
    newer_value = canary()
    host.store("app#password", newer_value)
    host.reads("web", newer_value, 40)


def test_a_first_install_that_fails_leaves_nothing(host, world):
    """In the middle: where the name of Docker's plugin is taken by a folder; at the end: the agent does not start."""
    host.copy(bundle(world.tmp / "bundle"))
    host.sh("mkdir -p /usr/local/lib/docker/cli-plugins/docker-dso/mine")
    before = host.files()
    failed = host.install(check=False)
    assert failed.rc == 1 and "docker-dso could not be written" in failed.err and "nothing was changed" in failed.err, failed
    assert host.files() ^ before == set()
    host.sh("rmdir /usr/local/lib/docker/cli-plugins/docker-dso/mine /usr/local/lib/docker/cli-plugins/docker-dso")
    host.sh(f"sed -i 's|^ExecStart=.*|ExecStart=/bin/false|' {BUNDLE}/systemd/dso-agent.service")
    before = host.files()
    failed = host.install(check=False)
    assert failed.rc == 1 and "the agent did not start" in failed.err and "nothing was changed" in failed.err, failed
    assert host.files() ^ before == set()
    assert "/run/dso" not in host("cat", "/proc/mounts").out


def test_in_the_middle_of_a_rotation(ready, newer, canary, wait_until):
    """The agent is replaced while a candidate starts: one container in the end, under its name, with the new value."""
    host, first, second = ready, canary(), canary()
    host.store("app#password", first)
    host.copy(newer, NEWER)
    host.run("web", "-p", "8000:8000", labels=("dso.strategy=rolling",))
    old, pid = host.inspect("web")["Id"], host.agent_pid()
    host.store("app#password", second)
    host.logged("Starting the candidate 'web_dso_new'")
    host.install(folder=NEWER)
    assert host.agent_pid() != pid
    host.replaced("web", old)
    host.reads("web", second)
    wait_until(lambda: host("docker", "ps", "-a", "--format", "{{.Names}}").out == "web\n", 40, "nothing is left over")
    wait_until(lambda: "dso" not in host("nft", "list", "tables").out, 20, "no redirect is left over")
