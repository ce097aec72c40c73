"""A `dso run` in the foreground, as a systemd unit has one, stays with its service through updates, and ends with it as `docker run` would."""
import os
import signal

import pytest
from harness.rolling import free_port, local, rolling  # noqa: F401
from harness.wait import wait_until

BUSYBOX = "dso-test/busybox:1"
PROGRAM = "trap 'exit 7' TERM; echo up ${#PASSWORD}; i=0; while :; do [ -e /tmp/end ] && exit 5; sleep 0.1; done"


@pytest.fixture
def unit(dso, docker, rolling):
    """unit(STRATEGY, options…) is the process, and its container."""
    def start(strategy, *options, program=PROGRAM):
        name = docker.name()
        proc = dso.start("run", "--name", name, *options, "--secret", rolling.local.env, "--label", "dso.reloader=true",
                         "--label", f"dso.strategy={strategy}", BUSYBOX, "sh", "-c", program)
        proc.wait_line("^up [0-9]+$", 30)
        return proc, docker.container(name)

    return start


def ups(proc):
    return sum(line.startswith("up ") for line in proc.text().splitlines())


def updated(agent, rolling, proc, c, before):
    """After one change that the agent brings: another container, or another process."""
    log = agent()
    rolling.local.change()
    log.wait_line(r"^INFO: \[Reloader\] (Rolled|Restarted) ", 60)
    wait_until(lambda: ups(proc) == before + 1, 30, "what the successor prints is shown")
    return log


def ended(proc, c, code):
    assert proc.proc.wait(30) == code, proc.text()
    wait_until(lambda: not c.docker("ps", "-aq", "--filter", f"name={c.name}", "--filter", "status=running").out, 10, "nobody runs")


@pytest.mark.parametrize("strategy", ["rolling", "restart"])
@pytest.mark.parametrize("options", [("--rm",), ()], ids=["rm", "kept"])
def test_through_an_update_and_to_the_end_of_the_program(agent, rolling, unit, strategy, options, dso):
    proc, c = unit(strategy, *options)
    first = c.id
    updated(agent, rolling, proc, c, 1)
    wait_until(lambda: c.running() and (strategy == "restart" or c.id != first), 60, "the service has its name")
    assert proc.running()
    c.exec("touch", "/tmp/end")
    ended(proc, c, 5)
    if options:
        wait_until(lambda: not c.docker("ps", "-aq", "--filter", f"name={c.name}").out, 10, "--rm took it away")
        wait_until(lambda: dso.scopes() == [], 15, "nothing is left")


@pytest.mark.parametrize("flow", ["exclusive", "ports"])
def test_ways_of_rolling(agent, rolling, unit, flow, dso):
    options = ("--label", "dso.exclusive=true") if flow == "exclusive" else ("-p", f"{free_port()}:80")
    proc, c = unit("rolling", "--rm", *options)
    log = agent()
    rolling.local.change()
    rolling.done(log, c, deadline=90)
    assert proc.running() and c.running()
    c.exec("touch", "/tmp/end")
    ended(proc, c, 5)


def test_two_updates_then_the_unit_is_stopped(agent, rolling, unit):
    """SIGTERM reaches the program of whom it follows by then, and its exit code is ours."""
    proc, c = unit("rolling", "--rm")
    log = updated(agent, rolling, proc, c, 1)
    rolling.done(log, c)
    rolling.local.change()
    wait_until(lambda: ups(proc) == 3, 60, "the second successor is followed")
    wait_until(lambda: c.running() and not rolling.candidate(c).running(), 60, "it has the name")
    os.kill(proc.pid, signal.SIGTERM)
    ended(proc, c, 7)


def test_a_slow_end_is_waited_for(agent, rolling, unit):
    """After an update too; its exit code is the engine's word, whatever `docker attach` makes of the signal that it passes on."""
    proc, c = unit("rolling", "--rm", program=PROGRAM.replace("'exit 7'", "'sleep 3; exit 7'"))
    rolling.done(updated(agent, rolling, proc, c, 1), c)
    os.kill(proc.pid, signal.SIGTERM)
    ended(proc, c, 7)


def test_a_value_that_is_refused_changes_nothing(agent, rolling, unit, dso):
    """The candidate fails; the one that is attached goes on."""
    proc, c = unit("rolling", "--rm", "--health-cmd", f'test "$(wc -c < /proc/1/environ)" -lt 4096 || exit 1', "--health-interval", "300ms",
                   "--health-retries", "2")
    log = agent()
    first = c.id
    dso.set(rolling.local.file, "x" * 5000)
    rolling.failed(log, c)
    assert proc.running() and c.id == first and ups(proc) == 1
    os.kill(proc.pid, signal.SIGTERM)
    ended(proc, c, 7)


def test_stopped_in_the_middle_of_an_update(agent, rolling, unit):
    """Old and new run side by side: none of them may be left."""
    proc, c = unit("rolling", "--rm")
    agent()
    rolling.local.change()
    rolling.wait_candidate(c)
    os.kill(proc.pid, signal.SIGTERM)
    proc.proc.wait(60)
    wait_until(lambda: not c.docker("ps", "-q", "--filter", f"name={c.name}").out, 60, "nobody of the service runs")


def test_without_the_reloader_it_is_docker_run(dso, docker, local):
    name = docker.name()
    proc = dso.start("run", "--name", name, "--secret", local.env, BUSYBOX, "sh", "-c", PROGRAM)
    proc.wait_line("^up", 30)
    docker("restart", "-t", "5", name)
    # 0 where the engine's next start was quicker than its answer to who waits for the end: `docker run` itself has that then
    assert proc.proc.wait(30) in (7, 0)
    assert docker.container(name).running(), "it goes on, and nobody follows it"
