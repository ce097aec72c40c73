"""Swarm beyond one host, on three managers: values at task start, a new version brought to every task, a bad one rolled back by Swarm
and held back, services that did not opt in, and a leader that falls in the middle. Agents run beside each manager's engine."""
import os
import signal
from pathlib import Path

import pytest
from harness.swarm import CONFIG, SLOWLY, WEB, all_show, swarm, swarm_facts  # noqa: F401
from harness.wait import wait_until

NODES = 3


@pytest.fixture
def agents(dso, swarm, world, agent):
    """One beside each manager, with folders of its own."""
    dso.config(CONFIG)
    dso("init", check=False)
    out = []
    for n in range(NODES):
        run = Path(f"{world.run_dir}-{n}")
        out.append(agent(env={"DOCKER_HOST": swarm.hosts[n], "DSO_PLUGIN_SOCKET": swarm.plugins[n] / "dso.sock", "DSO_RUN_DIR": run,
                              "DSO_STATE_DIR": world.tmp / f"state-{n}"}))
    return out


def test_a_new_version_reaches_every_task(swarm, agents, dso, unique, canary):
    name, first, second, third = unique("db"), canary(), canary(), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", first)
    swarm.secret(short, f"{name}#password")
    swarm.service(f"{short}-api", short)
    swarm.service(f"{short}-plain", short, replicas=1, opted_in=False)
    all_show(swarm, f"{short}-api", first, 3)
    all_show(swarm, f"{short}-plain", first, 1)
    untouched = swarm.spec_of(f"{short}-plain")["Version"]
    dso.set(f"{name}#password", second)
    all_show(swarm, f"{short}-api", second, 3)
    dso.set(f"{name}#password", third)
    all_show(swarm, f"{short}-api", third, 3)
    # the first one of ours goes once nothing uses it; the user's own stays
    wait_until(lambda: swarm.names(short) == [short, f"{short}.3"], 30, "the version before is removed")
    assert swarm.values(f"{short}-plain") == [first] and swarm.spec_of(f"{short}-plain")["Version"] == untouched
    spec = wait_until(lambda: (s := swarm.spec_of(f"{short}-api")["Spec"]) and "dso.update.owners" not in s["Labels"] and s, 30, "its settings are back")
    assert spec["UpdateConfig"]["Order"] == "stop-first" and spec["UpdateConfig"]["FailureAction"] == "pause", "its owner's"
    assert [s["File"]["Name"] for s in spec["TaskTemplate"]["ContainerSpec"]["Secrets"]] == ["key"]


def test_one_that_may_have_one_task_on_a_node(swarm, agents, dso, unique, canary):
    """With start-first a second task would wait for ever for a place."""
    name, first, second = unique("db"), canary(), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", first)
    swarm.secret(short, f"{name}#password")
    swarm.service(f"{short}-api", short, "--replicas-max-per-node", "1", "--update-order", "start-first", replicas=3)
    all_show(swarm, f"{short}-api", first, 3)
    dso.set(f"{name}#password", second)
    all_show(swarm, f"{short}-api", second, 3)
    spec = wait_until(lambda: (s := swarm.spec_of(f"{short}-api")["Spec"]) and "dso.update.owners" not in s["Labels"] and s, 30, "its settings are back")
    assert spec["UpdateConfig"]["Order"] == "start-first"


def test_a_second_task_that_finds_no_room(swarm, agents, dso, unique, canary):
    """Its owner wants start-first, and no node has the processors for one more task: the version before stays, and that is said."""
    name, first, second, third = unique("db"), canary(), canary(), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", first)
    swarm.secret(short, f"{name}#password")
    swarm.service(f"{short}-api", short, "--reserve-cpu", str(0.6 * os.cpu_count()), "--update-order", "start-first", replicas=NODES)
    all_show(swarm, f"{short}-api", first, NODES)
    dso.set(f"{name}#password", second)
    wait_until(lambda: any(a.lines(rf"ERROR: \[Swarm\] Update of service '{short}-api' failed: its new task finds no room beside the old one: no suitable node")
                           for a in agents), 60, "it is told")
    wait_until(lambda: any(a.lines(r"WARN: \[Swarm\] .*held back until it has the update order stop-first") for a in agents), 60, "it is held back")
    all_show(swarm, f"{short}-api", first, NODES)
    tasks = swarm("service", "ps", "--filter", "desired-state=running", "--format", "{{.CurrentState}}", f"{short}-api").out.splitlines()
    assert len(tasks) == NODES and all(t.startswith("Running") for t in tasks), tasks
    # the cure of the message
    swarm("service", "update", "--detach", "--update-order", "stop-first", f"{short}-api")
    all_show(swarm, f"{short}-api", second, NODES)
    dso.set(f"{name}#password", third)
    all_show(swarm, f"{short}-api", third, NODES)


