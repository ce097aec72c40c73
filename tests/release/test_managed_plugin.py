"""DSO as a managed plugin: made by scripts/build-plugin, set, enabled, listed; a volume of it with a secret of the real Vault, and a
Swarm's secret."""
import shutil

import pytest
from harness import places
from harness.scenario import vault_config
from harness.stores import peer


@pytest.fixture
def managed(world, docker, vault):
    """An enabled plugin whose config folder and state are this test's."""
    name, config, state = f"dso-test-{world.id}", world.tmp / "config", world.tmp / "plugin-state"
    config.mkdir(mode=0o755)
    state.mkdir(mode=0o700)
    shutil.copy(vault.ca, config / "ca.pem")
    (config / "token").write_text(vault.new_token())
    (config / "token").chmod(0o600)
    text = vault_config(vault, settings="  token_file: /etc/dso/token\n").replace(vault.ca, "/etc/dso/ca.pem")
    (config / "dso.yaml").write_text(text)
    world.run([places.ROOT / "scripts" / "build-plugin", "--output", world.tmp / "plugin", "--create", name], timeout=120)
    docker("plugin", "set", name, f"config.source={config}", f"state.source={state}")
    try:
        docker("plugin", "enable", name, timeout=120)
        yield name
    finally:
        for container in docker.ids_of_test():
            docker("rm", "-f", container, check=False)
        for volume in docker.volumes:
            docker("volume", "rm", "-f", volume, check=False)
        docker("plugin", "disable", "-f", name, check=False)
        docker("plugin", "rm", "-f", name, check=False)


def test_a_volume_of_the_managed_plugin(managed, docker, vault, unique, canary, wait_until):
    listed = docker("plugin", "ls", "--format", "{{.Name}} {{.Enabled}}").out.splitlines()
    assert f"{managed}:latest true" in listed
    name, value = unique("m"), canary()
    vault.put(name, password=value)
    volume = docker.name("vol")
    docker.volumes.append(volume)
    docker("volume", "create", "-d", managed, "-o", f"secrets={name}", volume)
    c = docker.run("sleep", "600", options=("-v", f"{volume}:/run/s"))
    assert docker("exec", c.name, "cat", "/run/s/password").out == value
    newer = canary()
    vault.put(name, password=newer)
    wait_until(lambda: docker("exec", c.name, "cat", "/run/s/password").out == newer, 30, "the new value is in the volume")
    lost = docker("volume", "create", "-d", managed, "-o", "secret=x", docker.name("vol"), check=False)
    assert lost.rc != 0 and "secrets" in lost.err, lost


def test_a_swarm_secret_of_the_managed_plugin(world, docker, dso, canary, wait_until):
    """On an engine of its own, with the local store in the plugin's config folder; a new version reaches the task."""
    facts = peer("swarm.sh", "start", "1")
    env, name = {"DOCKER_HOST": facts["DOCKER_HOST_1"]}, f"dsotest{world.id}/dso"
    config, state = world.tmp / "config", world.tmp / "plugin-state"
    config.mkdir(mode=0o755)
    state.mkdir(mode=0o700)
    (config / "dso.yaml").write_text("provider: local\nagent:\n  watch: {polling_interval: 1s}\n")
    store, first, second = {"DSO_STORE": config / "store"}, canary(), canary()
    dso("init", env=store)
    dso.set("app#key", first, env=store)

    def swarm(*args, **kw):
        return docker(*args, env=env, **kw)

    def shown():
        ids = swarm("ps", "-q", "--filter", "label=com.docker.swarm.service.name=api").out.split()
        return [swarm("exec", one, "cat", "/run/secrets/key", check=False).out for one in ids]

    try:
        world.run([places.ROOT / "scripts" / "build-plugin", "--output", world.tmp / "plugin", "--create", name], env=env, timeout=120)
        socket = facts["DOCKER_HOST_1"].removeprefix("unix://")
        swarm("plugin", "set", name, f"config.source={config}", f"state.source={state}", f"engine.source={socket}")
        swarm("plugin", "enable", name, timeout=120)
        swarm("secret", "create", "--driver", f"{name}:latest", "--label", "dso.secret=app#key", "key")
        swarm("service", "create", "--detach", "--name", "api", "--secret", "key", "--label", "dso.reloader=true", "--update-monitor", "500ms",
              "--stop-grace-period", "1s", "--no-resolve-image", "dso-test/busybox:1", "sleep", "600")
        wait_until(lambda: shown() == [first], 40, "the task reads the value")
        dso.set("app#key", second, env=store)
        wait_until(lambda: shown() == [second], 40, "the task reads the new value")
    finally:
        peer("swarm.sh", "stop")
