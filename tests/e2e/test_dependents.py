"""Containers that have a part of another one: its network, processes or shared memory, a link, Compose's `restart: true`. They are whole after
an update, or the update is refused with their names and nobody is touched."""
import json
import os

import pytest
from harness.scenario import BUSYBOX, StoredSecret, reads, run
from harness.wait import wait_until

FILE = "/run/secrets/pw"
CONFIG = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
          "  rotation: {health_check_timeout: 15s, drain_timeout: 500ms}\n")
SERVES = ("sh", "-c", "echo well > /tmp/x; exec httpd -f -p 8000 -h /tmp")
RESTS = ("sh", "-c", 'trap "exit 0" TERM; while :; do sleep 1; done')


@pytest.fixture
def stored(dso, canary, unique):
    dso("init")
    dso.config(CONFIG)
    return StoredSecret(dso, unique("db"), canary)


@pytest.fixture
def hub(dso, docker, stored):
    """A container with a secret that others stand on."""
    def start(strategy=None, command=RESTS, options=()):
        labels = {"dso.strategy": strategy} if strategy else {}
        c = run(dso, docker, secret=f"{stored.name}#password={FILE}", labels=labels, image=BUSYBOX, command=command, options=options, stem="hub")
        wait_until(c.running, 10, "it runs")
        return c
    return start


def guest(docker, *options, command=RESTS, opted_in=True):
    name = docker.name("guest")
    labels = ("--label", "dso.reloader=true") if opted_in else ()
    docker("run", "-d", "--name", name, *labels, *options, BUSYBOX, *command)
    c = docker.container(name)
    wait_until(c.running, 10, "it runs")
    return c


def has_network(docker, c):
    return "eth0" in docker("exec", c.name, "ls", "/sys/class/net", check=False).out


def life(c):
    state = c.inspect()
    return state["Id"], state["State"]["StartedAt"]


@pytest.mark.parametrize("strategy", ["restart", "auto", None])
def test_who_has_its_network_is_restarted_after_it(dso, agent, docker, stored, hub, strategy):
    h = hub(strategy)
    g = guest(docker, "--network", f"container:{h.name}")
    proc = agent()
    before = life(h)[0]
    new = stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{h.name}', healthy", 30)
    proc.wait_line(rf"^INFO: \[Reloader\] Restarting '{g.name}' too: '{g.name}' has the network of '{h.name}'", 30)
    reads(h, FILE, new)
    wait_until(lambda: g.running() and has_network(docker, g), 20, "the guest has its network")
    assert life(h)[0] == before


@pytest.mark.parametrize("mode", ["pid", "ipc"])
def test_who_has_its_processes_or_its_memory(dso, agent, docker, stored, hub, mode):
    h = hub("restart", options=("--ipc", "shareable"))
    g = guest(docker, f"--{mode}", f"container:{h.name}")
    proc = agent()
    before, new = life(g), stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Restarting '{g.name}' too", 30)
    reads(h, FILE, new)
    wait_until(lambda: g.running() and life(g) != before, 20, "the guest runs again")
    ids = {os.readlink(f"/proc/{c.inspect()['State']['Pid']}/ns/{mode}") for c in (h, g)}
    assert len(ids) == 1, "they share it again"


def test_a_stranger_is_named_and_nobody_is_touched(dso, agent, docker, stored, hub):
    h = hub("restart")
    g = guest(docker, "--network", f"container:{h.name}", opted_in=False)
    proc = agent()
    lives, old, new = (life(h), life(g)), stored.value, stored.change()
    proc.wait_line(rf"^ERROR: \[Reloader\] \w+ failed for '{h.name}': '{g.name}' has the network of '{h.name}', would lose it", 30)
    assert (life(h), life(g)) == lives and h.read(FILE) == old and has_network(docker, g)
    for told in (dso("plan", h.name, check=False).out, dso("inspect", h.name).out, dso("doctor", check=False).out):
        assert g.name in told and "dso.reloader=true" in told, told
    assert "(impossible)" in json.loads(dso("status", "--format", "json").out)["containers"][0]["strategy"]
    failed = dso("rollback", h.name, check=False)
    assert failed.rc != 0 and g.name in failed.err and has_network(docker, g)
    docker("rm", "-f", g.name)  # it is gone: nobody is in the way any more
    dso("rotate", h.name)
    reads(h, FILE, new)


@pytest.mark.parametrize("mode, gone", [("network", True), ("network", False), ("link", False)], ids=["gone", "stopped", "linked"])
def test_who_could_not_start_again_is_not_restarted(dso, agent, docker, stored, hub, mode, gone):
    """The container that it stands on is not there: a restart would end it for good."""
    host = docker.run("sleep", "1000")
    c = hub("restart", options=("--link", f"{host.name}:db") if mode == "link" else ("--network", f"container:{host.name}"))
    docker("rm", "-f", host.name) if gone else docker("stop", "-t", "0", host.name)
    proc = agent()
    before, old, new = life(c), stored.value, stored.change()
    why = "is gone" if gone else "does not run"
    proc.wait_line(rf"^ERROR: \[Reloader\] \w+ failed for '{c.name}': it (has the network of|is linked to) '\S+', which {why}, so it could not be started", 30)
    assert life(c) == before and c.running()
    assert mode == "link" or c.read(FILE) == old  # (an engine of 20.10 executes nothing where a link is missing)
    for told in (dso("plan", c.name, check=False).out, dso("inspect", c.name).out, dso("doctor", check=False).out):
        assert f"which {why}, so it could not be started again" in told, told
    if not gone:  # the cure
        docker("start", host.name)
        dso("rotate", c.name)
        reads(c, FILE, new)


