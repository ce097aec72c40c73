"""The truth is what each process has: whoever has an older value than lies in its scope is told, when its turn comes; where no
process lives, the next one starts with the value of now. No restart that was cut off leaves a bad value behind."""
import signal

import pytest
from harness.scenario import BUSYBOX, run, shows

FAST = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
        "  rotation: {health_check_timeout: 15s, drain_timeout: 500ms}\n")
SHOW = ("-e", "SHOW=PASSWORD", "--health-interval", "300ms")
WRITES = "sh", "-c", "echo started; echo ${#PASSWORD} characters; test \"${PASSWORD#bad}\" = \"$PASSWORD\" || exit 3; sleep 1000"


@pytest.fixture
def stored(dso, canary, unique):
    class Stored:
        name = unique("db")

        def change(self, value=None):
            self.value = value or canary(env=True)
            dso.set(f"{self.name}#password", self.value)
            return self.value

        @property
        def secret(self):
            return f"{self.name}#password:PASSWORD"

    dso("init")
    dso.config(FAST)
    s = Stored()
    s.change()
    return s


@pytest.mark.parametrize("strategy", ["rolling", "restart", "auto"])
def test_a_crash_loop_heals_by_the_right_value(dso, agent, docker, stored, canary, wait_until, strategy):
    """A wrong first value, put right in the store: what does not stay up is restarted with it, whatever its strategy."""
    stored.change("bad" + canary(env=True))
    c = run(dso, docker, secret=stored.secret, labels={"dso.strategy": strategy}, image=BUSYBOX, options=("--restart", "always"), command=WRITES)
    wait_until(lambda: c.inspect()["RestartCount"] >= 2, 20, f"{c.name} is restarted again and again")
    proc = agent()
    right = stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] (Restarting '{c.name}' with the new secret \(.*restart, since it does not stay up\)|Delivered '{stored.name}')", 30)
    # by the agent, or by the engine's own next try, whichever comes first
    wait_until(lambda: c.running() and c.logs().rstrip().endswith(f"{len(right)} characters"), 40, "it runs with the right value")


def test_what_does_not_run_starts_with_the_value_of_now(dso, agent, docker, stored, wait_until):
    """A job: it ends, the value changes, it is started again."""
    job = run(dso, docker, secret=[f"{stored.name}#password=/run/secrets/pw", stored.secret], labels={}, image=BUSYBOX,
              command=("sh", "-c", "cat /run/secrets/pw | md5sum; echo $PASSWORD | md5sum"))
    wait_until(lambda: not job.running(), 20, "the job ends")
    proc = agent()
    stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Delivered '{stored.name}' to '{job.name}'", 30)  # a moment after its end
    docker("start", "-a", job.name)
    lines = job.logs().split("\n")
    assert lines[0] != lines[2] and lines[1] != lines[3], "both runs had the same value"
    again = stored.change()
    told = dso("rotate", job.name).out  # at once, for it was asked for
    assert "it does not run, and starts with that" in told and again not in told


def test_a_paused_container_is_told_when_it_runs_again(dso, agent, docker, stored):
    for strategy in ("restart", "rolling"):
        c = run(dso, docker, secret=stored.secret, labels={"dso.strategy": strategy}, options=SHOW).wait_healthy()
        old = stored.value
        proc = agent()
        docker("pause", c.name)
        new = stored.change()
        proc.wait_line(rf"^INFO: \[Watcher\] Secret '{stored.name}' changed")
        assert "it is paused" in (dso("rotate", c.name, check=False).err + dso("status").out) or strategy == "restart"
        docker("unpause", c.name)
        shows(c, new)
        assert old != new
        proc.stop()
        c.rm()


def test_a_stop_in_the_middle_of_a_restart_leaves_no_bad_value(dso, agent, docker, stored, canary):
    """The agent is stopped, or killed, while it waits for the health of what it restarted: the next one brings the last good value back."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        c = run(dso, docker, secret=stored.secret, labels={"dso.strategy": "restart"}, options=SHOW).wait_healthy()
        good = stored.value
        proc = agent()
        bad = stored.change("bad" + canary(env=True))
        proc.wait_line(rf"^INFO: \[Reloader\] Restarting '{c.name}'")
        shows(c, bad)
        (proc.kill if number == signal.SIGKILL else proc.stop)()
        assert "restarting: its health is not known yet" in dso("status").out
        again = agent()
        again.wait_line(rf"^INFO: \[Reloader\] The restart of '{c.name}' was interrupted, going on with that")
        again.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' was restarted with the last good secret", 40)
        shows(c, good)
        c.wait_healthy()
        assert "failing: it keeps the last good value" in dso("status").out
        again.stop()
        c.rm()
        stored.change(good)


def test_whoever_asked_may_leave(dso, agent, docker, stored, canary):
    """^C in `dso rotate` stops the waiting, not the work."""
    c = run(dso, docker, secret=stored.secret, labels={"dso.strategy": "restart"}, options=SHOW).wait_healthy()
    good = stored.value
    dso.config(FAST.replace("1s", "1h", 1))
    proc = agent()
    stored.change("bad" + canary(env=True))
    asks = dso.start("rotate", c.name)
    proc.wait_line(rf"^INFO: \[Reloader\] Restarting '{c.name}'")
    asks.kill()
    proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' was restarted with the last good secret", 40)
    shows(c, good)
    c.wait_healthy()


def test_a_value_that_a_restart_refused_stays_out(dso, agent, docker, stored, canary):
    """No poll, and nobody's `dso up`, puts it under the healthy container afterwards."""
    c = run(dso, docker, secret=f"{stored.name}#password=/run/secrets/pw", labels={"dso.strategy": "restart"},
            options=("-e", "SHOW_FILE=/run/secrets/pw", "--health-interval", "300ms")).wait_healthy()
    good = stored.value
    proc = agent()
    stored.change("bad" + canary())
    proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' was restarted with the last good secret", 40)
    c.wait_healthy()
    proc.stop()
    assert c.read("/run/secrets/pw") == good


def test_a_signal_that_would_end_the_program_is_not_sent(dso, agent, docker, stored):
    """`--init` passes it on to a program that does not catch it."""
    c = run(dso, docker, secret=f"{stored.name}#password=/run/secrets/pw", labels={"dso.strategy": "signal", "dso.signal": "SIGHUP"}, image=BUSYBOX,
            options=("--init",), command=("sleep", "1000"))
    started = c.started_at
    proc = agent()
    stored.change()
    proc.wait_line(rf"^ERROR: \[Reloader\] Signal failed for '{c.name}': its program does not handle SIGHUP, and would end by it. Set the label dso.signal")
    assert c.running() and c.started_at == started
    assert "failing" in dso("status").out
