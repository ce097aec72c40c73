"""The test programs of ours that are neither Boost.Test nor pytest report as those do: JUnit XML, and one line per failure."""
import sys
import time
import traceback
import xml.etree.ElementTree as ET


class Suite:
    """Collects results; `finish` writes `--junit FILE` if the command line asks for it and returns the exit code."""

    def __init__(self, name):
        self.root, self.failed, self.count, self.skipped = ET.Element("testsuite", name=name), 0, 0, 0
        self.name = name

    def run(self, name, test):
        start, problem = time.monotonic(), None
        try:
            test()
        except AssertionError as e:
            problem = str(e) or "assertion failed"
        except Exception:  # pylint: disable=broad-except
            problem = traceback.format_exc()
        self.add(name, time.monotonic() - start, problem)

    def add(self, name, seconds=0.0, problem=None, skipped=None):
        case = ET.SubElement(self.root, "testcase", classname=self.name, name=name, time=f"{seconds:.3f}")
        self.count += 1
        if problem is not None:
            self.failed += 1
            ET.SubElement(case, "failure").text = problem
            print(f"FAILED {self.name}: {name}\n{problem}\n", file=sys.stderr)
        if skipped is not None:
            self.skipped += 1
            ET.SubElement(case, "skipped", message=skipped)

    def finish(self):
        if "--junit" in sys.argv:
            self.root.set("tests", str(self.count))
            self.root.set("failures", str(self.failed))
            ET.ElementTree(self.root).write(sys.argv[sys.argv.index("--junit") + 1], encoding="utf-8", xml_declaration=True)
        print(f"{self.name}: {self.count - self.failed - self.skipped} passed, {self.failed} failed")
        return 1 if self.failed else 0


def cause_of(case):
    """What a failed case says of itself, in a few lines: the last ones of a log may be all that anybody sees of a run."""
    told = next(child for child in case if child.tag in ("failure", "error"))
    said, place = ([line.strip()[:300] for line in (text or "").splitlines() if line.strip()] for text in (told.get("message"), told.text))
    return "".join(f"\n    {line}" for line in said[:3] + place[-3:])


def counts(path, part=False):
    """(passed, failed, skipped, [name of each failed or skipped case, and why]) of a JUnit file, whoever wrote it. `part`: a unit program was told
    to run some of its cases; the others, which it lists as disabled, are not skipped."""
    passed = failed = skipped = 0
    names = []
    for case in ET.parse(path).getroot().iter("testcase"):
        # pytest: a case whose fixture fails after it failed has both
        kinds = {child.tag for child in case}
        name = f"{case.get('classname', '')} {case.get('name', '')}".strip()
        # a disabled case "child", or one in a suite "…_child", is a program that another test runs as its child: no test
        if "skipped" in kinds and (case.get("name") == "child" or case.get("classname", "").endswith("_child")):
            continue
        if part and "skipped" in kinds and "- reason: 'disabled'" in (case.findtext("system-out") or ""):
            continue
        if kinds & {"failure", "error"}:
            failed += 1
            names.append(f"failed: {name}{cause_of(case)}")
        elif "skipped" in kinds:
            skipped += 1
            names.append(f"skipped: {name}")
        else:
            passed += 1
    return passed, failed, skipped, names
