"""The engine itself asks DSO: volumes of the driver, and secrets for Swarm, through the plugin socket."""
import base64
import json
import socket
import time

import pytest
from harness.plugin import ask
from harness.scenario import BUSYBOX, reads, vault_config

WAITS = ("sh", "-c", "cat /run/s/*; echo; trap 'exit 0' TERM HUP; while :; do sleep 0.1; done")


@pytest.fixture
def stored(vault, faultproxy, unique, canary, dso, plugin):
    """A secret of one field that the containers print when they start, so that it is seen to be there before PID 1; and a config
    whose store can be taken away (faultproxy)."""
    class Stored:
        name, value = unique("vol"), canary(printed=True)
        env = {"VAULT_TOKEN": vault.token, **plugin.env}

        def change(self):
            self.value = canary(printed=True)
            vault.put(self.name, password=self.value)
            return self.value

        def store_down(self):
            faultproxy.fault(self.name, times=1000000, status=503)

    s = Stored()
    vault.put(s.name, password=s.value)
    dso.config(vault_config(vault, address=faultproxy.url))
    yield s
    vault.delete(s.name)


def volume(docker, plugin, *options, check=True, name=None):
    name = name or docker.name("vol")
    docker.volumes.append(name)
    done = docker("volume", "create", "-d", plugin.driver, *(x for o in options for x in ("-o", o)), name, check=check)
    return name if check else done


def run(docker, volume_name, *options, check=True, labels=()):
    name = docker.name("web")
    done = docker("run", "-d", "--name", name, "-v", f"{volume_name}:/run/s", *(x for label in labels for x in ("--label", label)), *options,
                  BUSYBOX, *WAITS, check=check)
    return docker.container(name) if check else done


def gone(dso, wait_until, deadline=30):
    wait_until(lambda: not dso.scopes(), deadline, "the volume's files are wiped")


def test_a_volume_from_create_to_removal(dso, agent, docker, plugin, stored, wait_until):
    proc = agent(env=stored.env)
    v = volume(docker, plugin, f"secrets={stored.name}", "mode=0440", "uid=7", "gid=8")
    assert dso.scopes() == [], "nothing is fetched before it is mounted"
    c = run(docker, v, labels=("dso.reloader=true", "dso.strategy=signal", "dso.signal=SIGUSR1"))
    wait_until(lambda: stored.value in c.logs(), 10, "PID 1 read the secret at its first instruction")
    assert c.exec("stat", "-L", "-c", "%a %u %g", "/run/s/password").out.split() == ["440", "7", "8"]
    assert docker("exec", c.name, "touch", "/run/s/x", check=False).rc != 0, "read-only, although nobody asked for it"
    docker("cp", f"{c.name}:/etc/passwd", "-")  # mounts and unmounts the volume with the id of the running container
    reads(c, "/run/s/password", stored.value)

    reads(c, "/run/s/password", stored.change())
    proc.wait_line(rf"^INFO: \[Reloader\] Signal SIGUSR1 sent to '{c.name}' \(label dso\.strategy\)$")
    assert not proc.lines("DSO delivers nothing to it"), "a container with a volume of ours is not one without secrets"

    proc.stop()  # an upgrade: the files stay, and the next agent knows the volume
    new = stored.change()
    proc = agent(env=stored.env)
    assert [x["Name"] for x in plugin.call("VolumeDriver.List")["Volumes"]] == [v]
    reads(c, "/run/s/password", new)
    assert proc.lines(rf"Delivered '{stored.name}' to 'volume {v}'"), "by the watcher, without a restart of the container"

    assert docker("volume", "rm", v, check=False).rc != 0, "in use"
    docker("rm", "-f", c.name)
    gone(dso, wait_until)
    proc.wait_line(rf"^INFO: \[Agent\] Wiped the secrets of the volume '{v}'")
    docker("volume", "rm", v)
    assert plugin.call("VolumeDriver.List")["Volumes"] == []


