"""How long each test took: kept from run to run, so that the lanes end together, and shown."""
import json
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "durations.json"  # of a machine with two processors: for one that has none of its own yet
UNKNOWN = 3.0  # seconds of a test that nobody has seen yet
TOLD = 1.0  # shorter ones are not recorded: they count as SHORT
SHORT = 0.4


def of_junit(path):
    """{test: seconds} of a JUnit file; a test is named as pytest does it, "e2e/test_run.py::test_x[y]", or "suite name"."""
    out = {}
    try:
        cases = list(ET.parse(path).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        return out
    for case in cases:
        where = case.get("classname", "")
        file = where.replace(".", "/") + ".py"
        name = f"{file}::{case.get('name')}" if (HERE / file).is_file() else f"{where} {case.get('name')}"
        out[name] = out.get(name, 0.0) + float(case.get("time") or 0)
    return out


class Durations:
    """What earlier runs saw: this clone's last run, before what is recorded in the tree."""

    def __init__(self, file):
        self.file, self.seen, self.programs, self.known = file, {}, {}, {}
        for source in (RECORDED, file):
            try:
                self.known.update(json.loads(source.read_text()))
            except (OSError, ValueError):
                pass

    def of(self, test):
        """A case that nobody has seen, as those of a sweep that differ from commit to commit, takes as long as others of its test."""
        if test in self.known:
            return self.known[test]
        like = [s for name, s in self.known.items() if "[" in test and name.split("[")[0] == test.split("[")[0]]
        if like:
            return sum(like) / len(like)
        return SHORT if any(name.startswith(test.split("::")[0]) for name in self.known) else UNKNOWN

    def suites(self, program):
        """{suite: seconds} of a unit program's top suites."""
        return {name.split("/", 1)[1]: seconds for name, seconds in self.known.items() if name.startswith(program + "/")}

    def add(self, junit, program=""):
        """`program`: a unit program, whose suites are remembered too."""
        tests = of_junit(junit)
        self.seen.update(tests)
        suites = {}
        for test, seconds in tests.items() if program else ():
            suite = f"{program}/{test.split(' ')[0].split('.')[0]}"
            suites[suite] = suites.get(suite, 0.0) + seconds
        self.programs.update(suites)

    def write(self):
        """All that is known, newest first in worth: a run of one test does not forget the others."""
        merged = {**self.known, **{k: round(v, 1) for k, v in {**self.seen, **self.programs}.items()}}
        self.file.write_text(json.dumps({k: v for k, v in sorted(merged.items()) if v >= TOLD}, indent=0) + "\n")

    def slowest(self, count=10):
        return sorted(self.seen.items(), key=lambda kv: -kv[1])[:count]


def group(seconds, limit):
    """Names, longest first, in groups of at most `limit` seconds (or of one name): [[name…]…]."""
    out = []
    for name, took in sorted(seconds.items(), key=lambda kv: -kv[1]):
        fits = next((g for g in out if g[0] + took <= limit), None)
        if fits:
            fits[0] += took
            fits[1].append(name)
        else:
            out.append([took, [name]])
    return [names for _, names in out]


def pieces(tests, of, limit, whole=lambda file: False):
    """Tests in their order, cut where a file ends or a piece would take longer than `limit` seconds: [(name, tests, seconds)]. `whole(file)`:
    it is not cut, since its tests share what takes long to start."""
    out = []
    for test in tests:
        file, seconds = test.split("::")[0], of(test)
        if out and out[-1][0] == file and (whole(file) or out[-1][2] + seconds <= limit):
            out[-1][1].append(test)
            out[-1][2] += seconds
        else:
            out.append([file, [test], seconds])
    count = {}
    for piece in out:
        count[piece[0]] = n = count.get(piece[0], 0) + 1
        stem = piece[0].removesuffix(".py").replace("/", "-")
        piece[0] = stem if n == 1 else f"{stem}.{n}"
    return [tuple(p) for p in out]
