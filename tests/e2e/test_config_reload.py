"""The agent reads its config anew, by SIGHUP and by `dso agent --reload`: whole or not at all, without touching a container, closing a socket or
cutting off what is under way. Who delivers what the agent does not know is told. Under systemd: release/test_systemd_reload.py."""
import json
import signal
import socket

import pytest
from harness.plugin import UnixConnection
from harness.scenario import FAST, reads, run, shows

FILE = "/run/secrets/password"
RELOADED = r"^INFO: \[Config\] Read .*/dso.yaml anew: (.*)$"
ONE = "providers:\n  default: {type: local}\n"
SHOW = ("-e", f"SHOW_FILE={FILE}")
SIGNAL = {"dso.strategy": "signal", "dso.signal": "SIGHUP"}


@pytest.fixture
def second(dso):
    """Another store, and the lines of a config that has it as the instance `more`."""
    class Second:
        env = {"DSO_STORE": dso.world.tmp / "more"}
        config = FAST + ONE + f"  more: {{type: local, path: {dso.world.tmp / 'more'}}}\n"

        def set(self, name, value):
            dso.set(name, value, env=self.env)

    dso("init")
    dso("init", env=Second.env)
    dso.config(FAST + ONE)
    return Second()


def reload(proc):
    """SIGHUP, and what the log says that it changed."""
    seen = proc.mark()
    proc.signal(signal.SIGHUP)
    return proc.wait_line(RELOADED, after=seen).group(1)


def test_another_instance_comes_changes_and_goes(dso, agent, docker, canary, second):
    first, newer = canary(), canary()
    dso.set("app#password", first)
    proc = agent()
    c = run(dso, docker, secret=f"app#password={FILE}", options=SHOW, labels=SIGNAL)
    shows(c, first)
    pid = c.pid
    dso.config(second.config)
    assert reload(proc) == "provider instances: 1 added (more)"
    values = canary(), canary()
    second.set("other#password", values[0])
    other = run(dso, docker, secret=f"more/other#password={FILE}", options=SHOW, labels=SIGNAL)
    second.set("other#password", values[1])
    reads(other, FILE, values[1])
    # what it had before it watches on, and nothing was done to its container
    assert c.pid == pid and not proc.lines(f"'{c.name}'")
    dso.set("app#password", newer)
    shows(c, newer)

    dso.config(second.config.replace("/more}", "/more, timeout: 7s}"))
    assert reload(proc) == "provider instances: 1 changed (more)"
    second.set("other#password", values[0])
    reads(other, FILE, values[0])
    dso.config(FAST + ONE)
    assert reload(proc) == "provider instances: 1 removed (more)"
    proc.wait_line(r"^WARN: \[Config\] Containers have secrets of the provider instance 'more', which is not in ")
    second.set("other#password", values[1])
    dso.set("app#password", first)
    shows(c, first)
    reads(other, FILE, values[0], 1)
    assert reload(proc) == "Nothing in it has changed"


def test_a_config_that_is_wrong_changes_nothing(dso, agent, docker, canary, second):
    values = canary(), canary(), canary()
    dso.set("app#password", values[0])
    proc = agent()
    c = run(dso, docker, secret=f"app#password={FILE}", options=SHOW, labels=SIGNAL)
    path = dso.config(second.config + "agnt: {}\n")
    asked = dso("agent", "--reload", check=False)
    assert asked.rc == 2 and f"{path.name}:" in asked.err and "agnt" in asked.err and "goes on with what it read before" in asked.err, asked
    seen = proc.mark()
    proc.signal(signal.SIGHUP)
    proc.wait_line(r"^ERROR: \[Config\] The config '.*' is not valid: .*agnt.*goes on with what it read before", after=seen)
    known = [p["name"] for p in json.loads(dso("status", "--format", "json", "-c", write(dso, "good.yaml", FAST + ONE)).out)["agent"]["providers"]]
    assert known == ["default"], "part of a wrong config was taken over"
    dso.set("app#password", values[1])
    shows(c, values[1])
    path.unlink()  # gone: not even the built-in defaults take its place
    gone = dso("agent", "--reload", check=False)
    assert gone.rc == 2 and f"'{path}' anew: " in gone.err and "it is gone" in gone.err, gone
    dso.config(second.config)
    assert dso("agent", "--reload").out.strip().endswith("anew: provider instances: 1 added (more)")
    dso.set("app#password", values[2])
    shows(c, values[2])


def write(dso, name, text):
    path = dso.world.work / name
    path.write_text(text)
    return path


def test_who_delivers_what_the_agent_does_not_know_is_told(dso, agent, docker, canary, second):
    second.set("other#password", canary())
    proc = agent()
    dso.config(second.config)
    name = docker.name("web")
    flags = ("-d", "--name", name, "--secret", f"more/other#password={FILE}", "dso-test/busybox:1", "sleep", "60")
    newer, unknown = "was written after the running agent read it", "the running agent knows no provider instance 'more'"
    done = dso("run", *flags)
    assert newer in done.err and unknown in done.err and f"kill -HUP {proc.pid}" in done.err, done
    project = docker.project()
    write(dso, "compose.yaml", "services:\n  a: {image: 'dso-test/busybox:1', command: [sleep, '60'], environment: {F: 'dsofile://more/other#password'}}\n")
    up = dso("up", "-p", project, "-d", timeout=120)
    assert newer in up.err and unknown in up.err, up
    told = dso("status").out
    assert newer in told and unknown in told, told
    assert len(json.loads(dso("status", "--format", "json").out)["warnings"]) == 2
    # another config than the agent's: reading the agent's file anew would bring nothing
    there = write(dso, "mine.yaml", second.config)
    dso.config(FAST + ONE)
    reload(proc)
    done = dso("fetch", "more/other", "-c", there)
    told = dso("status", "-c", there).out
    assert unknown in told and f"Put it into {dso.world.work / 'dso.yaml'}, then: " in told and newer not in told, told
    dso.config(second.config)
    reload(proc)
    told = dso("status").out
    assert newer not in told and unknown not in told and "Warning" not in told, told
    dso("down", "-p", project, "-t", "0", timeout=120)


def test_what_is_under_way_goes_on(dso, agent, docker, canary, second):
    """A rolling update in the middle, an open connection of the engine, one of a container: none of them notices."""
    first, newer = canary(), canary()
    dso.set("app#password", first)
    proc = agent()
    c = run(dso, docker, secret=f"app#password={FILE}", options=SHOW, labels={"dso.strategy": "rolling"})
    shows(c, first)
    engine = UnixConnection(dso.run_dir / "plugin.sock")

    def ask():
        engine.request("POST", "/VolumeDriver.List")
        answer = engine.getresponse()
        answer.read()
        return answer.status

    assert ask() == 200
    before = engine.sock
    dso.set("app#password", newer)
    proc.wait_line(r"(?i)roll|candidate")
    dso.config(second.config)
    reload(proc)
    assert ask() == 200 and engine.sock is before, "the connection was closed"
    engine.close()
    shows(c, newer, 60)
    assert not proc.lines(r"^(ERROR|WARN)"), proc.text()


def test_what_counts_only_from_the_next_start_on_is_said(dso, agent, second):
    proc = agent()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    dso.config(FAST + f"  metrics: {{listen: '127.0.0.1:{port}'}}\n" + ONE)
    said = reload(proc)
    assert "agent.metrics.listen: off -> 127.0.0.1" in said and "only from the agent's next start on: agent.metrics.listen" in said, said


def test_without_an_agent_it_is_told(dso, second):
    done = dso("agent", "--reload", check=False)
    assert done.rc == 5 and "no agent answers at" in done.err, done