def test_a_volume_is_shown_and_rotated(dso, agent, docker, plugin, stored):
    """Of a container that has volumes and nothing else of DSO, opted in or not."""
    dso.config((dso.world.work / "dso.yaml").read_text().replace("polling_interval: 1s", "polling_interval: 10m"))
    agent(env=stored.env)
    v = volume(docker, plugin, f"secrets={stored.name}")
    c = run(docker, v, labels=("dso.reloader=true", "dso.strategy=signal", "dso.signal=SIGUSR1"))
    plain = run(docker, v)
    assert "nothing to do" in dso("rotate", c.name).out
    new = stored.change()
    shown = json.loads(dso("inspect", c.name, "--format", "json", env=stored.env).out)
    row, = shown["secrets"]
    assert row["name"] == stored.name and row["delivery"].startswith(f"volume {v}") and row["strategy"].startswith("signal SIGUSR1"), row
    assert row["drift"].startswith("the store has version"), row
    assert dso("rotate", c.name).out.startswith(f"'{c.name}' has the present value of its secrets: '{stored.name}' changed")
    reads(c, "/run/s/password", new, 5)
    newest = stored.change()
    assert f"'{c.name}' has the present value" in dso("rotate", plain.name).out, "its volume is the other one's, too"
    reads(plain, "/run/s/password", newest, 5)
    table = {line.split()[0]: line for line in dso("status").out.splitlines() if line.startswith("dso-test-")}
    assert f"default/{stored.name}" in table[c.name] and "signal SIGUSR1" in table[c.name] and table[c.name].endswith("current")
    assert f"default/{stored.name}" in table[plain.name] and table[plain.name].endswith("not opted in")


def test_what_cannot_be_had_blocks_the_start_with_the_reason(dso, agent, docker, plugin, stored, faultproxy, wait_until):
    proc = agent(env=stored.env)
    done = volume(docker, plugin, "secret=x", check=False)
    assert done.rc != 0 and "the option 'secret' is unknown" in done.err and "Did you mean 'secrets'?" in done.err
    done = run(docker, volume(docker, plugin, "secrets=e2e/never-there"), check=False)
    assert done.rc != 0 and "Failed to fetch secret 'e2e/never-there': NotFound" in done.err
    v = volume(docker, plugin, f"secrets={stored.name}#password", "path=pw", "uid=0")
    c = run(docker, v, "--restart", "always")
    reads(c, "/run/s/pw", stored.value)
    stored.store_down()
    docker("restart", "-t", "0", c.name)  # it has its last good secret: a store that is down does not take its service away
    reads(c, "/run/s/pw", stored.value)
    docker("stop", "-t", "0", c.name)
    gone(dso, wait_until)
    done = docker("start", c.name, check=False)
    assert done.rc != 0 and f"Failed to fetch secret '{stored.name}': Unavailable" in done.err
    faultproxy.reset()
    proc.wait_line(rf"^INFO: \[Agent\] Started '{c.name}': its secrets are back$")
    reads(c, "/run/s/pw", stored.value)


def test_compose_with_the_driver(dso, agent, docker, plugin, stored):
    """Plain `docker compose`: no dso command is in the way."""
    agent(env=stored.env)
    project = docker.project("vol")
    docker.volumes.append(f"{project}_secrets")
    template = "u:{{password}}@db"
    (dso.world.work / "compose.yaml").write_text(json.dumps({
        "services": {"web": {"image": BUSYBOX, "command": [w.replace("$", "$$") for w in WAITS], "volumes": ["secrets:/run/s"]}},
        "volumes": {"secrets": {"driver": plugin.driver, "driver_opts": {"secrets": stored.name, "template": template, "path": "dsn", "mode": "0400"}}},
    }))
    docker("compose", "-p", project, "up", "-d", timeout=120)
    c = docker.container(docker("ps", "-q", "--filter", f"label=com.docker.compose.project={project}").out.strip())
    reads(c, "/run/s/dsn", f"u:{stored.value}@db")
    reads(c, "/run/s/dsn", f"u:{stored.change()}@db")
    docker("compose", "-p", project, "down", "-v", "-t", "0", timeout=120)


