"""The binary under test, in the folders of one test."""
import os
import socket
from pathlib import Path

from . import places
from .wait import wait_until


class Dso:
    """`dso("fetch", "x", check=False)` runs it; `dso.start("agent")` lets it run beside the test."""

    def __init__(self, world):
        self.world, self.bin = world, places.DSO_BIN
        self.run_dir, self.state_dir, self.store_dir = world.run_dir, world.state, world.store

    def __call__(self, *args, **kw):
        """Keywords: input, env, cwd, timeout, check (default True: exit code 0 or the test fails)."""
        return self.world.run([self.bin, *args], **kw)

    def start(self, *args, under=(), **kw):
        """Keywords: env, cwd, input; `under`: a program that becomes it. Returns the process; at the end of the test it has to end cleanly
        on SIGTERM."""
        return self.world.start([*under, self.bin, *args], name="dso-" + "-".join(a for a in args[:1]), **kw)

    def config(self, text: str) -> Path:
        """Writes ./dso.yaml of the test's working folder, where every command finds it."""
        path = self.world.work / "dso.yaml"
        path.write_text(text)
        return path

    def set(self, reference, value, env=None):
        """`dso secret set NAME[#FIELD]` with the value on stdin, as people are told to do it."""
        return self("secret", "set", reference, input=value, env=env)

    def scopes(self):
        """Names of the scopes on tmpfs now."""
        d = self.run_dir / "secrets"
        return sorted(p.name for p in d.iterdir() if p.is_dir() and not p.name.startswith(".")) if d.is_dir() else []


class Notify:
    """A socket as systemd gives one to a service, to know when the agent says that it is ready."""

    def __init__(self, path: Path):
        self.path, self.states = path, []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.sock.bind(str(path))

    def ready(self):
        try:
            while True:
                self.states += self.sock.recv(4096).decode().splitlines()
        except BlockingIOError:
            pass
        return "READY=1" in self.states

    def close(self):
        self.sock.close()


class Agents:
    """`agent()` starts `dso agent` and returns once it is ready. Stopping, and that it ends cleanly, is seen to at the end."""

    def __init__(self, dso):
        self.dso, self.count = dso, 0

    def __call__(self, *args, env=None, deadline=30.0, wait=True, under=()):
        self.count += 1
        # a short path: a socket's may have 107 bytes only
        notify = Notify(Path(f"/run/dso-notify-{self.dso.world.id}-{self.count}"))
        try:
            proc = self.dso.start("agent", *args, under=under, env={"NOTIFY_SOCKET": notify.path, **(env or {})})
            if wait:
                wait_until(lambda: notify.ready() or not proc.running(), deadline, "the agent says READY=1")
                assert proc.running() and notify.ready(), f"the agent ended with {proc.proc.returncode} before it was ready:\n{proc.text()}"
            return proc
        finally:
            notify.close()
            os.unlink(notify.path)
