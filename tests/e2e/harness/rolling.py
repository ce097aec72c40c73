"""The scene of a rolling update: a secret in the local store, services with it, and what to compare before and after one."""
import hashlib
import json
import random
import re
import secrets
import socket

import pytest

from . import engine_api
from .scenario import WEB, run, shown
from .wait import wait_until

FAST = ("agent:\n  watch: {{polling_interval: 1s, debounce: {{quiet: {quiet}, max: 20s}}}}\n"
        "  rotation: {{health_check_timeout: {timeout}, drain_timeout: 1s, max_parallel: {parallel}}}\n")
# its output is the value's digest: a variable's value cannot be asked for from outside
DIGEST_ENV = ("sh", "-c", 'printf %s "$PASSWORD" | sha256sum; trap "exit 0" TERM; while :; do sleep 0.1; done')


def config(timeout="20s", parallel=4, quiet="100ms"):
    return FAST.format(timeout=timeout, parallel=parallel, quiet=quiet)


class Local:
    """A secret of the local store with a field `password`."""

    def __init__(self, dso, canary, unique):
        self.dso, self.canary, self.name = dso, canary, unique("db")
        self.env, self.file = f"{self.name}#password:PASSWORD", f"{self.name}#password"
        self.printed, self.value = False, None

    def change(self, value=None):
        self.value = value or self.canary(env=True, printed=self.printed)
        self.dso.set(self.file, self.value)
        return self.value


class Rolling:
    """`rolling("--rm", …)` starts the web image with the secret in PASSWORD and strategy rolling, and waits until it is healthy."""

    def __init__(self, dso, docker, local):
        self.dso, self.docker, self.local = dso, docker, local

    def __call__(self, *options, labels=None, secret=None, healthy=True, image=WEB, **kw):
        c = run(self.dso, self.docker, secret=secret or self.local.env, labels=labels or {"dso.strategy": "rolling"}, image=image,
                options=("-e", "SHOW=PASSWORD", *options), **kw)
        return c.wait_healthy() if healthy else c

    def network(self, *options):
        name = f"dso-test-{self.docker.world.id}-n{secrets.token_hex(2)}"
        self.docker("network", "create", *options, name)
        self.docker.networks.append(name)
        return name

    def candidate(self, c):
        return self.docker.container(f"{c.name}_dso_new")

    def wait_candidate(self, c, deadline=20.0):
        """The candidate of `c`, once it runs."""
        new = self.candidate(c)
        wait_until(new.running, deadline, f"{new.name} runs")
        return new

    def done(self, proc, c, after=0, deadline=40.0):
        return proc.wait_line(rf"^INFO: \[Reloader\] Rolled '{re.escape(c.name)}' to the new secret in \d+ ms, healthy$", deadline, after)

    def failed(self, proc, c, after=0, deadline=40.0):
        return proc.wait_line(rf"^ERROR: \[Reloader\] Rolling update failed for '{re.escape(c.name)}': .*$", deadline, after).group(0)

    def leftovers(self):
        """Containers of a rotation of this test and rules of its rotations, that should be gone."""
        names = engine_api.names(name=["_dso_"])
        made = [c for c in engine_api.containers(label=["dso.rotation.id"]) if any(self.docker.world.id in n for n in c["Names"])]
        mine = {f"dso_{c['Labels']['dso.rotation.id']}" for c in made}
        tables = {line.split()[-1] for line in self.docker.world.run(["nft", "list", "tables"], check=False).out.splitlines()}
        return [n for n in names if self.docker.world.id in n] + sorted(mine & tables)


@pytest.fixture
def local(dso, canary, unique):
    dso("init")
    dso.config(config())
    s = Local(dso, canary, unique)
    s.change()
    return s


@pytest.fixture
def rolling(dso, docker, local):
    return Rolling(dso, docker, local)


def shows(c, value, deadline=20.0):
    """As scenario.shows, and while a rotation goes on, where no container may have the name for a moment."""
    def matches():
        try:
            return shown(c) == value
        except (OSError, StopIteration, AssertionError):
            return False
    wait_until(matches, deadline, f"{c.name} shows the value that begins {value[:15]}")