def test_rolling_by_name_is_refused_and_auto_restarts(dso, agent, docker, stored, hub):
    rolled, auto = hub("rolling"), hub("auto")
    one, two = guest(docker, "--network", f"container:{rolled.name}"), guest(docker, "--network", f"container:{auto.name}")
    assert f"'{one.name}' has the network of" in dso("inspect", rolled.name).out
    assert f"a rolling update is impossible: '{two.name}' has the network of" in dso("inspect", auto.name).out
    proc = agent()
    before, new = life(rolled), stored.change()
    proc.wait_line(rf"^ERROR: \[Reloader\] \w[\w ]* failed for '{rolled.name}': '{one.name}' has the network of '{rolled.name}', so it", 30)
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{auto.name}', healthy", 30)
    reads(auto, FILE, new)
    wait_until(lambda: two.running() and has_network(docker, two), 20, "its guest is whole")
    assert life(rolled) == before and has_network(docker, one)


def test_who_is_linked_is_told_of_by_the_engine(dso, agent, docker, stored, hub):
    """A restart keeps a link; another container in its place would break it for ever."""
    h = hub("auto", command=SERVES)
    g = guest(docker, "--link", f"{h.name}:db", opted_in=False)
    proc = agent()
    before, new = life(g), stored.change()
    proc.wait_line(rf"^INFO: \[Reloader\] Restarted '{h.name}', healthy", 30)
    reads(h, FILE, new)
    assert docker("exec", g.name, "wget", "-qO-", "http://db:8000/x").out == "well\n" and life(g) == before
    docker("restart", "-t", "0", g.name)
    assert g.running()


def compose(dso, docker, services):
    project = docker.project("dep")
    (dso.world.work / "compose.yaml").write_text(json.dumps({"services": services}))
    dso("up", "-p", project, "-d", timeout=120)
    return project


def test_compose_restarts_in_order(dso, agent, docker, stored):
    """db <- api <- web by depends_on with restart: true; `helper` has api's processes, `apart` only waits for db."""
    base = {"image": BUSYBOX, "command": list(RESTS)}
    after = {"restart": True, "condition": "service_started"}
    project = compose(dso, docker, {
        "db": {**base, "environment": {"PW_FILE": f"dsofile://{stored.name}#password"}, "labels": {"dso.reloader": "true"}},
        "web": {**base, "depends_on": {"api": after, "db": after}},
        "api": {**base, "depends_on": {"db": after}},
        "helper": {**base, "pid": "service:api"},
        "apart": {**base, "depends_on": {"db": {"condition": "service_started"}}}})
    c = {name: docker.container(f"{project}-{name}-1") for name in ("db", "web", "api", "helper", "apart")}
    before = {name: life(each) for name, each in c.items()}
    stored.change()
    assert f"restart '{c['api'].name}'" in dso("plan", check=False).out
    proc = agent()
    proc.wait_line(rf"^INFO: \[Reloader\] Rolled '{c['db'].name}'", 40)
    proc.wait_line(rf"Restarting '{c['web'].name}' too", 40)
    wait_until(lambda: all(each.running() for each in c.values()), 20, "all run")
    order = [line for line in proc.lines(r"Restarting '.*' too")]
    assert [next(name for name, each in c.items() if f"Restarting '{each.name}'" in line) for line in order][:1] == ["api"], order
    assert life(c["apart"]) == before["apart"]
    for name in ("db", "web", "api", "helper"):
        assert life(c[name]) != before[name], name
    started = {name: life(each)[1] for name, each in c.items()}
    assert started["db"] < started["api"] < started["web"] and started["api"] < started["helper"]
    dso("down", "-p", project, "-t", "1", timeout=60)


def test_a_bad_value_leaves_the_guest_whole(dso, agent, docker, stored, hub, canary):
    """The restart fails, the last good value comes back by another one: the guest follows that."""
    dies = ("sh", "-c", f'trap "exit 0" TERM; case "$(cat {FILE})" in bad*) exit 5;; esac; while :; do sleep 1; done')
    h = hub("restart", command=dies)
    g = guest(docker, "--network", f"container:{h.name}")
    good = stored.value
    proc = agent()
    dso.set(f"{stored.name}#password", "bad" + canary())
    proc.wait_line(rf"'{h.name}' was restarted with the last good secret", 40)
    reads(h, FILE, good)
    wait_until(lambda: g.running() and has_network(docker, g), 20, "the guest has the network of the one that runs")


def test_killed_between_the_two(dso, agent, docker, stored, hub):
    h = hub("restart")
    g = guest(docker, "--network", f"container:{h.name}")
    proc = agent(env={"DSO_CRASH_AT": "reload: restarted"})
    new = stored.change()
    wait_until(lambda: not proc.running(), 30, "it is killed there")
    again = agent()
    again.wait_line(rf"Restarting '{g.name}' too", 40)
    reads(h, FILE, new)
    wait_until(lambda: g.running() and has_network(docker, g), 20, "the guest has its network")
