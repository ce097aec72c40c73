"""Test programs spread over lanes: each lane has an engine, peers and a network of its own (tests/peers/lane.sh), takes the next
program when it is done with one, the longest first. So none waits for another and none sees another's containers."""
import fcntl
import functools
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Item:
    """One program to run. `seconds`: how long it took when it was last seen, or a guess."""
    name: str
    argv: list
    seconds: float
    env: dict = field(default_factory=dict)
    limit: float = 1200
    first: bool = False  # before all others: soon done, and soon told


class Lane:
    """A running lane; `run` blocks until the program has ended."""

    def __init__(self, name, logs):
        self.name, self.log = name, logs / f"lane-{name}.log"
        self.proc = None

    def start(self):
        with open(self.log, "ab") as err:
            # a run that is killed takes its lanes with it
            self.proc = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", ROOT / "tests" / "peers" / "lane.sh", self.name,
                                          sys.executable, "-B", ROOT / "tests" / "lane_worker.py"],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, cwd=ROOT)
        if not self._answer():
            self.stop()
            raise RuntimeError(f"lane {self.name} did not start: {self.log}\n" + "\n".join(self.log.read_text(errors="replace").splitlines()[-20:]))

    def _answer(self):
        line = self.proc.stdout.readline()
        return json.loads(line) if line else None

    def run(self, item, log):
        """The exit code; None: it did not end in time, and the lane is to be replaced."""
        if self.proc is None:
            self.start()
        order = {"argv": [str(a) for a in item.argv], "env": item.env, "log": str(log), "limit": item.limit}
        try:
            self.proc.stdin.write(json.dumps(order).encode() + b"\n")
            self.proc.stdin.flush()
            answer = self._answer()
        except BrokenPipeError:
            answer = None
        if answer is None or answer["rc"] is None:
            self.stop()
        return answer["rc"] if answer else None

    def stop(self):
        if self.proc is None:
            return
        self.proc.stdin.close()
        try:
            self.proc.wait(30)
        except subprocess.TimeoutExpired:
            self.proc.kill()  # the kernel ends what runs inside: unshare --kill-child
            self.proc.wait()
        self.proc.stdout.close()
        self.proc = None


@functools.cache
def free_set():
    """The prefix of lanes that no other run on this machine uses: a run beside it would wait for each of its lanes. Held until this
    process ends."""
    locks = Path(os.environ.get("DSO_PEERS") or Path.home() / ".cache" / "dso-peers") / "run"
    locks.mkdir(parents=True, exist_ok=True)
    for prefix in ("", *"bcdefgh"):
        held = os.open(locks / f"lanes-{prefix or 'a'}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return prefix
        except BlockingIOError:
            os.close(held)
    raise RuntimeError(f"eight runs use lanes already: {locks}")


def run_all(items, count, logs, done):
    """Runs all items in `count` lanes. `done(item, rc, seconds, lane)` is called for each, by one thread at a time; an exception of a lane that
    does not start is handed on after the others have ended."""
    prefix = free_set()
    queue, lock, problems = sorted(items, key=lambda i: (not i.first, -i.seconds)), threading.Lock(), []

    def next_item():
        with lock:
            return queue.pop(0) if queue else None

    def work(index):
        lane = Lane(f"{prefix}{index}", logs)
        try:
            while item := next_item():
                began = time.monotonic()
                rc = lane.run(item, logs / f"{item.name}.log")
                with lock:
                    done(item, rc, time.monotonic() - began, lane.name)
        except Exception as e:  # pylint: disable=broad-except  # of a thread: told by who called
            problems.append(e)
        finally:
            lane.stop()

    threads = [threading.Thread(target=work, args=(n,), name=f"lane-{n}") for n in range(1, min(count, len(items)) + 1)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if problems:
        raise problems[0]
    assert not queue
