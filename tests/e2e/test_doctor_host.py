"""`dso doctor` on a real host: its engine, a running agent, and what is left when an agent was killed."""
import json
import os
import re
import socket

from harness.cut_socket import CutSocket
from harness.scenario import BUSYBOX, run


def rows(dso, *words, code=None, env=None):
    """check → its rows."""
    done = dso("--format", "json", "doctor", *words, check=False, env=env)
    report = json.loads(done.out)
    assert done.rc == (1 if report["error"] else 0), (done.rc, report)
    if code is not None:
        assert done.rc == code, report
    out = {}
    for row in report["rows"]:
        out.setdefault(row["check"], []).append(row)
    return out


def level(found, check):
    (row,) = found[check]
    return row["level"]


def test_with_an_agent(dso, agent):
    dso.config("provider: local\n")
    dso("init")
    proc = agent()
    found = rows(dso, "engine", "agent", "host")
    for check in ("engine.reach", "engine.clock", "engine.redirect", "engine.cli_plugin", "agent.socket", "agent.version", "agent.config",
                  "agent.read_socket", "agent.plugin_socket", "host.tmpfs", "host.permission",
                  "host.config", "host.disk"):
        assert level(found, check) == "ok", found[check]
    try:
        same = os.readlink(f"/proc/{proc.pid}/ns/mnt") == os.readlink("/proc/1/ns/mnt")
    except PermissionError:  # a container's root, which may not look at other processes
        same = None
    assert (level(found, "host.mount_namespace") == "info") == (same is None), found["host.mount_namespace"]
    assert same is not True or level(found, "host.mount_namespace") == "ok"


def test_the_config_changes_under_the_agent(dso, agent):
    config = dso.config("provider: local\n")
    agent()
    os.utime(config, (2e9, 2e9))
    assert "changed after" in rows(dso, "agent.config")["agent.config"][0]["found"]
    other = dso.world.work / "other.yaml"
    other.write_text("provider: local\n")
    (row,) = rows(dso, "-c", other, "agent.config")["agent.config"]
    assert row["level"] == "warn" and str(config) in row["found"] and str(other) in row["found"]


def test_what_a_killed_agent_leaves(dso, agent, docker):
    proc = agent()
    proc.kill()
    name = docker.name("waits")
    docker("run", "-d", "--name", name, "--label", "dso.reloader=true", BUSYBOX, "sleep", "600")
    found = rows(dso, "agent", code=1)
    assert level(found, "agent.socket") == "error" and re.search(r"[1-9]\d* container", found["agent.socket"][0]["found"]), found
    assert level(found, "agent.plugin_socket") == "error" and "15 s" in found["agent.plugin_socket"][0]["found"], found
    fixed = dso("doctor", "agent.plugin_socket", "--fix")
    assert f"rm {dso.run_dir}/plugin.sock" in fixed.err
    assert not (dso.run_dir / "plugin.sock").exists()
    assert level(rows(dso, "agent.plugin_socket", code=0), "agent.plugin_socket") == "info"


def test_a_plugin_socket_that_hangs_is_not_waited_for_and_not_removed(dso):
    dso.run_dir.mkdir()
    path = dso.run_dir / "plugin.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        (row,) = rows(dso, "agent.plugin_socket", code=1)["agent.plugin_socket"]
        assert "does not answer" in row["found"] and row["fix"] == ""
        dso("doctor", "agent.plugin_socket", "--fix", check=False, timeout=20)
        assert path.exists()


def test_the_containers_of_another_agent(dso, docker, canary, world):
    """Two agents share a host: to the one the other's containers are no fault."""
    dso("init")
    dso.config("provider: local\n")
    dso.set("db#password", canary())
    c = run(dso, docker, secret="db#password", image=BUSYBOX, command=("sleep", "600"))
    theirs = {"DSO_RUN_DIR": str(world.tmp / "other"), "DSO_STATE_DIR": str(world.tmp / "other-state")}
    words = f"delivered by the agent of {dso.run_dir}"
    status = json.loads(dso("status", "--format", "json", env=theirs).out)
    assert [s["state"] for s in status["containers"] if s["container"] == c.name] == [words], status
    mine = [r for found in rows(dso, "container", env=theirs).values() for r in found if r["subject"] == c.name]
    assert [(r["check"], r["level"]) for r in mine] == [("container.delivery", "info")] and words in mine[0]["found"], mine
    said = dso("inspect", c.name, check=False, env=theirs)
    assert said.rc == 4 and f"it was {words}" in said.err, said
    assert json.loads(dso("status", "--format", "json").out)["containers"][0]["state"] == "not opted in"


def test_the_agent_and_the_engine_are_asked_once(dso, agent, docker, canary):
    """However many topics need the answer."""
    dso("init")
    dso.config("provider: local\n")
    dso.set("db#password", canary())
    healthy = ("--health-cmd", "true", "--health-interval", "1s")
    c = run(dso, docker, secret="db#password", labels={}, options=healthy, image=BUSYBOX, command=("sleep", "600")).wait_healthy()
    agent()
    control, real = dso.run_dir / "dso.sock", dso.run_dir / "real.sock"
    control.rename(real)
    its = CutSocket(control, str(real))
    engine = CutSocket(dso.world.tmp / "engine.sock")
    found = rows(dso, env={"DOCKER_HOST": engine.url})
    assert any(r["subject"] == c.name for r in found["container.start_time"]), found
    assert its.asked.count(b"GET /v1/status") == 1, bytes(its.asked)
    # once as itself, and once among all: who stands on another one is in an inspect alone
    assert len(re.findall(rb"/containers/%s[0-9a-f]*/json" % c.inspect()["Id"][:12].encode(), engine.asked)) == 2
    its.cut()
    real.rename(control)
