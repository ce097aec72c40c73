"""After a reboot of the host the tmpfs is empty, and the engine cannot start the containers whose secrets are not there. They start
as soon as the secrets are back, and no other container is started. The reboot here: the tmpfs is unmounted, the process killed from
outside, so that the engine itself tries to start it again by its restart policy, and is refused."""
import os
import signal
import socket

import pytest
from harness.cut_socket import CutSocket
from harness.scenario import BUSYBOX, run, shows, vault_config
from harness.stores import peer
from harness.wait import wait_until
from harness.world import unmount_below
from test_failures import engine_started_here

SHOW_FILE = ("-e", "SHOW_FILE=/run/secrets/password")
STARTED = r"^INFO: \[Agent\] Started '{}': its secrets are back$"
SLEEP = ("sleep", "600")


@pytest.fixture
def db(vault, unique, canary):
    class Db:
        name, value, env = unique("db"), canary(), {"VAULT_TOKEN": vault.token}

    vault.put(Db.name, password=Db.value)
    yield Db
    vault.delete(Db.name)


def die(container):
    os.kill(container.pid, signal.SIGKILL)


def refused(container):
    """The engine has tried to start it and could not for want of its secret's folder."""
    def tried():
        state = container.inspect()["State"]
        return state["Status"] == "exited" and "/secrets/" in state["Error"]
    wait_until(tried, 20, f"the engine cannot start {container.name}")
    return container


def ended(container):
    wait_until(lambda: not container.running(), 20, f"{container.name} has ended")
    return container


def reboot(dso, *containers):
    unmount_below(dso.run_dir)
    assert dso.scopes() == []
    for c in containers:
        die(c)
        refused(c)


@pytest.mark.parametrize("policy", ["always", "unless-stopped", "on-failure"])
def test_container_comes_back_with_its_secret(dso, agent, docker, vault, db, policy):
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=db.name, options=(*SHOW_FILE, "--restart", policy), env=db.env)
    shows(c, db.value)
    reboot(dso, c)
    proc = agent(env=db.env)
    shows(c, db.value)
    proc.wait_line(STARTED.format(c.name))
    assert len(proc.lines("^(WARN|ERROR)")) == 0, proc.text()


def test_nothing_else_is_started(dso, agent, docker, vault, db):
    """Not what somebody stopped, not what has no restart policy, not what was never started."""
    dso.config(vault_config(vault))
    start = {"dso": dso, "docker": docker, "secret": db.name, "image": BUSYBOX, "command": SLEEP, "env": db.env}
    stopped = [run(**start, options=("--restart", policy)) for policy in ("always", "unless-stopped")]
    for c in stopped:
        docker("stop", "-t", "0", c.name)
    none = run(**start, options=("--restart", "no"))
    back = run(**start, options=("--restart", "always"))
    die(none)
    ended(none)
    reboot(dso, back)
    proc = agent(env=db.env)
    wait_until(back.running, 20, "the one that the engine would have started runs")
    proc.wait_line(STARTED.format(back.name))
    proc.stop()
    assert len(proc.lines(r"Secrets of '.*' are back on tmpfs")) == 4
    assert not any(c.running() for c in (*stopped, none)) and len(proc.lines("Started ")) == 1


def test_store_that_is_down_at_boot(dso, agent, docker, vault, faultproxy, db):
    """The container waits, the log says so once, the agent is up all the same; with the store the container comes."""
    dso.config(vault_config(vault, address=faultproxy.url, settings="  timeout: 2s\n  retry: {attempts: 1}\n"))
    c = run(dso, docker, secret=db.name, options=(*SHOW_FILE, "--restart", "always"), env=db.env)
    other = run(dso, docker, secret=db.name, image=BUSYBOX, command=SLEEP, options=("--restart", "always"), env=db.env)
    shows(c, db.value)
    faultproxy.fault(times=100000, status=503, body='{"errors":["Vault is sealed"]}')
    reboot(dso, c, other)
    proc = agent(env=db.env)
    proc.wait_line(r"^ERROR: \[Agent\] .*cannot start until it is there")
    proc.wait_line(r"^WARN: \[Agent\] 1 more service\(s\) wait")
    assert not c.running() and not other.running()
    faultproxy.reset()
    shows(c, db.value, 40)
    wait_until(other.running, 20, "the other one runs as well")
    assert len(proc.lines("cannot start until")) == 1, proc.text()


def test_engine_that_comes_after_the_agent(dso, agent, docker, vault, db, world):
    """As at a boot: secrets first, then the engine. What it refused before the agent was there is started once it answers."""
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=db.name, options=(*SHOW_FILE, "--restart", "always"), env=db.env)
    shows(c, db.value)
    reboot(dso, c)
    engine = CutSocket(world.tmp / "engine.sock")
    engine.cut()
    proc = agent(env={**db.env, "DOCKER_HOST": engine.url})
    proc.wait_line(r"Secrets of '.*' are back on tmpfs")
    assert not c.running()
    engine.mend()
    shows(c, db.value, 30)
    proc.wait_line(STARTED.format(c.name))


def test_engine_that_waits_for_the_agent(dso, agent, world):
    """systemd holds the engine's socket open while the engine waits for our unit: nobody answers before we are ready."""
    dso("init")
    path = world.tmp / "silent.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen(16)
        proc = agent(env={"DOCKER_HOST": f"unix://{path}"}, deadline=8)
        assert proc.running()


def test_docker_start_works_again(dso, agent, docker, vault, db):
    """By hand it is refused with a reason while the secret is missing, and starts with it after."""
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=db.name, options=SHOW_FILE, env=db.env)
    shows(c, db.value)
    unmount_below(dso.run_dir)
    docker("stop", "-t", "0", c.name)
    done = docker("start", c.name, check=False)
    assert done.rc != 0 and "bind source path does not exist" in done.err
    proc = agent(env=db.env)
    proc.wait_line(r"Secrets of '.*' are back on tmpfs")
    docker("start", c.name)
    shows(c, db.value)


@pytest.mark.parametrize("first", ["engine", "agent"])
def test_engine_restart_without_secrets(dso, agent, docker, vault, db, first):
    """The real thing, in both orders: the engine starts while the tmpfs is empty, or after the agent has filled it."""
    if not engine_started_here():
        pytest.skip("this engine is not the tests' own")
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=db.name, options=(*SHOW_FILE, "--restart", "always"), env=db.env)
    shows(c, db.value)
    unmount_below(dso.run_dir)
    if first == "agent":
        proc = agent(env=db.env)
        proc.wait_line(r"Secrets of '.*' are back on tmpfs")
    peer("engine.sh", "restart")
    if first == "engine":
        refused(c)
        proc = agent(env=db.env)
        proc.wait_line(STARTED.format(c.name))
    shows(c, db.value, 60)
    assert proc.running()
