"""One test's world: its folders, processes, containers and canary values, and taking all of it down in the one right order.
The fixtures in conftest.py are thin views of it."""
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from . import canary, places
from .docker import Docker
from .process import Background, run


class World:
    """Folders of this test alone, nothing of the host's own DSO is seen or touched."""

    def __init__(self, tmp: Path):
        self.id, self.tmp = secrets.token_hex(4), tmp
        self.run_dir = Path(f"/run/dso-test-{self.id}")
        self.home, self.work, self.state, self.store = tmp / "home", tmp / "work", tmp / "state", tmp / "store"
        self.logs, self.docker_config = tmp / "logs", tmp / "home" / ".docker"
        for d in (self.home, self.work, self.logs, tmp / "tmp", self.docker_config / "cli-plugins"):
            d.mkdir(parents=True, exist_ok=True)
        self._plugin("docker-dso", places.DSO_BIN)
        self._plugin("docker-compose", places.PEER_STATE / "bin" / "docker-compose")
        self.processes: list[Background] = []
        self.docker = Docker(self)
        self.canaries = canary.Canaries(self)

    def _plugin(self, name, target):
        (self.docker_config / "cli-plugins" / name).symlink_to(target)

    def env(self, extra=None):
        """The environment of every program: only what is named here reaches it. A value of None removes a variable."""
        base = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "dumb",
            "HOME": self.home, "TMPDIR": self.tmp / "tmp", "DOCKER_CONFIG": self.docker_config, "DSO_RUN_DIR": self.run_dir,
            "DSO_STATE_DIR": self.state, "DSO_STORE": self.store, "DSO_PROVIDER_DIR": places.PROVIDERS,
            "DSO_PROVIDER_KEYS": self.home / "no-provider-keys",
            "DSO_PLUGIN_SOCKET": self.run_dir / "plugin.sock",
            "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        }
        if "DOCKER_HOST" in os.environ:
            base["DOCKER_HOST"] = os.environ["DOCKER_HOST"]
        merged = {**base, **(extra or {})}
        return {k: str(v) for k, v in merged.items() if v is not None}

    def run(self, argv, *, env=None, cwd=None, **kw):
        return run(argv, env=self.env(env), cwd=cwd or self.work, **kw)

    def start(self, argv, *, env=None, cwd=None, input=None, name="process"):
        log = self.logs / f"{len(self.processes):02}-{name}.log"
        proc = Background(argv, env=self.env(env), cwd=cwd or self.work, log=log, input=input)
        self.processes.append(proc)
        return proc

    def close(self):
        """Order matters: what the engine and /proc show is read while all runs, disks are read after everything stopped."""
        problems = []

        def step(what):
            try:
                what()
            except AssertionError as e:
                problems.append(str(e))

        seen = canary.Findings()
        step(lambda: self.canaries.look_at_running(seen))
        for proc in reversed(self.processes):
            # one that a test killed or that ended by itself has been judged there
            if proc.running():
                step(proc.stop)
        step(lambda: self.canaries.look_at_rest(seen))
        if seen:
            problems.append(f"a secret value was found where it may not be:\n{seen}")
        for proc in self.processes:
            proc.close()
        self.docker.remove_all()
        for folder in Path("/run").glob(f"{self.run_dir.name}*"):  # further agents' of a test: with a suffix
            unmount_below(folder)
            shutil.rmtree(folder, ignore_errors=True)
        for d in (self.tmp / "tmp", self.store, self.state):
            shutil.rmtree(d, ignore_errors=True)
        assert not problems, "\n".join(problems)


def unmount_below(path: Path):
    """Every mount at or below `path`, the innermost first: they are the test's own, by its unique name."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for m in sorted((m for m in mounts if m == str(path) or m.startswith(f"{path}/")), reverse=True):
        subprocess.run(["umount", "-l", m], check=False)
