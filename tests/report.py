"""What the programs of a run said: counted, remembered for the next run, and told at its end."""
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from junit import counts
from times import Durations

ROOT = Path(__file__).resolve().parent.parent


def say(text):
    print(text, file=sys.stderr, flush=True)


class Passed:
    """Which programs passed on this commit with this seed: --resume leaves them out."""

    def __init__(self, file, resume):
        self.file, self.names = file, set()
        shown = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--abbrev=40", "--dirty"], stdout=subprocess.PIPE, check=False)
        self.run = [shown.stdout.decode().strip(), os.environ.get("DSO_TEST_SEED", ""), os.environ.get("DSO_TEST_FULL", "")]
        if resume:
            try:
                old = json.loads(file.read_text())
                self.names = set(old["passed"]) if old["run"] == self.run else set()
            except (OSError, ValueError, KeyError):
                pass

    def add(self, name):
        """Written at once: a run that is cut off is gone on with."""
        self.names.add(name)
        self.file.write_text(json.dumps({"run": self.run, "passed": sorted(self.names)}, indent=0) + "\n")


class Report:
    """Of one run. Called by one thread at a time."""

    def __init__(self, logs, pattern, resume):
        self.logs, self.pattern = logs, pattern
        self.totals, self.names, self.stages = [0, 0, 0], [], []
        self.parts = set()  # unit programs that were told to run some of their cases
        self.durations, self.passed = Durations(logs / "durations.json"), Passed(logs / "passed.json", resume)

    def program(self, name, rc, took, where=""):
        """A program that ended with `rc` (None: not in time). One that gives no report is one failure, with the end of its output."""
        xml, text = self.logs / f"{name}.xml", (self.logs / f"{name}.log").read_text(errors="replace")
        if self.pattern and ("no test cases matching" in text or rc == 5):
            return
        try:
            passed, failed, skipped, names = counts(xml, name in self.parts)
            self.durations.add(xml, name.split(".")[0] if name.startswith("unit_") else "")
        except (OSError, ET.ParseError) as e:
            passed, failed, skipped, names = 0, 1, 0, [f"failed: {name} gave no report that can be read: {e}"]
        self.durations.programs[name] = took
        if rc != 0 and failed == 0:
            failed, names = 1, [f"failed: {name} " + (f"ended with {rc}" if rc is not None else "did not end in time")]
        say(f"    {name}: {passed} passed, {failed} failed, {skipped} skipped in {took:.1f} s{where}")
        if failed:
            say("".join(f"      | {line}\n" for line in text.splitlines()[-60:]))
        elif skipped == 0:
            self.passed.add(name)
        self.add(passed, failed, skipped, names)

    def add(self, passed, failed, skipped=0, names=()):
        for i, n in enumerate((passed, failed, skipped)):
            self.totals[i] += n
        self.names += names

    def failed(self, what):
        self.add(0, 1, 0, [f"failed: {what}"])

    def end(self, before, seconds):
        """The last lines of the run, and its exit code. `before`: stages that scripts/test has timed, name=seconds,…"""
        for name in self.names:
            print(name, flush=True)
        passed, failed, skipped = self.totals
        if self.pattern and sum(self.totals) == 0:
            print(f"no test has {self.pattern!r} in its name")
            failed = 1
        self.durations.write()
        earlier = [(n, float(s)) for n, _, s in (part.partition("=") for part in before.split(",") if part)]
        say("the ten slowest tests:\n" + "".join(f"  {s:6.1f} s  {name}\n" for name, s in self.durations.slowest()))
        say("stages: " + ", ".join(f"{name} {s:.0f} s" for name, s in [*earlier, *self.stages]))
        say(f"all in {sum(s for _, s in earlier) + seconds:.0f} s; logs and durations.json in {self.logs}")
        print(f"{passed} passed, {failed} failed, {skipped} skipped")
        return 1 if failed or (skipped and os.environ.get("CI") == "true") or passed == 0 else 0
