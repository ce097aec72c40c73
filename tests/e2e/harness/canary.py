"""The canary: secret values that cannot occur by chance, and a search for them in every place where a value may not be.
It reports places and a shortened value, never one in full."""
import base64
import functools
import json
import os
import re
import secrets
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import engine_api, places

INTERVAL = 0.02
OURS = os.readlink("/proc/self/ns/pid")
FRESH_LOOKS = 8  # how often a new process is read at every look, for it may exec; later only now and then


@dataclass(eq=False)
class Value:
    """`env`: delivered by environment on purpose, so processes in containers may have it there. `printed`: the container's own
    program prints it, so the engine's log of that container may have it."""
    text: str
    env: bool = False
    printed: bool = False
    forms: list = field(default_factory=list)

    def __post_init__(self):
        raw = self.text.encode()
        # as it is, in hex, and in base64 at each of the three alignments without the characters that depend on neighbours
        self.forms = [raw, raw.hex().encode()]
        for skip in range(3):
            code = base64.b64encode(b"\0" * skip + raw)
            self.forms.append(code[(skip * 8 + 5) // 6:(skip * 8 + len(raw) * 8) // 6])

    def inside(self, data: bytes):
        return any(f in data for f in self.forms)


@functools.cache
def _engine_root():
    return engine_api.get("/info")["DockerRootDir"]


class Findings(dict):
    """place -> shortened values."""

    def add(self, place, value):
        self.setdefault(place, set()).add(value.text[:15] + "…")

    def __str__(self):
        return "\n".join(f"  {place}: {', '.join(sorted(v))}" for place, v in sorted(self.items()))


class Canaries:
    """Makes the values of one test and looks for them. Calling it makes a value."""

    def __init__(self, world):
        self.world, self.values, self.extra_paths = world, [], []
        self.texts = []  # (place, function that gives a text): what a test has besides, read while all runs
        self._watcher, self.since = None, time.time()

    def __call__(self, *, env=False, printed=False):
        value = Value("dso-canary-" + secrets.token_hex(24), env, printed)
        self.values.append(value)
        if self._watcher is None:
            self._watcher = ProcessWatcher(self.values)
        return value.text

    def forget(self):
        """Nothing is checked any more: for the tests of this check itself."""
        self.values.clear()

    def look_at_running(self, found: Findings):
        """What the engine and /proc tell while everything still runs."""
        if not self.values:
            return
        watcher = self._watcher
        watcher.look(everything=True)
        watcher.stop()
        for place, value in watcher.found:
            found.add(place, value)
        for place, text in (*self._engine_texts(), *((place, text()) for place, text in self.texts)):
            self._search(found, place, text.encode())

    def look_at_rest(self, found: Findings):
        """What lies on disk and in logs, after all processes of the test ended and before its containers are removed."""
        if not self.values:
            return
        self._search_journal(found)
        data_root = Path(_engine_root())
        for root in (data_root, Path("/run/docker"), Path("/run/containerd"), Path("/var/lib/containerd"), self.world.tmp, *self.extra_paths):
            self._search_files(found, root)
        self._search_files(found, self.world.run_dir, "secrets")

    def _engine_texts(self):
        d = self.world.docker
        # not other drivers: one whose agent is gone takes 15 s to be listed
        volumes = engine_api.get(f"/volumes?filters={engine_api.filters(driver=['local'])}")["Volumes"] or []
        for kind, ids in (("container", [c["Id"] for c in engine_api.containers()]), ("image", [i["Id"] for i in engine_api.get("/images/json")]),
                          ("volume", [*(v["Name"] for v in volumes), *d.volumes])):
            for i in dict.fromkeys(ids):
                yield f"docker {kind} inspect {i}", json.dumps(engine_api.get(f"/{kind}s/{engine_api.quote(i, safe='')}{'' if kind == 'volume' else '/json'}"))
        yield "docker events", d("events", "--since", f"{self.since:.6f}", "--until", f"{time.time():.6f}",
                                 "--format", "{{json .}}", check=False).out

    def _search(self, found, place, data, allowed=lambda value: False):
        for value in self.values:
            if value.inside(data) and not allowed(value):
                found.add(place, value)

    def _search_files(self, found, root, *leave_out):
        """Every file that was written since the values exist: what is older, images for the most part, cannot hold one."""
        if not root.exists():
            return
        pruned = [word for name in leave_out for word in ("-type", "d", "-name", name, "-prune", "-o")]
        names = subprocess.run(["find", str(root), *pruned, "-type", "f", "-newerct", f"@{self.since - 2:.0f}", "-print0"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, check=False).stdout.split(b"\0")[:-1]
        for at in range(0, len(names), 500):
            self._search_named(found, names[at:at + 500])

    def _search_named(self, found, names):
        # patterns on stdin: neither an argument nor a file may hold a value, that is what this looks for
        patterns = b"\n".join(f for v in self.values for f in v.forms)
        done = subprocess.run(["grep", "-laF", "-f", "-", "--", *names], input=patterns, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        for name in done.stdout.decode(errors="replace").splitlines():
            container_log = re.search(r"/containers/[0-9a-f]{64}/(.*-json\.log|local-logs/)", name)
            try:
                data = Path(name).read_bytes()
            except OSError:
                continue
            self._search(found, name, data, lambda v, log=container_log: v.printed and log)
            if not any(v.inside(data) for v in self.values):
                found[name] = {"(changed while it was read)"}

    def _search_journal(self, found):
        if Path("/run/systemd/system").is_dir():
            done = subprocess.run(["journalctl", "-q", "-o", "cat", "--since", f"@{int(self.since)}"], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, check=False)
            self._search(found, "journal", done.stdout)


def _bytes_of(path):
    """Whole, and with nothing of what Python does for a file: hundreds a second are read."""
    fd = os.open(path, os.O_RDONLY)
    try:
        parts = []
        while part := os.read(fd, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(fd)


def _program(cmdline):
    return os.path.basename(cmdline.split(b"\0")[0]).decode(errors="replace")[:40]


class ProcessWatcher:
    """Reads the command line and environment of every process on the machine, new ones within 20 ms, until stopped."""

    def __init__(self, values):
        self.values, self.found, self._looks, self._round = values, set(), {}, 0
        self._in_container, self._lock, self._end = {}, threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="canary", daemon=True)
        self._thread.start()

    def _loop(self):
        while not self._end.wait(INTERVAL):
            self.look()

    def stop(self):
        self._end.set()
        self._thread.join()

    def look(self, everything=False):
        with self._lock:
            self._round += 1
            pids = [int(n) for n in os.listdir("/proc") if n.isdigit()]
            for pid in set(self._looks) - set(pids):
                del self._looks[pid]
            for pid in pids:
                looks = self._looks[pid] = self._looks.get(pid, 0) + 1
                if everything or looks <= FRESH_LOOKS or (looks + pid) % 50 == 0:
                    self._read(pid)

    def _read(self, pid):
        try:
            cmdline = _bytes_of(f"/proc/{pid}/cmdline")
            if not cmdline:
                return  # a kernel thread
            contained = self._is_container(pid)  # before: nobody can tell of a process that is gone
            environ = _bytes_of(f"/proc/{pid}/environ")
        except OSError:
            return
        for value in list(self.values):
            if value.inside(cmdline):
                self.found.add((f"/proc/*/cmdline of {_program(cmdline)}", value))
            if value.inside(environ) and not (value.env and contained):
                self.found.add((f"/proc/*/environ of {_program(cmdline)}", value))

    @staticmethod
    def _is_container(pid):
        """In a PID namespace other than ours: a container's process, or one that `docker exec` started there."""
        return os.readlink(f"/proc/{pid}/ns/pid") != OURS

