"""A successor is the same container: what Compose copied in, ports of the engine's choice, volumes without a name, its name in the log."""
import json
import re

import pytest
from harness.rolling import local, published, rolling, shows  # noqa: F401
from harness.wait import wait_until


def roll(rolling, proc, c):
    at = proc.mark()
    rolling.local.change()
    rolling.done(proc, c, at)
    wait_until(lambda: rolling.leftovers() == [], 40, "nothing is left over")


@pytest.mark.parametrize("ports", ["", "    ports: ['127.0.0.1::8000']\n"])
def test_what_compose_copied_in_is_there_again(dso, agent, docker, rolling, ports):
    """Inline configs and secrets of Compose's environment, twice, as they are: owner and mode too."""
    project = docker.project("c")
    value = "by Compose's own way, into the layer"  # so no canary
    (dso.world.work / "compose.yaml").write_text(
        "services:\n  web:\n    image: dso-test/web:1\n    environment: {PASSWORD: 'dso://" + rolling.local.file + "', SHOW: PASSWORD}\n"
        "    labels: {dso.reloader: 'true'}\n    healthcheck: {interval: 1s, retries: 60}\n" + ports +
        "    configs: [{source: c, mode: 0440}, {source: deep, target: /etc/a/b/c.conf}]\n"
        "    secrets: [{source: s, uid: '1000', gid: '1000', mode: 0400}]\n"
        "configs: {c: {content: 'one: 1'}, deep: {content: two}}\nsecrets: {s: {environment: V}}\n")
    dso("up", "-p", project, "-d", env={"V": value}, timeout=120)
    c = docker.container(f"{project}-web-1").wait_healthy()
    files = ("/c", "/etc/a/b/c.conf", "/run/secrets/s")
    before, seen = c.id, [(c.read(f), c.exec("stat", "-c", "%u %g %a", f).out) for f in files]
    assert [text for text, _ in seen] == ["one: 1", "two", value]
    proc = agent()
    for _ in range(2):
        roll(rolling, proc, c)
        assert [(c.read(f), c.exec("stat", "-c", "%u %g %a", f).out) for f in files] == seen
    assert c.id != before
    shows(c, rolling.local.value)


@pytest.mark.parametrize("labels", [{"some": "label"}, {"dso.exclusive": "true"}], ids=["relay", "exclusive"])
@pytest.mark.parametrize("options", [("-P",), ("-p", "18900-18905:8000"), ("-p", "127.0.0.1::8000", "-p", "8001/udp"), ("--rm", "-P")],
                         ids=["all", "range", "chosen", "rm"])
def test_ports_keep_their_numbers(agent, docker, rolling, options, labels):
    docker.run("sleep", "1000", options=("-p", "0.0.0.0::9"))  # the engine's next numbers for IPv4 and IPv6 are others
    c = rolling(*options, labels=labels)
    before, ports, proc = c.id, published(c), agent()
    for _ in range(2):
        roll(rolling, proc, c)
        assert published(c) == ports
    assert c.id != before and c.inspect()["HostConfig"]["PublishAllPorts"] == ("-P" in options)


@pytest.mark.parametrize("options", [(), ("-p", "127.0.0.1::8000"), ("--rm", "-p", "127.0.0.1::8000")], ids=["swap", "relay", "rm"])
def test_volumes_without_a_name_go_with_their_container(agent, docker, rolling, options):
    c = rolling(*options, "-v", "/anon", "--mount", "type=volume,dst=/other", labels={"dso.exclusive": "false"})
    c.exec("sh", "-c", "echo kept > /anon/f; echo too > /other/f")
    names = sorted(m["Name"] for m in c.inspect()["Mounts"] if m["Type"] == "volume")
    proc = agent()
    for _ in range(2):
        roll(rolling, proc, c)
        assert (c.read("/anon/f"), c.read("/other/f")) == ("kept\n", "too\n")
        assert sorted(m["Name"] for m in c.inspect()["Mounts"] if m["Type"] == "volume") == names
    proc.stop()
    docker("rm", "-fv", c.name)
    assert not set(names) & set(docker("volume", "ls", "-q").out.split())


def test_its_log_has_its_name(agent, docker, rolling):
    """The engine takes a container's name for a log's tag when it starts, and never again."""
    c = rolling("--log-opt", "tag={{.Name}}", image="dso-test/busybox:1", command=("sh", "-c", 'trap "exit 0" TERM; echo up; while :; do sleep 0.1; done'),
                labels={"some": "label"}, healthy=False)
    proc = agent()
    roll(rolling, proc, c)
    wait_until(lambda: "up" in c.logs(), 10, "it says something")
    with open(c.inspect()["LogPath"]) as log:
        assert json.loads(log.readline())["attrs"]["tag"] == c.name


def test_no_redirect_is_claimed_that_was_not_made(agent, rolling):
    none, some = rolling("--network", "none", labels={"some": "label"}, healthy=False), rolling(labels={"some": "label"})
    proc = agent()
    rolling.local.change()
    for c in (none, some):
        rolling.done(proc, c)
    said = re.findall(r"New connections to '(.*)' go to the candidate", proc.text())
    assert said == [some.name]