def published(c):
    """What the engine has bound for it, by its port; of one port in no order of the engine's."""
    return {port: sorted((b["HostIp"], b["HostPort"]) for b in bound or []) for port, bound in c.inspect()["NetworkSettings"]["Ports"].items()}


def free_port(kind=socket.SOCK_STREAM):
    """Not one that the engine gives to stand-ins, or the kernel to clients."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket(type=kind) as s:
            try:
                s.bind(("0.0.0.0", port))
                return port
            except OSError:
                pass


def digest_of(value):
    return hashlib.sha256(value.encode()).hexdigest()


# Members of `docker inspect` that a rotation may change, with the reason.
MAY_DIFFER = {
    "Id": "another container", "ExecIDs": "a healthcheck that runs now", "Created": "now", "State": "another process", "GraphDriver": "its own layer",
    "ResolvConfPath": "named by the id", "HostnamePath": "named by the id", "HostsPath": "named by the id", "LogPath": "named by the id",
    "Config.Hostname": "the id's beginning, unless the user set it (looked at apart)",
    "HostConfig.ContainerIDFile": "written by the docker command, once",
    "HostConfig.Mounts": "how a mount was asked for: .Mounts, which must be equal, says what came of it",
    "HostConfig.Binds": "the same",
    "HostConfig.VolumesFrom": "an anonymous volume is lent by the container before",
    "NetworkSettings.SandboxID": "of the process", "NetworkSettings.SandboxKey": "of the process",
    "NetworkSettings.EndpointID": "of the process", "NetworkSettings.IPAddress": "nobody asked for it",
    "NetworkSettings.MacAddress": "made of the address",
    "NetworkSettings.Networks.*.EndpointID": "of the process", "NetworkSettings.Networks.*.MacAddress": "made of the address",
    "NetworkSettings.Networks.*.IPAddress": "nobody asked for it (looked at apart where somebody did)",
    "NetworkSettings.Networks.*.DNSNames": "with the id",
}
OURS = {"dso.scope", "dso.role", "dso.service", "dso.generation", "dso.rotation.id", "dso.rotation.mac", "dso.replaces", "dso.origin"}


def settled(inspect):
    """An inspect answer with what is ours taken out and lists in an order."""
    out = json.loads(json.dumps(inspect))
    out["Config"]["Labels"] = {k: v for k, v in (out["Config"]["Labels"] or {}).items() if k not in OURS}
    test = (out["Config"].get("Healthcheck") or {}).get("Test")
    if test and test[1:2] == ["/run/dso/init"]:  # put before it, so that it sees the variables
        test[:] = ["CMD-SHELL", test[4]] if test[2:4] == ["/bin/sh", "-c"] else ["CMD", *test[2:]]
    for m in out["Mounts"]:
        m["Source"] = re.sub(r"/secrets/[^/]+/", "/secrets/SCOPE/", m["Source"])
        m.pop("Mode", None)
    out["Mounts"].sort(key=lambda m: m["Destination"])
    for name, n in out["NetworkSettings"]["Networks"].items():
        # an engine before 25 shows the short id; a service's name answers as an alias while no container has it
        n["Aliases"] = sorted(a for a in n["Aliases"] or [] if a not in (out["Id"][:12], out["Name"][1:]))
        n.pop("DriverOpts", None)
        out["NetworkSettings"]["Networks"][name] = {**n, "IPAMConfig": n["IPAMConfig"] or {}}
    return out


def differences(before, after, path=""):
    """Paths that are not in MAY_DIFFER and differ between two inspect answers, as text."""
    if path in MAY_DIFFER:
        return []
    if not path:
        before, after = settled(before), settled(after)
    if before == after or (not before and not after and before is not False and after is not False):
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        out = []
        for key in sorted({*before, *after}):
            below = "*" if path == "NetworkSettings.Networks" else key
            out += differences(before.get(key), after.get(key), f"{path}.{below}" if path else below)
        return out
    return [f"{path}: {before!r} became {after!r}"]
