"""The main job: a secret changes in the store, and exactly the containers that opted in get it, each in its way."""
import json
import re
import time

import pytest
from harness.scenario import BUSYBOX, FAST, reads, run, shown, shows, vault_config

FILE = "/run/secrets/password"
SHOW_FILE = ("-e", f"SHOW_FILE={FILE}")


@pytest.fixture
def stored(vault, unique, canary, dso):
    """A secret in Vault with one field `password`, and the config that finds it: name, value, change() → the new value."""
    class Stored:
        name, value = unique("db"), canary()
        env = {"VAULT_TOKEN": vault.token}

        def change(self):
            self.value = canary()
            vault.put(self.name, password=self.value)
            return self.value

    s = Stored()
    vault.put(s.name, password=s.value)
    dso.config(vault_config(vault))
    yield s
    vault.delete(s.name)


def test_signal_strategy(dso, agent, docker, stored):
    """The file changes in the running container, then its PID 1 gets the signal. It is never restarted."""
    c = run(dso, docker, secret=stored.name, labels={"dso.strategy": "signal", "dso.signal": "SIGHUP"}, options=SHOW_FILE, env=stored.env)
    shows(c, stored.value)
    before = c.inspect()
    proc = agent(env=stored.env)
    new = stored.change()
    reads(c, FILE, new)
    shows(c, new)
    proc.wait_line(rf"^INFO: \[Watcher\] Secret '{stored.name}' changed, version 2@\S+$")
    proc.wait_line(rf"^INFO: \[Debouncer\] Update suppressed for '{stored.name}' until it was quiet for 200ms$")
    proc.wait_line(rf"^INFO: \[Reloader\] Signal SIGHUP sent to '{c.name}' \(label dso\.strategy\)$")
    after = c.inspect()
    assert (after["Id"], after["State"]["StartedAt"], after["RestartCount"]) == (before["Id"], before["State"]["StartedAt"], before["RestartCount"])
    assert "SIGHUP: value read again" in c.logs()


def test_restart_strategy_with_the_environment(dso, agent, docker, vault, unique, canary):
    name, value, new = unique("db"), canary(env=True), canary(env=True)
    vault.put(name, password=value)
    dso.config(vault_config(vault))
    env = {"VAULT_TOKEN": vault.token}
    c = run(dso, docker, secret=f"{name}#password:DB_PASSWORD", labels={"dso.strategy": "restart"}, options=("-e", "SHOW=DB_PASSWORD"), env=env)
    shows(c, value)
    before = c.inspect()
    proc = agent(env=env)
    vault.put(name, password=new)
    shows(c, new)
    proc.wait_line(rf"^INFO: \[Reloader\] Restarting '{c.name}' with the new secret \(label dso\.strategy\)$")
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{c.name}', healthy$")
    after = c.inspect()
    assert after["Id"] == before["Id"] and after["State"]["StartedAt"] != before["State"]["StartedAt"]
    assert not [v for v in after["Config"]["Env"] if v.startswith("DB_PASSWORD=")]
    vault.delete(name)


def test_none_strategy_changes_the_file_only(dso, agent, docker, stored):
    c = run(dso, docker, secret=stored.name, labels={"dso.strategy": "none"}, options=SHOW_FILE, env=stored.env)
    old = stored.value
    shows(c, old)
    started = c.started_at
    proc = agent(env=stored.env)
    new = stored.change()
    reads(c, FILE, new)
    proc.wait_line(rf"^INFO: \[Reloader\] Files of '{c.name}' updated, nothing else asked for")
    assert shown(c) == old and c.started_at == started, "the process was not told, as it asked for"


def test_not_opted_in_is_never_touched(dso, agent, docker, stored):
    """Beside one that opted in, so that it is known when all has been done."""
    old = stored.value
    silent = run(dso, docker, secret=stored.name, labels=None, options=SHOW_FILE, env=stored.env, stem="silent")
    opted = run(dso, docker, secret=stored.name, labels={"dso.strategy": "restart"}, options=SHOW_FILE, env=stored.env, stem="opted")
    before = silent.inspect()
    proc = agent(env=stored.env)
    new = stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{opted.name}', healthy$")
    shows(opted, new)
    after = silent.inspect()
    assert after["State"] | {"Health": 0} == before["State"] | {"Health": 0}
    assert silent.read(FILE) == old and silent.name not in proc.text()


