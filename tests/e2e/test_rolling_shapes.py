"""Every way to have created a container survives a rolling update: nothing that `docker inspect` shows of it changes but what must,
and what cannot be rolled is refused with the reason and stays as it is."""
import http.client
import json
import secrets
import socket

import pytest
from harness.rolling import DIGEST_ENV, differences, digest_of, free_port, local, published, rolling, shows  # noqa: F401
from harness.scenario import BUSYBOX, shown
from harness.wait import wait_until

SLEEP = ("sleep", "600")


def roll_all(agent, rolling, services):
    """One change for all of `services` (shape → container); what differs afterwards, by shape."""
    before = {shape: c.inspect() for shape, c in services.items()}
    proc = agent()
    rolling.local.change()
    wrong = []
    for shape, c in services.items():
        rolling.done(proc, c, deadline=90)
        after = c.inspect()
        wrong += [f"{shape}: {d}" for d in differences(before[shape], after)]
        if after["Id"] == before[shape]["Id"]:
            wrong.append(f"{shape}: the same container")
    assert not wrong, "\n".join(wrong)
    wait_until(lambda: rolling.leftovers() == [], 60, "nothing is left over")  # others may still be under way
    return proc


def with_mac(docker, c, mac):
    """The same container anew with a MAC address of the user's: the docker command cannot ask an old engine for one any more."""
    seen = c.inspect()
    body = {**seen["Config"], "Hostname": "", "MacAddress": mac, "HostConfig": seen["HostConfig"]}
    c.docker("rm", "-f", c.name)
    engine = UnixHTTP(c.docker("context", "inspect", "-f", "{{.Endpoints.docker.Host}}").out.strip().removeprefix("unix://"))
    engine.request("POST", f"/v1.41/containers/create?name={c.name}", json.dumps(body), {"Content-Type": "application/json"})
    answer = engine.getresponse()
    assert answer.status == 201, answer.read()
    docker("start", c.name)
    return c


