"""An update that looked good is looked at for a while more: who dies of it, or turns unhealthy, gets the last good value back; who
was stopped by its user, or is done, does not."""
import json

import pytest
from harness.scenario import BUSYBOX, StoredSecret, reads, run
from harness.wait import wait_until

CONFIG = ("agent:\n  watch: {{polling_interval: 1s, debounce: {{quiet: 200ms, max: 2s}}}}\n"
          "  rotation: {{health_check_timeout: 15s, drain_timeout: 500ms, monitor: {}}}\n")
FILE = "/run/secrets/pw"
# with a bad value it works long enough to look good (3 s, and the time that it takes to take the place of another), and ends with 5 then
DIES = "sh", "-c", f'trap "exit 0" TERM; case "$(cat {FILE})" in bad*) sleep 7 & wait; exit 5;; esac; while :; do sleep 1; done'
# the same by a signal
DIES_OF_HUP = "sh", "-c", (f'reread() {{ case "$(cat {FILE})" in bad*) sleep 1; exit 5;; esac; }}; trap reread HUP; trap "exit 0" TERM; '
                           "while :; do sleep 0.2; done")
# says that it is unhealthy some seconds after it got a bad value
SICK_LATER = "--health-cmd", f'case "$(cat {FILE})" in bad*) test ! -e /tmp/late;; esac', "--health-interval", "500ms", "--health-retries", "1"
TAKEN_BACK = (r"^ERROR: \[Reloader\] '{}' did not take its new secret: within {} {}\. "
              "The last good one comes back, and the new one is held back until the store has another")


@pytest.fixture
def stored(dso, canary, unique):
    dso("init")
    dso.config(CONFIG.format("20s"))
    return StoredSecret(dso, unique("db"), canary)


def start(dso, docker, stored, strategy, command, options=(), **labels):
    c = run(dso, docker, secret=f"{stored.name}#password={FILE}", labels={"dso.strategy": strategy, **labels}, image=BUSYBOX, command=command,
            options=options)
    wait_until(c.running, 10, "it runs")
    return c




def c_state(dso, c):
    return (dso.run_dir / "secrets" / c.inspect()["Config"]["Labels"]["dso.scope"] / "state.json").read_text().replace(" ", "")


@pytest.mark.parametrize("strategy", ["rolling", "restart"])
@pytest.mark.parametrize("policy", ["no", "always"])
def test_who_dies_soon_after_gets_the_last_good_value_back(dso, agent, docker, stored, strategy, policy):
    c = start(dso, docker, stored, strategy, DIES, ("--restart", policy))
    good = stored.value
    proc = agent()
    bad = stored.change("bad")
    proc.wait_line(rf"^INFO: \[Reloader\] (Rolled|Restarted) '{c.name}'", 30)
    why = r"it (ended with code 5|does not stay up( \(it ended with code 5\))?)"
    proc.wait_line(TAKEN_BACK.format(c.name, "20s", why), 30)
    reads(c, FILE, good)
    at = proc.mark()
    wait_until(lambda: "held back" in dso("status").out and "held back" in dso("plan", c.name).out, 10, "status and plan say so")
    # it stays so, whoever polls or brings the project up; another value goes through
    seen = c.id, c.started_at
    right = stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] (Rolled|Restarted) '{c.name}'", 30, at)
    reads(c, FILE, right)
    assert (c.id, c.started_at) != seen and bad not in proc.text()


def test_who_dies_of_a_signal_is_started_again(dso, agent, docker, stored):
    c = start(dso, docker, stored, "signal", DIES_OF_HUP, **{"dso.signal": "SIGHUP"})
    good = stored.value
    proc = agent()
    stored.change("bad")
    proc.wait_line(rf"^INFO: \[Reloader\] Signal SIGHUP sent to '{c.name}'")
    proc.wait_line(TAKEN_BACK.format(c.name, "20s", "it ended with code 5"), 30)
    proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' was restarted with the last good secret\. Correct the value of '{stored.name}' in the store")
    wait_until(c.running, 20, "it runs again")
    assert c.read(FILE) == good