def test_a_bad_version_is_rolled_back_and_held_back(swarm, agents, dso, unique, canary):
    name, good, bad, better = unique("db"), canary(), "bad" + canary(), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", good)
    swarm.secret(short, f"{name}#password")
    swarm.service(f"{short}-api", short, *SLOWLY, command=("sh", "-c", "grep -q ^bad /run/secrets/key && exit 1; exec sleep 1000"), replicas=2)
    all_show(swarm, f"{short}-api", good, 2)
    dso.set(f"{name}#password", bad)
    wait_until(lambda: any(a.lines(rf"ERROR: \[Swarm\] Update of service '{short}-api' to version \S+ of '{short}' failed: ") for a in agents), 60,
               "the failed update is told")
    all_show(swarm, f"{short}-api", good, 2)
    seen = swarm.spec_of(f"{short}-api")["Version"]
    wait_until(lambda: any(a.lines(r"WARN: \[Swarm\] .*held back until the store has another one") for a in agents), 20, "it is held back")
    assert swarm.spec_of(f"{short}-api")["Version"] == seen
    dso.set(f"{name}#password", better)
    all_show(swarm, f"{short}-api", better, 2)


def test_who_rolls_back_by_hand_gets_the_version_before(swarm, agents, dso, unique, canary):
    """Nothing of the service's settings is DSO's here, so the spec before is the one with the version before; Swarm needs its secret."""
    name, first, second, third = unique("db"), canary(), canary(), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", first)
    swarm.secret(short, f"{name}#password")
    swarm.service(f"{short}-api", short, "--update-failure-action", "rollback", replicas=2)
    for value in (first, second, third):
        dso.set(f"{name}#password", value)
        all_show(swarm, f"{short}-api", value, 2)
    wait_until(lambda: any(a.lines(rf"INFO: \[Swarm\] Service '{short}-api' runs with the new secret")[1:] for a in agents), 60, "both updates are over")
    swarm("service", "rollback", "--detach", f"{short}-api")
    all_show(swarm, f"{short}-api", second, 2)
    wait_until(lambda: any(a.lines(r"WARN: \[Swarm\] .*held back until the store has another one") for a in agents), 20, "it is held back")
    all_show(swarm, f"{short}-api", second, 2)


def test_a_task_that_starts_later_gets_what_worked(swarm, agents, dso, unique, canary):
    """A store that is ahead of the service, because its version was refused: a task that Swarm starts anew must not get that one."""
    name, good, bad = unique("db"), canary(), "bad" + canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", good)
    swarm.secret(short, f"{name}#password")
    swarm.service(f"{short}-api", short, *SLOWLY, command=("sh", "-c", "grep -q ^bad /run/secrets/key && exit 1; exec sleep 1000"), replicas=1)
    all_show(swarm, f"{short}-api", good, 1)
    dso.set(f"{name}#password", bad)
    wait_until(lambda: any(a.lines(rf"ERROR: \[Swarm\] Update of service '{short}-api'") for a in agents), 60, "the failed update is told")
    all_show(swarm, f"{short}-api", good, 1)

    def running():
        return {(n, one) for n in range(NODES)
                for one in swarm.at(n, "ps", "-q", "--filter", f"label=com.docker.swarm.service.name={short}-api").out.split()}
    ended = running()
    assert ended
    for n, one in ended:
        swarm.at(n, "kill", one, check=False)  # one that Swarm ends itself, since its version was refused, may be gone by now
    wait_until(lambda: (now := running()) and not now & ended, 60, "another task runs")
    all_show(swarm, f"{short}-api", good, 1)


def test_a_leader_that_falls_in_the_middle(swarm, agents, dso, unique, canary, swarm_facts):
    name, first, second = unique("db"), canary(), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", first)
    swarm.secret(short, f"{name}#password")
    swarm.service(f"{short}-api", short, replicas=4)
    all_show(swarm, f"{short}-api", first, 4)
    wait_until(lambda: swarm.leader() is not None, 30, "there is a leader")
    fallen = swarm.leader()
    dso.set(f"{name}#password", second)
    agents[fallen].wait_line(rf"INFO: \[Swarm\] Updating service '{short}-api'", deadline=30)
    os.kill(swarm.pids[fallen], signal.SIGSTOP)  # as a host that hangs: its tasks are started elsewhere
    swarm.fallen = fallen
    try:
        wait_until(lambda: swarm.leader() is not None, 60, "another manager leads")
        wait_until(lambda: len(found := swarm.values(f"{short}-api")) >= 4 and set(found) == {second}, 90,
                   "every task on the managers that are left reads the new value")
    finally:
        os.kill(swarm.pids[fallen], signal.SIGCONT)
        swarm.fallen = None
    wait_until(lambda: swarm.at(fallen, "node", "ls", check=False).rc == 0, 60, "the fallen manager is back")
    all_show(swarm, f"{short}-api", second, 4)
