#!/usr/bin/env python3
"""The rules of the house that no compiler checks: every source file begins with a comment that says what it is for, no file grows
past 400 lines and no line past what a screen shows, every guarantee names a test that is there, every code block of a page says what it is, and every command
has its case and its JSON.

    scripts/lib/house.py [--junit FILE]
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from junit import Suite  # noqa: E402
from harness.markdown import problems  # noqa: E402
from links import dead, targets  # noqa: E402

MAX_LINES = 400
MAX_COLUMNS = 130  # of C and C++: .clang-format's, which breaks no literal and no long word
MAX_COLUMNS_BY_HAND = 160  # of what no program formats
COMMENT = {".cpp": ("//", "/*"), ".hpp": ("//", "/*"), ".h": ("//", "/*"), ".c": ("//", "/*"), ".py": ('"""', "#"), ".sh": ("#",), "": ("#", '"""')}


def sources():
    """Tracked files, and new ones that nobody ignores."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"], stdout=subprocess.PIPE, check=True)
    for name in listed.stdout.decode().splitlines():
        path = ROOT / name
        if not path.is_file() or path.is_symlink():
            continue
        with open(path, "rb") as f:
            script = f.read(2) == b"#!"
        if path.suffix in COMMENT and (path.suffix or script):
            yield name, path


def begins_with_comment(path):
    lines = [line.strip() for line in path.read_text().splitlines()]
    while lines and (lines[0].startswith("#!") or not lines[0]):
        lines.pop(0)
    if not lines or not lines[0].startswith(COMMENT[path.suffix]):
        return False
    return len(" ".join(lines[:3]).strip('/*#" ')) >= 20  # a sentence, not a marker


def code():
    """What counts for the length of lines: the sources, and how they are built."""
    yield from sources()
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "CMakeLists.txt", "*/CMakeLists.txt", "*.cmake", "*.go"], stdout=subprocess.PIPE, check=True)
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            yield name, ROOT / name


def max_columns(name, path):
    formatted = path.suffix in (".cpp", ".hpp", ".h", ".c") and not name.startswith("tests/peers/")
    return MAX_COLUMNS if formatted else MAX_COLUMNS_BY_HAND


def pages():
    return [p for pattern in ("*.md", "docs/*.md", "examples/**/*.md", "providers/*/*.md") for p in sorted(ROOT.glob(pattern))]


def main():
    suite, files = Suite("house"), list(sources())

    def every_file_says_what_it_is_for():
        silent = [name for name, path in files if not begins_with_comment(path)]
        assert not silent, "their first line is no comment that says what they are for:\n  " + "\n  ".join(silent)

    def no_file_is_too_long():
        counted = [(len(path.read_text().splitlines()), name) for name, path in files]
        long = sorted((n, name) for n, name in counted if n > MAX_LINES)
        assert not long, f"longer than {MAX_LINES} lines:\n  " + "\n  ".join(f"{n} {name}" for n, name in long)

    def no_line_is_too_long():
        long = [f"{name}:{number}: {len(line)}, at most {limit}" for name, path in code() for limit in [max_columns(name, path)]
                for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > limit]
        assert not long, "\n  ".join(["longer lines:", *long])

    def every_guarantee_has_its_test():
        named = re.findall(r"`((?:e2e|unit)/[\w/]+\.(?:py|cpp))(?:::(\w+))?`", (ROOT / "docs" / "guarantees.md").read_text())
        missing = [f"{file}::{test}" for file, test in named
                   if not (ROOT / "tests" / file).is_file() or (test and f"def {test}(" not in (ROOT / "tests" / file).read_text())]
        assert named and not missing, "docs/guarantees.md names what is not there:\n  " + "\n  ".join(missing)

    def every_code_block_says_what_it_is():
        """tests/e2e/test_docs.py executes them by that."""
        wrong = [line for p in pages() for line in problems(p.relative_to(ROOT), p.read_text(), lambda test: (ROOT / test).exists())]
        assert not wrong, "the first word behind a fence says what to do with the block (tests/e2e/harness/markdown.py):\n  " + "\n  ".join(wrong)

    def every_command_has_a_case_and_its_json():
        commands = re.findall(r"(?m)^## dso ([a-z ]+)$", (ROOT / "docs" / "cli.md").read_text())  # a CLI case keeps that page in step
        cases = "\n".join(p.read_text() for p in (ROOT / "tests" / "cli").glob("*/cmd"))
        shapes = (ROOT / "docs" / "json.md").read_text()
        missing = [f"no tests/cli/*/cmd runs `dso {c}`" for c in commands if not re.search(rf"\bdso (-[^ ]+ )*{c}\b", cases)]
        missing += [f"docs/json.md does not say what `dso {c} --format json` gives" for c in commands if not re.search(rf"\bdso {c}\b", shapes)]
        assert commands and not missing, "\n  ".join(["a command of docs/cli.md:", *missing])

    def the_config_reference_is_the_schemas():
        made = subprocess.run([sys.executable, "-B", ROOT / "scripts" / "config-reference"], stdout=subprocess.PIPE, check=True).stdout.decode()
        assert made == (ROOT / "docs" / "config-reference.md").read_text(), "scripts/config-reference > docs/config-reference.md"

    def every_link_leads_somewhere_and_every_page_is_listed():
        wrong = [f"{p.relative_to(ROOT)}: {link} leads nowhere" for p in pages() for link in dead(p)]
        listed = {file for _, file, _ in targets(ROOT / "docs" / "README.md")}
        wrong += [f"docs/README.md does not list {p.name}" for p in sorted((ROOT / "docs").glob("*.md")) if p.resolve() not in listed and p.name != "README.md"]
        assert not wrong, "\n  ".join(["links:", *wrong])

    suite.run("every_file_says_what_it_is_for", every_file_says_what_it_is_for)
    suite.run("no_file_is_too_long", no_file_is_too_long)
    suite.run("no_line_is_too_long", no_line_is_too_long)
    suite.run("every_guarantee_has_its_test", every_guarantee_has_its_test)
    suite.run("every_code_block_says_what_it_is", every_code_block_says_what_it_is)
    suite.run("every_command_has_a_case_and_its_json", every_command_has_a_case_and_its_json)
    suite.run("the_config_reference_is_the_schemas", the_config_reference_is_the_schemas)
    suite.run("every_link_leads_somewhere_and_every_page_is_listed", every_link_leads_somewhere_and_every_page_is_listed)
    return suite.finish()


sys.exit(main())
