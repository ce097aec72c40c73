"""What there is to run: unit programs, and pytest's files cut into pieces. Starts nothing but pytest's own collection."""
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from lanes import Item
from times import group, pieces

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
UNIT_PIECE = 60  # seconds, of a unit program
PIECE = 40  # seconds that a piece of a test file may take: a lane that is done has not long to wait for the last one
UNIT_LIMIT, LIMIT = 600, 1800  # seconds
NEED_LANE = {"docker", "delivery", "agent", "provider", "provider_vault", "rotation"}  # folders of tests/unit that ask a real engine or Vault
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
              "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}


def python_with_pytest():
    if importlib.util.find_spec("pytest"):
        return sys.executable
    for python in ("/usr/bin/python3", "python3"):
        if subprocess.run([python, "-c", "import pytest"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return python
    sys.exit("error: pytest is not installed: scripts/deps --test")


def suites_of(source):
    """What Boost.Test selects to run one source file: its suites, and cases that are in none."""
    names, depth = [], 0
    for kind, end, arguments in re.findall(r"^BOOST_(?:AUTO|FIXTURE|DATA)_TEST_(SUITE|CASE)(?:_F)?(_END)?\(([^)]*)", source.read_text(), re.M):
        words = re.findall(r"\w+", arguments)
        if end:
            depth -= 1
        elif depth == 0:
            names.append(words[0])
        depth += kind == "SUITE" and not end
    return names


class Items:
    """`peers`: with a real Vault and engine; else what needs them is skipped by the programs themselves."""

    def __init__(self, report, pattern, peers):
        self.report, self.pattern, self.peers = report, pattern, peers
        self.build = Path(os.environ.get("DSO_BUILD_DIR", ROOT / "build" / "dev"))

    def _fresh(self, name):
        xml = self.report.logs / f"{name}.xml"
        xml.unlink(missing_ok=True)
        return xml

    @staticmethod
    def _programs(build):
        return {p.name: p for p in build.glob("unit_*") if p.is_file() and os.access(p, os.X_OK)}

    def unit_program(self, program, prefix="", select=(), part=""):
        name = prefix + program.name + part
        if self.pattern:
            select = [*select, f"--run_test=*{self.pattern}*:*/*{self.pattern}*"]
        if select:
            self.report.parts.add(name)
        argv = [program, *select, "--color_output=no", f"--logger=JUNIT,error,{self._fresh(name)}:HRF,error,stdout"]
        if program.name == "unit_provider_vault" and self.peers:
            argv = [TESTS / "peers" / "with-vault.sh", *argv]
        return Item(name, argv, self.report.durations.of(name), SANITIZERS, UNIT_LIMIT, first=True)

    def unit(self):
        programs = self._programs(self.build)
        expected = {f"unit_{f.parent.name}" for f in (TESTS / "unit").glob("*/*.cpp")}
        for name in sorted(expected - set(programs)):
            self.report.failed(f"{name} was not built in {self.build}")
        return [item for name in sorted(expected & set(programs)) for item in self._unit_pieces(programs[name])]

    def _unit_pieces(self, program):
        """A program whose suites took long, as several: a suite or some of them each, and at last all that no other has."""
        suites = self.report.durations.suites(program.name)
        if self.pattern or sum(suites.values()) <= UNIT_PIECE:
            return [self.unit_program(program)]
        groups = group(suites, UNIT_PIECE)[:-1]
        items = [self.unit_program(program, select=["--run_test=" + ":".join(names)], part=f".{n}") for n, names in enumerate(groups, 1)]
        return [*items, self.unit_program(program, select=[f"--run_test=!{name}" for names in groups for name in names], part=".rest")]

    def tsan(self):
        programs = self._programs(ROOT / "build" / "tsan")
        if not programs:
            self.report.failed("no unit program in build/tsan")
        return [self.unit_program(programs[name], "tsan-") for name in sorted(programs)]

    def unit_file(self, folder, name):
        suites = suites_of(TESTS / "unit" / folder / f"test_{name}.cpp")
        return self.unit_program(self.build / f"unit_{folder}", select=["--run_test=" + ":".join(suites)], part=f".{name}")

    def _collect(self, what, mark):
        """What pytest would run, in its order."""
        pattern = ["-k", self.pattern] if self.pattern else []
        argv = [python_with_pytest(), "-B", "-m", "pytest", "--collect-only", "-q", "-m", mark, *pattern, *map(str, what)]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, check=False)
        text = done.stdout.decode(errors="replace")
        if done.returncode not in (0, 5):  # 5: none
            raise SystemExit(f"pytest cannot collect the tests:\n{text}")
        return [line for line in text.splitlines() if "::" in line and not line.startswith(" ")]

    def pytest(self, what, mark="not alone"):
        """`what`: folders, files, or tests as FILE::TEST, all of one folder of tests/."""
        shares = {}

        def whole(file):
            if file not in shares:
                shares[file] = bool(re.search(r'scope="module"|^NODES = |^from bundles import', (TESTS / file).read_text(), re.M))
            return shares[file]

        items = []
        for name, ids, seconds in pieces(self._collect(what, mark), self.report.durations.of, PIECE, whole):
            argv = [python_with_pytest(), "-B", "-m", "pytest", "-v", "--junit-xml", self._fresh(name), *(f"tests/{i}" for i in ids)]
            items.append(Item(name, argv, seconds + 1, limit=LIMIT))
        return items