def test_agent_start_with_nothing_changed_touches_no_container(dso, agent, docker, vault, faultproxy, stored, wait_until):
    """Known after three polls that came back, not after a pause."""
    dso.config(vault_config(vault, address=faultproxy.url))
    c = run(dso, docker, secret=stored.name, labels={"dso.strategy": "restart"}, options=SHOW_FILE, env=stored.env)
    c.wait_healthy()
    before, since = c.inspect(), time.time()
    faultproxy.reset()
    proc = agent(env=stored.env)
    wait_until(lambda: len([r for r in faultproxy.log() if stored.name in r["p"]]) >= 4, 30, "the agent polled")
    after = c.inspect()
    assert (after["Id"], after["State"]["Pid"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["Pid"], before["State"]["StartedAt"])
    events = docker("events", "--since", f"{since:.6f}", "--until", f"{time.time():.6f}", "--filter", f"container={c.name}", "--format", "{{.Action}}").out
    assert not re.search(r"^(kill|die|stop|restart|start|destroy)$", events, re.M), events
    assert not proc.lines(r"\[Reloader\]") and not proc.lines("^(ERROR|WARN)")


def test_change_while_the_agent_was_down(dso, agent, docker, stored):
    c = run(dso, docker, secret=stored.name, labels={"dso.strategy": "signal", "dso.signal": "SIGHUP"}, options=SHOW_FILE, env=stored.env)
    shows(c, stored.value)
    first = agent(env=stored.env)
    first.stop()
    assert c.read(FILE) == stored.value, "the end of the agent takes nothing away"
    new = stored.change()
    agent(env=stored.env)
    shows(c, new)


def test_killed_agent_is_resumed_by_the_next(dso, agent, docker, stored):
    c = run(dso, docker, secret=stored.name, labels={"dso.strategy": "restart"}, options=SHOW_FILE, env=stored.env)
    shows(c, stored.value)
    proc = agent(env=stored.env)
    new = stored.change()
    proc.wait_line(r"\[Watcher\] Secret .* changed")
    proc.kill()
    second = agent(env=stored.env)
    shows(c, new, 40)
    assert c.running()
    second.stop()


def test_a_storm_of_changes_is_one_signal(dso, agent, docker, stored, vault):
    dso.config(vault_config(vault, agent="agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 3s, max: 30s}}\n"))
    c = run(dso, docker, secret=stored.name, labels={"dso.strategy": "signal", "dso.signal": "SIGHUP"}, options=SHOW_FILE, env=stored.env)
    shows(c, stored.value)
    proc = agent(env=stored.env)
    for n in range(4):  # each one later than a poll and sooner than quiet
        stored.change()
        mark = proc.mark()
        proc.wait_line(r"\[Debouncer\] Update suppressed for '" + stored.name, after=mark if n else 0)
    shows(c, stored.value)
    proc.wait_line(r"Signal SIGHUP sent")
    assert len(proc.lines(r"Signal SIGHUP sent")) == 1
    assert c.logs().count("SIGHUP") == 1


def test_several_containers_and_secrets(dso, agent, docker, stored, vault, unique, canary):
    """Two containers of one secret both change; a third, of another secret, does not."""
    other, kept = unique("other"), canary()
    vault.put(other, password=kept)
    labels = {"dso.strategy": "signal", "dso.signal": "SIGHUP"}
    a, b = (run(dso, docker, secret=stored.name, labels=labels, options=SHOW_FILE, env=stored.env, stem=s) for s in "ab")
    c = run(dso, docker, secret=other, labels=labels, options=SHOW_FILE, env=stored.env, stem="c")
    shows(c, kept)
    proc = agent(env=stored.env)
    new = stored.change()
    shows(a, new)
    shows(b, new)
    assert shown(c) == kept and c.name not in proc.text()
    vault.delete(other)


def test_readers_see_old_or_new_and_never_half(dso, agent, docker, vault, unique, canary):
    """A reader in the container runs all the time while a long value changes; two files of one secret change together."""
    name, env = unique("pair"), {"VAULT_TOKEN": vault.token}
    old, new = canary(), canary()
    vault.put(name, a=old * 500, b=old)
    dso.config(vault_config(vault))
    loop = "while [ ! -e /tmp/end ]; do cat /run/secrets/a | md5sum; done > /tmp/seen; touch /tmp/done; sleep 60"
    c = run(dso, docker, secret=name, image=BUSYBOX, labels={"dso.strategy": "none"}, command=("sh", "-c", loop), env=env)
    sums = [c.docker("exec", "-i", c.name, "md5sum", input=v * 500).out.split()[0] for v in (old, new)]
    agent(env=env)
    vault.put(name, a=new * 500, b=new)
    reads(c, "/run/secrets/b", new)
    assert c.read("/run/secrets/a") == new * 500, "the other file of the secret changed with it"
    c.exec("sh", "-c", "touch /tmp/end; while [ ! -e /tmp/done ]; do :; done")
    seen = c.read("/tmp/seen").replace("-", "").split()
    assert seen and set(seen) <= set(sums), f"{len(set(seen) - set(sums))} readings were neither old nor new"
    vault.delete(name)


def test_inspect_tells_what_a_container_has(dso, agent, docker, stored):
    c = run(dso, docker, secret=stored.name, labels={"dso.strategy": "signal", "dso.signal": "SIGHUP"}, options=SHOW_FILE, env=stored.env)
    shows(c, stored.value)
    before = json.loads(dso("inspect", c.name, "--format", "json", env=stored.env).out)
    (row,) = before["secrets"]
    assert (row["name"], row["version"].split("@")[0], row["drift"]) == (stored.name, "1", "none") and row["strategy"].startswith("signal SIGHUP")
    new = stored.change()
    (row,) = json.loads(dso("inspect", c.name, "--format", "json", env=stored.env).out)["secrets"]
    assert row["version"].startswith("1@") and "the store has version 2@" in row["drift"]
    agent(env=stored.env).wait_line("Signal SIGHUP sent")
    shows(c, new)
    text = dso("inspect", c.name, env=stored.env).out
    assert stored.name in text and new not in text and "Last rotation" in text


def test_local_store_end_to_end(dso, agent, docker, canary):
    """The same without any server."""
    old, new = canary(), canary()
    dso.config(FAST)
    dso("init")
    dso.set("myapp/db#password", old)
    c = run(dso, docker, secret="myapp/db", labels={"dso.strategy": "signal", "dso.signal": "SIGHUP"}, options=SHOW_FILE)
    shows(c, old)
    proc = agent()
    dso.set("myapp/db#password", new)
    shows(c, new)
    proc.wait_line(rf"^INFO: \[Reloader\] Signal SIGHUP sent to '{c.name}'")
