"""The crash sweep's scene: a service that is brought from value to value, an agent that dies at a numbered place each time, and
what must be true afterwards."""
import json
import signal
import socket
import time

from . import engine_api
from .docker import host_address
from .dso import Agents, Dso
from .observers import Client, Opens, resolve
from .rolling import free_port
from .scenario import run
from .wait import wait_until
from .world import World

CONFIG = ("agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 0s, max: 1s}}\n"
          "  rotation: {health_check_timeout: 15s, drain_timeout: 200ms, monitor: 10m}\n")  # its end would be a change of its own
# A probe costs the engine a tenth of a second of processor; and one that a full machine delays says nothing of the service.
HEALTH = ("--health-interval", "500ms", "--health-timeout", "10s", "--health-retries", "3")


class Lane:
    """One service with agents of its own; several lanes at once."""

    def __init__(self, tmp, flow):
        tmp.mkdir()
        self.flow, self.world = flow, World(tmp)
        self.dso, self.docker = Dso(self.world), self.world.docker
        self.agent = Agents(self.dso)
        self.dso("init")
        self.dso.config(CONFIG)
        self.canary, self.count, self.clients, self.trace = self.world.canaries(env=True), 0, [], self.world.tmp / "trace"
        self.secret = f"e2e/sweep-{self.world.id}"
        self.old = self.value = self._set()
        self.net = f"dso-test-{self.world.id}-n"
        self.docker("network", "create", self.net)
        self.docker.networks.append(self.net)
        self.bridge = "br-" + self.docker("network", "inspect", "-f", "{{.Id}}", self.net).out[:12]
        by_file = flow in ("restart", "signal")
        options = ["--network", self.net, "--network-alias", "api", *HEALTH, "-e", "DELAYMS=3",
                   "-e", "SHOW_FILE=/run/secrets/password" if by_file else "SHOW=PASSWORD"]
        if flow == "relay":
            self.port = free_port()
            options += ["-p", f"{self.port}:8000"]
        labels = {"dso.strategy": flow if by_file else "rolling", **({"dso.exclusive": "true"} if flow == "exclusive" else {})}
        self.c = run(self.dso, self.docker, secret=f"{self.secret}#password" + ("" if by_file else ":PASSWORD"), labels=labels, options=options)
        self.second = None
        if flow in ("swap", "relay"):  # one that the engine's create call cannot name
            self.second = self.net + "2"
            self.docker("network", "create", self.second)
            self.docker.networks.append(self.second)
            self.docker("network", "connect", "--alias", "api2", self.second, self.c.name)
        self.c.wait_healthy()
        self._start_clients()

    def _start_clients(self):
        if self.flow == "relay":
            for address in ("127.0.0.1", host_address()):
                self.clients.append(Client(f"{address}:{self.port}", lambda a=address: (a, self.port)))
        if self.flow == "swap":
            inside = self.docker.run("sleep", "3600", options=("--network", self.net))
            self.clients.append(Client("api, by name", lambda: (resolve("api"), 8000), netns=inside.pid))

    def _set(self):
        self.count += 1
        self.old, self.value = getattr(self, "value", None), f"{self.canary}.{self.count}"
        self.dso.set(f"{self.secret}#password", self.value)
        return self.value

    def containers(self):
        return engine_api.names(name=[f"^/?{self.c.name}"])

    def rests(self):
        """The service alone, with the newest value."""
        if self.containers() != [self.c.name]:
            return False
        try:
            i = self.c.inspect()
            address = i["NetworkSettings"]["Networks"][self.net]["IPAddress"]
            with socket.create_connection((address, 8000), timeout=2) as s:
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = b"".join(iter(lambda: s.recv(4096), b"")).decode()
        except (OSError, AssertionError):
            return False
        return i["State"].get("Health", {}).get("Status") == "healthy" and f"\n{self.value} " in answer and not self.notes()

    def notes(self):
        return [p.name for p in self.world.state.glob("redirect*/*") if p.suffix == ".json"]

    def crash(self, n, again=0):
        """The secret changes, the agent dies at point n (`again`: the one that recovers dies too). The point's name; None: it got
        to its end before."""
        self.began = time.time()
        self._set()
        name = self._agent_until_crash(n)
        if name and again:
            self._agent_until_crash(again)
        return name

    def _agent_until_crash(self, n):
        self.trace.unlink(missing_ok=True)
        proc = self.agent(env={"DSO_CRASH_AT": n, "DSO_CRASH_TRACE": self.trace}, wait=False)
        wait_until(lambda: not proc.running() or self.rests(), 40, f"the agent dies at {n} or is done")
        if proc.running():
            proc.signal(signal.SIGTERM)
        proc.proc.wait(40)
        # SIGTERM: all was well already when it was about to begin
        assert proc.proc.returncode in (0, -signal.SIGKILL, -signal.SIGTERM), f"{proc.proc.returncode}: {proc.text()}"
        last = self.trace.read_text().splitlines()[-1:] if self.trace.exists() else []
        return last[0] if proc.proc.returncode == -signal.SIGKILL else None

    def recover(self):
        proc = self.agent()
        try:
            wait_until(lambda: self.rests() and self._tidy(), 40, "the service alone, healthy, with the newest value")
        except AssertionError as e:
            if self.rests():
                self._check_scopes(self.c.inspect()["Config"]["Labels"]["dso.scope"])  # says what is not tidy
            raise AssertionError(f"{e}\n{self.containers()}\n{proc.text()}") from None
        proc.stop()
        return proc

    def _tidy(self):
        try:
            self._check_scopes(self.c.inspect()["Config"]["Labels"]["dso.scope"])
            return True
        except (AssertionError, OSError):
            return False

    def check(self):
        """What must be true of everything we can see, after the agent that recovered has ended."""
        i = self.c.inspect()
        labels = i["Config"]["Labels"]
        assert i["State"]["Running"] and i["State"]["Health"]["Status"] == "healthy"
        assert self.containers() == [self.c.name]
        if self.flow in ("swap", "relay", "exclusive"):
            assert "api" in i["NetworkSettings"]["Networks"][self.net]["Aliases"]
        if self.second:
            assert "api2" in i["NetworkSettings"]["Networks"].get(self.second, {}).get("Aliases", []), "a network is missing"
        # no rule of any rotation that has been under way meanwhile
        ids = {e["Actor"]["Attributes"].get("dso.rotation.id") for e in self.events(self.began)} - {None}
        tables = self.world.run(["nft", "list", "tables"], check=False).out
        assert not [t for t in tables.split("\n") if any(rotation in t for rotation in ids)]
        assert self.notes() == []
        with open(f"/proc/sys/net/ipv4/conf/{self.bridge}/route_localnet") as f:
            assert f.read().strip() == "0"
        self._check_scopes(labels["dso.scope"])

    def _check_scopes(self, scope):
        root = self.world.run_dir / "secrets"
        state = json.loads((root / scope / "state.json").read_text())
        previous = state["previous_scope"]
        assert not state["restarting"], "whether a restart went well is not known yet"
        if self.flow == "signal":
            told = state["applied"].get(self.c.id, {})
            assert all(d["given"] in told.values() for d in state["delivered"]), "it is not recorded that the container was told"
        there = {p.name for p in root.iterdir()} - {".digest-key"}
        # the first scope was delivered for a container that may come again: it is given a minute
        allowed = {scope, previous, scope.rsplit(".", 1)[0]} - {None, ""}
        assert there <= allowed, f"{there} while {scope} is in use, before it {previous}"
        known = {p.name for p in (self.world.state / "scopes").iterdir()}
        assert known <= {f"{s}.json" for s in allowed}, f"{known} remembered, {allowed} there"
        for folder in (p for p in (root / scope).iterdir() if p.is_dir()):
            names = {p.name for p in folder.iterdir()}
            assert "..data" in names and not [n for n in names if n.endswith(".new")], names
            files = [p for p in folder.iterdir() if not p.name.startswith("..")]
            assert files and all(self.value in p.read_text() for p in files), f"{folder} is not whole"
        # folders hold values; a text of names that was cut off beside state.json is taken away by the next that is written
        assert not [p.name for p in (root / scope).iterdir() if p.name.startswith(".new-") and p.is_dir()]
        left = [str(p) for p in self.world.state.rglob("*") if ".tmp-" in p.name]
        assert not left, left

    def check_traffic(self, what):
        for client in self.clients:
            answers = client.take()
            assert answers, f"{client.name} asked nothing"
            bad = [(round(at - self.began, 3), round(took, 3), a.replace(self.canary, "")) for at, took, a in answers if a not in (self.old, self.value)]
            since = min([self.began, *(self.began + at for at, _, _ in bad)]) - 5  # a request may be of the round before
            assert not bad, (f"{what}: {len(bad)} of {len(answers)} requests by {client.name} had no proper answer: {bad[:4]}; meanwhile: "
                             + ", ".join(f"{e['timeNano'] / 1e9 - self.began:.3f} {e['Action']} {e['Actor']['Attributes']['name']}"
                                         for e in self.events(since)))

    def events(self, since):
        """What the engine tells of the service's containers; probing a container is nothing that happens to it."""
        lines = self.docker("events", "--since", f"{since:.6f}", "--until", f"{time.time():.6f}", "--filter", "type=container",
                            "--format", "{{json .}}").out.splitlines()
        mine = (e for e in map(json.loads, lines) if e["Actor"]["Attributes"].get("name", "").startswith(self.c.name))
        return [e for e in mine if not e["Action"].startswith(("exec_", "health_status"))]

    def check_second_start(self):
        """An agent that starts where all is well changes nothing: it passes no place where anything is changed."""
        self.trace.unlink(missing_ok=True)
        before, since = self.snapshot(), time.time()
        opens = Opens(self.world.store)
        try:
            proc = self.agent(env={"DSO_CRASH_TRACE": self.trace})
            opens.wait(10)  # the poll at its start …
            self.world.run(["curl", "-sS", "--unix-socket", self.world.run_dir / "dso.sock", "-X", "POST", "http://d/v1/poll"])
            opens.wait(10)  # … and the next one: what the first found out is on its way
            proc.stop()
        finally:
            opens.close()
        changed = self.trace.read_text() if self.trace.exists() else ""
        assert not changed, f"the second start changed something:\n{changed}\n{proc.text()}"
        assert self.snapshot() == before
        assert not (moved := self.events(since)), moved

    def snapshot(self):
        i = self.c.inspect()
        files = {str(p): p.read_bytes() for top in (self.world.state, self.world.run_dir / "secrets") for p in top.rglob("*")
                 if p.is_file() and not p.is_symlink()}
        return i["Id"], i["State"]["StartedAt"], i["State"]["Pid"], files

    def close(self):
        for client in self.clients:
            client.stop()
        self.world.close()