def test_agent_killed_with_a_volume_in_use(dso, agent, docker, plugin, stored, wait_until):
    """What the engine did meanwhile nobody told us: the next agent asks it."""
    proc = agent(env=stored.env)
    kept, left = sorted(volume(docker, plugin, f"secrets={stored.name}") for _ in range(2))  # looked at in this order
    a, b = run(docker, kept), run(docker, left)
    proc.kill()
    reads(a, "/run/s/password", stored.value)
    new = stored.change()
    proc = agent(env=stored.env)
    reads(a, "/run/s/password", new)
    for counted in (dso.run_dir / "volumes").glob("*.json"):  # the engine forgets and repeats: it unmounts more often than it mounted
        for i in json.loads(counted.read_text())["counts"]:
            plugin.call("VolumeDriver.Unmount", Name=kept, ID=i)
    docker("rm", "-f", b.name)
    proc.wait_line(rf"^INFO: \[Agent\] Wiped the secrets of the volume '{left}'")
    assert len(dso.scopes()) == 1, "the engine says that a container has the other one, whatever was counted"
    reads(a, "/run/s/password", new)


@pytest.mark.parametrize("place", ["reload: before the signal", "reload: the signal is sent"])
def test_agent_killed_between_the_files_and_the_signal(dso, agent, docker, plugin, stored, wait_until, place):
    """The next agent signals: whether the signal was sent nobody can know, and once more does no harm."""
    proc = agent(env={**stored.env, "DSO_CRASH_AT": place})
    v = volume(docker, plugin, f"secrets={stored.name}")
    name = docker.name("web")
    docker("run", "-d", "--name", name, "-v", f"{v}:/run/s", "--label", "dso.reloader=true", "--label", "dso.strategy=signal", BUSYBOX,
           "sh", "-c", "trap 'cat /run/s/password; echo' HUP; trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done")
    c = docker.container(name)
    wait_until(lambda: "ready" in c.logs(), 10, "it runs")
    new = stored.change()
    wait_until(lambda: not proc.running(), 30, "it is killed there")
    agent(env=stored.env)
    wait_until(lambda: c.logs().rstrip().endswith(new), 30, "it was signalled after its files had changed")


def test_swarm_secrets_and_a_hardened_socket(dso, agent, docker, plugin, stored, faultproxy):
    """Activate is answered while the store says nothing; a secret is given by its labels; last good while the store is down."""
    v = stored.name
    faultproxy.fault(v, times=1000, delay=20)
    proc = agent(env=stored.env)
    began = time.monotonic()
    assert plugin.call("Plugin.Activate") == {"Implements": ["secretprovider", "VolumeDriver"]}
    assert time.monotonic() - began < 5
    faultproxy.reset()

    def secret(**body):
        return plugin.call("SecretProvider.GetSecret", **body)

    labels = {"dso.secret": v, "dso.field": "password"}
    given = secret(SecretName="db", SecretLabels=labels, ServiceName="web")
    assert base64.b64decode(given["Value"]).decode() == stored.value and given["DoNotReuse"] is True
    stored.store_down()
    assert base64.b64decode(secret(SecretName="db", SecretLabels=labels)["Value"]).decode() == stored.value
    proc.wait_line(r"^WARN: \[Agent\] Failed to fetch secret .* Readers get the last good value, which may be stale$")
    never = secret(SecretName="db", SecretLabels={"dso.secret": v + "-never"})
    assert "Failed to fetch secret" in never["Err"] and "Value" not in never

    assert oct(plugin.socket.stat().st_mode & 0o777) == "0o600"
    raw = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(300)]  # more than it lets in
    for i, s in enumerate(raw):
        s.connect(str(plugin.socket))
        s.sendall((b"POST /Plugin.Activate HTTP/1.1\r\nX-", b"\x16\x03\x01 garbage\r\n\r\n", b"")[i % 3])
        if i % 3 == 2:
            s.shutdown(socket.SHUT_WR)
    status, answer = ask(plugin.socket, "POST", "/VolumeDriver.Create", {"Name": "x", "Opts": {"a": "b" * 300000}})
    assert (status, "too long" in str(answer)) == (413, True)
    assert plugin.call("VolumeDriver.Capabilities") == {"Capabilities": {"Scope": "local"}}
    assert len(proc.lines(r"A client of the plugin socket .*, and more of this is not logged for a minute")) == 1
    assert len(proc.lines(r"A client of the plugin socket \(process \d+\) sent what cannot be read")) == 1
    for s in raw:
        s.close()
    assert ask(plugin.socket, "GET", "/Plugin.Activate")[0] == 405 and ask(plugin.socket, "POST", "/Nope", {})[0] == 404