@pytest.mark.parametrize("strategy", ["rolling", "restart", "signal"])
def test_who_turns_unhealthy_gets_the_last_good_value_back(dso, agent, docker, stored, strategy):
    forever = "sh", "-c", 'trap : HUP; trap "exit 0" TERM; while :; do sleep 0.2; done'
    c = start(dso, docker, stored, strategy, forever, SICK_LATER).wait_healthy()
    good, old = stored.value, (c.id, c.started_at)
    proc = agent()
    stored.change("bad")
    proc.wait_line(rf"^INFO: \[Reloader\] (Rolled|Restarted|Signal SIGHUP sent to) '{c.name}'", 30)
    assert strategy == "signal" or (c.id, c.started_at) != old
    docker("exec", c.name, "touch", "/tmp/late")
    proc.wait_line(TAKEN_BACK.format(c.name, "20s", "its healthcheck fails"), 30)
    reads(c, FILE, good)
    c.wait_healthy()


@pytest.mark.parametrize("strategy", ["rolling", "restart"])
def test_back_is_to_what_proved_good(dso, agent, docker, stored, strategy):
    """A second value within the time of the first: neither is one to go back to."""
    c = start(dso, docker, stored, strategy, DIES, ("--restart", "always"))
    good = stored.value
    proc = agent()
    for _ in range(2):
        at = proc.mark()
        stored.change("bad")
        proc.wait_line(rf"^INFO: \[Reloader\] (Rolled|Restarted) '{c.name}'", 30, at)
    proc.wait_line(TAKEN_BACK.format(c.name, "20s", r"it (ended with code 5|does not stay up( \(it ended with code 5\))?)"), 30)
    reads(c, FILE, good)


def test_a_paused_replica_gets_it_back_when_it_runs_again(dso, agent, docker, stored):
    """One of two dies of the value that both have been told of, while the other is paused."""
    project, good = docker.project("m"), stored.value
    dies_when_asked = ('trap "exit 0" TERM; bad=; case "$(cat $PW_FILE)" in bad*) bad=1;; esac; '
                       'while [ -z "$bad" ] || [ ! -e /tmp/die ]; do sleep 0.2; done; exit 5')
    command = ["sh", "-c", dies_when_asked.replace("$", "$$")]
    (dso.world.work / "compose.yaml").write_text(json.dumps({"services": {"a": {
        "image": BUSYBOX, "command": command, "environment": {"PW_FILE": f"dsofile://{stored.name}#password"}, "deploy": {"replicas": 2}, "restart": "no",
        "labels": {"dso.reloader": "true", "dso.strategy": "restart"}}}}))
    dso("up", "-p", project, "-d", timeout=120)
    paused, dies = (docker.container(f"{project}-a-{n}") for n in (1, 2))
    proc = agent()
    stored.change("bad")
    for c in (paused, dies):
        proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{c.name}'", 30)
    docker("pause", paused.name)
    docker("exec", dies.name, "touch", "/tmp/die")
    proc.wait_line(TAKEN_BACK.format(dies.name, "20s", "it ended with code 5"), 30)
    wait_until(dies.running, 20, "it runs again")
    started = paused.started_at
    proc.wait_line(rf"'{dies.name}' was restarted with the last good secret")
    assert paused.inspect()["State"]["Paused"] and paused.started_at == started
    assert not proc.lines(rf"'{paused.name}' was|which failed"), proc.text()
    docker("unpause", paused.name)
    wait_until(lambda: paused.started_at != started and paused.running(), 30, "it is told")
    for c in (paused, dies):
        assert docker("exec", c.name, "sh", "-c", "cat $PW_FILE").out == good
    dso("down", "-p", project, "-t", "1", timeout=60)


def test_who_was_stopped_or_is_done_stays_so(dso, agent, docker, stored):
    """Its user stops it, or restarts it; a job ends well: none of that is the value's doing."""
    stopped = start(dso, docker, stored, "restart", ("sh", "-c", 'trap "exit 9" TERM; while :; do sleep 0.2; done'))
    again = start(dso, docker, stored, "restart", ("sh", "-c", 'trap "exit 9" TERM; while :; do sleep 0.2; done'))
    done = start(dso, docker, stored, "restart", ("sh", "-c", 'trap "exit 0" TERM; i=0; while [ ! -e /tmp/end ]; do sleep 0.2; done'))
    dso.config(CONFIG.format("8s"))
    proc = agent()
    new = stored.change()
    for c in (stopped, again, done):
        proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{c.name}'", 30)
    docker("stop", "-t", "5", stopped.name)
    docker("restart", "-t", "5", again.name)
    docker("exec", done.name, "touch", "/tmp/end")
    wait_until(lambda: not done.running(), 10, "the job ends")
    state = dso.run_dir / "secrets"
    wait_until(lambda: not any('"since_boot_ms"' in p.read_text() for p in state.glob("*/state.json")), 30, "all three have been judged")
    assert not proc.lines("did not take its new secret")
    assert not stopped.running() and not done.running() and again.read(FILE) == new