class UnixHTTP(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def test_networks(agent, docker, rolling):
    """Aliases, several networks, addresses of their own, legacy links, none at all."""
    octet = secrets.randbelow(250)
    net, net2, fixed = rolling.network(), rolling.network(), rolling.network("--subnet", f"10.199.{octet}.0/24")
    other = docker.run(*SLEEP)
    mac = "02:42:0a:0b:0c:0d"
    several = rolling("--network", net, "--network-alias", "first", healthy=False)
    docker("network", "connect", "--alias", "second", net2, several.name)
    services = {
        "default bridge": rolling(healthy=False),
        "network with aliases": rolling("--network", net, "--network-alias", "api", "--network-alias", "db", healthy=False),
        "several networks": several,
        "static address": rolling("--network", fixed, "--ip", f"10.199.{octet}.77", "--network-alias", "fixed", healthy=False),
        "links": rolling("--link", f"{other.name}:linked", healthy=False),
        "links in a network": rolling("--network", net, "--link", f"{several.name}:friend", healthy=False),
        "no network": rolling("--network", "none", healthy=False),
        "mac address": with_mac(docker, rolling("--network", net, healthy=False), mac),
        "hostname and hosts": rolling("--hostname", "told", "--add-host", "there:10.1.2.3", "--dns", "10.1.1.1", healthy=False),
    }
    for c in services.values():
        c.wait_healthy()
    hostname = services["hostname and hosts"].exec("hostname").out
    roll_all(agent, rolling, services)
    assert services["static address"].address() == f"10.199.{octet}.77"
    assert next(iter(services["mac address"].inspect()["NetworkSettings"]["Networks"].values()))["MacAddress"] == mac
    assert services["hostname and hosts"].exec("hostname").out == hostname == "told\n"
    assert services["links"].exec("ping", "-c1", "-W2", "linked").rc == 0
    for name, service in (("api", "network with aliases"), ("db", "network with aliases"), ("first", "several networks"),
                          ("second", "several networks"), (services["links"].name, None)):
        if service:
            asked = docker("run", "--rm", "--network", net2 if name == "second" else net, BUSYBOX, "nslookup", name).out
            ip = services[service].inspect()["NetworkSettings"]["Networks"][net2 if name == "second" else net]["IPAddress"]
            assert [x for x in asked.split() if x.count(".") == 3 and not x.startswith("127.")] == [ip], asked


def test_images_and_health(agent, docker, rolling, dso):
    """Images by id, with a USER, from scratch; each kind of healthcheck."""
    rolling.local.printed = True
    rolling.local.change()
    image_id = docker("image", "inspect", "-f", "{{.Id}}", "dso-test/web:1").out.strip()
    quiet = {"healthy": False, "secret": rolling.local.env}
    slow = ("--health-interval", "30s", "--health-retries", "3")
    services = {
        "image by id": rolling(image=image_id, healthy=False),
        "image by short id": rolling(image=image_id[7:19], healthy=False),
        "without healthcheck": rolling("--no-healthcheck", healthy=False),
        "image without healthcheck": rolling(image=BUSYBOX, command=DIGEST_ENV, **quiet),
        "healthcheck every 30 s": rolling(*slow, "--health-cmd", "web --probe", healthy=False),
        "user of the image": rolling(image="dso-test/user:1", command=DIGEST_ENV, **quiet),
        "user by option": rolling("--user", "1000:1000", healthy=False),
        "scratch": rolling(image="dso-test/scratch:1", **quiet),
        "read-only": rolling("--read-only", "--tmpfs", "/tmp", healthy=False),
        "own entrypoint": rolling("--entrypoint", "/bin/web", healthy=False),
    }
    proc = roll_all(agent, rolling, services)
    value = rolling.local.value
    for shape in ("image without healthcheck", "user of the image"):
        assert services[shape].logs().split()[0] == digest_of(value), shape
    assert f"PASSWORD={value}\n" in services["scratch"].logs()
    for shape in ("image by id", "without healthcheck", "healthcheck every 30 s", "user by option", "read-only", "own entrypoint"):
        shows(services[shape], value)
    took = int(rolling.done(proc, services["healthcheck every 30 s"]).group(0).split(" ms")[0].split()[-1])
    assert took < 15000, "the engine's first probe comes after 30 s"


def test_options(agent, docker, rolling, dso):
    """Volumes with their content, policies, limits, devices, labels; secrets by file and by variable."""
    both = [rolling.local.env, f"{rolling.local.file}=/run/app/pw"]
    volume = f"dso-test-{docker.world.id}-v"
    docker.volumes.append(volume)
    shared = {"labels": {"dso.strategy": "rolling", "dso.exclusive": "false"}, "healthy": False}
    services = {
        "anonymous volume": rolling("-v", "/data", **shared),
        "named volume": rolling("-v", f"{volume}:/data", "-v", "/etc:/host-etc:ro", **shared),
        "mount": rolling("--mount", "type=volume,dst=/data", "--mount", "type=tmpfs,dst=/scratch", **shared),
        "--rm": rolling("--rm", "-v", "/data", **shared),
        "restart: always": rolling("--restart", "always", healthy=False),
        "restart: on-failure": rolling("--restart", "on-failure:7", healthy=False),
        "limits": rolling("--ulimit", "nofile=1234:2345", "--memory", "64m", "--cpus", "0.5", "--shm-size", "16m", "--pids-limit", "50",
                          healthy=False),
        "devices": rolling("--device", "/dev/null:/dev/nothing", "--cap-add", "NET_ADMIN", "--cap-drop", "MKNOD", "--security-opt",
                           "no-new-privileges", "--init", healthy=False),
        "labels and more": rolling("--label", "a=b=c", "--label", "empty=", "--log-opt", "max-size=1m", "--stop-signal", "SIGINT",
                                   "--stop-timeout", "3", "--workdir", "/tmp", "--sysctl", "net.core.somaxconn=77", "-e", "A= b", "-t", "-i",
                                   healthy=False),
        "file": rolling("-e", "SHOW=", "-e", "SHOW_FILE=/run/secrets/password", secret=rolling.local.file, healthy=False),
        "file and variable": rolling(secret=both, healthy=False),
        "published with --rm": rolling("--rm", "-p", f"127.0.0.1:{free_port()}:8000", "-p", "8001", healthy=False),
        "publish all": rolling("-P", healthy=False),
    }
    kept = ("anonymous volume", "named volume", "mount", "--rm")
    for shape in kept:
        services[shape].exec("sh", "-c", f"echo '{shape}' > /data/f")
    services["publish all"].wait_healthy()
    # the engine would choose anew at every start: what it has chosen is asked for afterwards
    open_ports = [services.pop(s) for s in ("publish all", "published with --rm")]
    first = [published(c) for c in open_ports]
    proc = roll_all(agent, rolling, services)
    for c in open_ports:
        rolling.done(proc, c)
        shows(c, rolling.local.value)
    assert [published(c) for c in open_ports] == first
    assert open_ports[1].inspect()["HostConfig"]["AutoRemove"] and open_ports[0].inspect()["HostConfig"]["PublishAllPorts"]
    for shape in kept:
        assert services[shape].read("/data/f") == f"{shape}\n"
    shows(services["file"], rolling.local.value)
    assert services["file and variable"].read("/run/app/pw") == rolling.local.value == shown(services["file and variable"])
    assert services["labels and more"].inspect()["Config"]["Labels"]["dso.generation"] == "2"


def test_rolling_is_the_default(agent, rolling):
    c = rolling(labels={"some": "label"})
    before = c.id
    proc = agent()
    shows(c, rolling.local.change())
    rolling.done(proc, c)
    assert c.id != before


def test_what_cannot_be_rolled(dso, agent, docker, rolling):
    """Shared network namespaces: refused where rolling was asked for, restarted where the choice is DSO's."""
    hub, base = docker.run(*SLEEP), rolling()
    guest = docker.run(*SLEEP, options=("--network", f"container:{base.name}"))
    quiet = {"image": BUSYBOX, "command": DIGEST_ENV, "healthy": False}
    refused = {
        "uses the host's network": rolling("--network", "host", **quiet),
        "shares the network of another container": rolling("--network", f"container:{hub.name}", **quiet),
        f"'{guest.name}' has the network of '{base.name}'": base,
    }
    auto = {"dso.strategy": "auto"}
    restarted = [rolling("--network", "host", labels=auto, **quiet), rolling("--network", f"container:{hub.name}", labels=auto, **quiet)]
    started = {c.name: c.started_at for c in (*refused.values(), *restarted)}
    ids = {c.name: c.id for c in restarted}
    proc = agent()
    value = rolling.local.change()
    for reason, c in refused.items():
        line = rolling.failed(proc, c)
        assert reason in line and "restart" in line, line
    for c in restarted:
        proc.wait_line(rf"Restarted '{c.name}', healthy", 40)
        assert c.logs().split()[-2] == digest_of(value) and c.id == ids[c.name] and c.started_at != started[c.name]
    for c in refused.values():
        assert c.started_at == started[c.name] and c.running()
    assert rolling.leftovers() == []


def test_exclusive(agent, docker, rolling, canary, wait_until):
    """Never two at once; a new one that fails makes room for the old one."""
    c = rolling("-v", "/data", labels={"dso.exclusive": "true"})
    c.exec("sh", "-c", "echo kept > /data/f")
    before, good = c.inspect(), rolling.local.value
    proc = agent()
    rolling.local.change("bad" + canary(env=True))
    line = rolling.failed(proc, c)
    assert "last good secret" in line
    shows(c, good)
    assert c.id == before["Id"] and rolling.leftovers() == []
    since = docker("info", "-f", "{{.SystemTime}}").out.strip()
    shows(c, rolling.local.change(), 40)
    rolling.done(proc, c)
    assert c.read("/data/f") == "kept\n" and c.id != before["Id"] and differences(before, c.inspect()) == []
    until = docker("info", "-f", "{{.SystemTime}}").out.strip()
    events = docker("events", "--since", since, "--until", until, "--filter", "type=container", "--filter", "event=start", "--filter",
                    "event=die", "--format", "{{.Action}} {{.Actor.Attributes.name}}").out.splitlines()
    assert [e for e in events if c.name in e] == [f"die {c.name}", f"start {c.name}_dso_new"]
