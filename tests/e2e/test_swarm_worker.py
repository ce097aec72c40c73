"""Swarm with a manager and a worker: the tasks run on the worker, which has no agent. Its values come from the manager, as all of Swarm's
secrets do, and a new version reaches it all the same."""
import pytest
from harness.swarm import CONFIG, all_show, swarm, swarm_facts  # noqa: F401

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
