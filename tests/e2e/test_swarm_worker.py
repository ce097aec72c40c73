"""Swarm with a manager and a worker: the tasks run on the worker, which has no agent. Its values come from the manager, as all of Swarm's
secrets do, and a new version reaches it all the same."""
import json

import pytest
from harness.swarm import CONFIG, SLOWLY, all_show, swarm, swarm_facts  # noqa: F401

NODES = 2
ON_WORKER = ("--constraint", "node.role==worker")


@pytest.fixture
def manager_agent(dso, swarm, agent):
    dso.config(CONFIG)
    dso("init", check=False)
    return agent(env={"DOCKER_HOST": swarm.hosts[0], "DSO_PLUGIN_SOCKET": swarm.plugins[0] / "dso.sock"})


def tasks_on(swarm, n, service):
    return swarm.at(n, "ps", "-q", "--filter", f"label=com.docker.swarm.service.name={service}").out.split()


def test_tasks_on_a_worker_get_each_version(swarm, manager_agent, dso, unique, canary):
    name, first, second = unique("db"), canary(), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", first)
    swarm.secret(short, f"{name}#password")
    swarm.service(short, short, *ON_WORKER, replicas=2)
    all_show(swarm, short, first, 2)
    assert tasks_on(swarm, 0, short) == [] and len(tasks_on(swarm, 1, short)) == 2
    dso.set(f"{name}#password", second)
    all_show(swarm, short, second, 2)
    assert manager_agent.running()


def test_tasks_on_a_worker_stay_while_the_managers_agent_is_gone(swarm, manager_agent, dso, unique, canary):
    name, first = unique("db"), canary()
    short = name.replace("/", "-")
    dso.set(f"{name}#password", first)
    swarm.secret(short, f"{name}#password")
    swarm.service(short, short, *ON_WORKER, replicas=2)
    all_show(swarm, short, first, 2)
    before = tasks_on(swarm, 1, short)
    manager_agent.kill()
    dso.set(f"{name}#password", canary())
    all_show(swarm, short, first, 2)
    assert sorted(tasks_on(swarm, 1, short)) == sorted(before)


def test_a_service_is_rotated_and_shown_as_a_container_is(swarm, dso, world, unique, canary):
    """The agent polls each second in the other tests; here it learns of nothing by itself before it is asked."""
    env = {"DOCKER_HOST": swarm.hosts[0]}
    name, first, second = unique("db"), canary(), canary()
    short = name.replace("/", "-")
    dso("init")
    dso.config(CONFIG.replace("polling_interval: 1s", "polling_interval: 10m"))
    dso.set(f"{name}#password", first)
    agent = dso.start("agent", env={**env, "DSO_PLUGIN_SOCKET": swarm.plugins[0] / "dso.sock"})
    agent.wait_line("This manager leads")
    swarm.secret(short, f"{name}#password")
    swarm.service(short, short, *SLOWLY, command=("sh", "-c", "grep -q ^bad /run/secrets/key && exit 1; exec sleep 1000"), replicas=2)
    swarm.service(f"{short}-plain", short, replicas=1, opted_in=False)
    all_show(swarm, short, first, 2)
    unheard = {"DSO_RUN_DIR": world.tmp / "elsewhere"}  # `secret set` tells the agent, too
    dso.set(f"{name}#password", second, env=unheard)
    assert f"Service '{short}' has what the stores have" in dso("rotate", short, env=env, timeout=90).out
    all_show(swarm, short, second, 2, 10)  # the old ones may still be ending
    out = dso("status", env=env).out
    rows = {line.split()[0]: line.split() for line in out[out.index("\nSERVICE "):].splitlines()[2:]}
    assert rows[short] == [short, f"{name}#password", "2", "yes", "-"] and rows[f"{short}-plain"][3] == "no"
    shown = json.loads(dso("status", "--format", "json", env=env).out)
    assert shown["agent"]["swarm_leader"] and {s["service"] for s in shown["services"]} == {short, f"{short}-plain"}
    dso.set(f"{name}#password", "bad" + canary(), env=unheard)
    done = dso("rotate", short, env=env, check=False, timeout=90)
    assert done.rc == 6 and f"Cannot rotate service '{short}'" in done.err, done
    all_show(swarm, short, second, 2, 10)
    done = dso("rotate", f"{short}-plain", env=env, check=False)
    assert done.rc == 1 and "did not opt in" in done.err
