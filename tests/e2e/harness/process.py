"""Running programs: one call with captured output, or a background process whose log a test can wait on."""
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SANITIZER = re.compile(r"ERROR: (Address|Leak|Thread)Sanitizer|runtime error: |SUMMARY: \w+Sanitizer")


@dataclass
class Result:
    """What a program answered. `err` is stderr."""
    argv: list
    rc: int
    out: str
    err: str
    seconds: float

    def __repr__(self):
        return f"{self.argv} -> {self.rc}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def run(argv, *, input=None, env=None, cwd=None, timeout=60, check=True):
    """`input` is text or bytes. With `check`, anything but exit code 0 fails the test with the whole output."""
    data = input.encode() if isinstance(input, str) else input
    start = time.monotonic()
    done = subprocess.run([str(a) for a in argv], input=data, stdin=subprocess.DEVNULL if data is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=cwd, timeout=timeout, check=False)
    result = Result([str(a) for a in argv], done.returncode, done.stdout.decode(errors="replace"),
                    done.stderr.decode(errors="replace"), time.monotonic() - start)
    assert not SANITIZER.search(result.err), f"sanitizer report from {result}"
    if check:
        assert result.rc == 0, repr(result)
    return result


class Background:
    """A process that runs beside the test; stdout and stderr go to one log file, in a session of its own."""

    def __init__(self, argv, *, env, cwd, log: Path, input=None):
        self.argv, self.log_path = [str(a) for a in argv], log
        self._log = open(log, "wb")
        self.proc = subprocess.Popen(self.argv, stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL, stdout=self._log,
                                     stderr=self._log, env=env, cwd=cwd, start_new_session=True)
        if input is not None:
            self.proc.stdin.write(input.encode() if isinstance(input, str) else input)
            self.proc.stdin.close()

    @property
    def pid(self):
        return self.proc.pid

    def running(self):
        return self.proc.poll() is None

    def text(self):
        return self.log_path.read_text(errors="replace")

    def lines(self, pattern=None):
        return [line for line in self.text().splitlines() if pattern is None or re.search(pattern, line)]

    def mark(self):
        """A position in the log, to wait for lines after it."""
        return self.log_path.stat().st_size

    def wait_line(self, pattern, deadline=20.0, after=0):
        """The match of `pattern` (multi-line) in the log behind `after`; fails with the whole log when it does not come."""
        end, rx = time.monotonic() + deadline, re.compile(pattern, re.M)
        while True:
            ended = not self.running()
            match = rx.search(self.log_path.read_bytes()[after:].decode(errors="replace"))
            if match:
                return match
            if ended or time.monotonic() >= end:
                why = f"ended with {self.proc.returncode}" if ended else f"not within {deadline} s"
                raise AssertionError(f"{why}: no line {pattern!r} from {self.argv}; its log:\n{self.text()}")
            time.sleep(0.02)

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def kill(self):
        """kill -9, as a crash; the rest of its session too only at the end (close)."""
        self.signal(signal.SIGKILL)
        self.proc.wait(10)

    def stop(self, deadline=15.0, expect=0):
        """SIGTERM, then a clean exit in time and no sanitizer report, or the test fails. Stopping twice is fine."""
        was_running = self.running()
        self.signal(signal.SIGTERM)
        try:
            self.proc.wait(deadline)
        except subprocess.TimeoutExpired:
            self.close()
            raise AssertionError(f"{self.argv} did not end within {deadline} s of SIGTERM; its log:\n{self.text()}") from None
        self._log.close()
        if was_running and expect is not None:
            assert self.proc.returncode == expect, f"{self.argv} ended with {self.proc.returncode}, not {expect}; its log:\n{self.text()}"
        assert not SANITIZER.search(self.text()), f"sanitizer report in the log of {self.argv}:\n{self.text()}"
        return self.proc.returncode

    def close(self):
        """Ends whatever is left, without judging it."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.proc.wait(10)
        if not self._log.closed:
            self._log.close()