@pytest.mark.parametrize("strategy", ["rolling", "restart"])
def test_who_was_stopped_before_it_was_noted_stays_so(dso, agent, docker, stored, strategy, tmp_path):
    """Its user stops it when it has the new value, and the agent has not noted yet that it is to be looked at."""
    c = start(dso, docker, stored, strategy, ("sh", "-c", 'trap "exit 9" TERM; while :; do sleep 0.2; done'))
    dso.config(CONFIG.format("8s"))
    noted, trace = tmp_path / "go on", tmp_path / "trace"
    proc = agent(env={"DSO_HOLD_AT": "monitor: told, and not noted", "DSO_HOLD_UNTIL": noted, "DSO_CRASH_TRACE": trace})
    stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] (Rolled|Restarted) '{c.name}'", 30)
    docker("stop", "-t", "5", c.name)
    noted.touch()
    wait_until(lambda: "monitor: its time is over" in trace.read_text() or proc.lines("did not take"), 20, "it is judged")
    assert not proc.lines("did not take its new secret") and not c.running()


def test_who_was_stopped_while_its_restart_lacked_a_mark_stays_so(dso, agent, docker, stored):
    """The agent is killed between its notes; its container, healthy by then, is stopped by its user meanwhile."""
    c = start(dso, docker, stored, "restart", ("sh", "-c", 'trap "exit 9" TERM; while :; do sleep 0.2; done'))
    dso.config(CONFIG.format("8s"))
    stored.change()
    proc = agent(env={"DSO_CRASH_AT": "judged"}, wait=False)
    wait_until(lambda: not proc.running(), 40, "the agent is killed")
    assert proc.lines("Restarted") and '"since_boot_ms"' in c_state(dso, c) and '"restarting":{"' in c_state(dso, c)
    docker("stop", "-t", "5", c.name)
    again = agent()
    wait_until(lambda: '"since_boot_ms"' not in c_state(dso, c) and '"restarting":{}' in c_state(dso, c), 30, lambda: c_state(dso, c))
    assert not c.running() and not again.lines("did not take|Restarted|Restart failed")


def test_an_agent_that_was_away_goes_on_looking(dso, agent, docker, stored):
    """Killed right after the update; the container loops meanwhile."""
    c = start(dso, docker, stored, "restart", DIES, ("--restart", "always"))
    good = stored.value
    proc = agent()
    stored.change("bad")
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{c.name}'", 30)
    proc.kill()
    wait_until(lambda: c.inspect()["RestartCount"] >= 1, 30, "it does not stay up")
    again = agent()
    again.wait_line(TAKEN_BACK.format(c.name, "20s", r"it does not stay up( \(it ended with code 5\))?"), 30)
    reads(c, FILE, good)


def test_an_agent_that_was_away_knows_whose_doing_an_end_was(dso, agent, docker, stored):
    """Nobody heard the engine's events; it remembers them. The one died of the value, the other was stopped by its user."""
    died = start(dso, docker, stored, "restart", DIES)
    stopped = start(dso, docker, stored, "restart", ("sh", "-c", 'trap "exit 9" TERM; while :; do sleep 0.2; done'))
    good = stored.value
    proc = agent()
    stored.change("bad")
    for c in (died, stopped):
        proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{c.name}'", 30)
    wait_until(lambda: all('"since_boot_ms"' in p.read_text() for p in (dso.run_dir / "secrets").glob("*/state.json")), 10, "both are looked at")
    proc.kill()
    docker("stop", "-t", "5", stopped.name)
    wait_until(lambda: not died.running(), 20, "it dies of the value")
    again = agent()
    again.wait_line(TAKEN_BACK.format(died.name, "20s", "it ended with code 5"), 30)
    wait_until(died.running, 20, "it runs again")
    assert died.read(FILE) == good and not stopped.running()
    assert not again.lines(rf"'{stopped.name}' did not take")


def test_without_a_monitor_nothing_is_taken_back(dso, agent, docker, stored):
    dso.config(CONFIG.format("0s"))
    c = start(dso, docker, stored, "restart", DIES)
    proc = agent()
    stored.change("bad")
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{c.name}'", 30)
    wait_until(lambda: not c.running(), 20, "it ends")
    right = stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Delivered '{stored.name}' to '{c.name}'(.|\n)*^INFO: \[Reloader\] Delivered '{stored.name}' to '{c.name}'", 40)
    docker("start", c.name)
    assert c.read(FILE) == right
