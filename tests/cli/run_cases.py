#!/usr/bin/env python3
"""Runs the command line cases of this folder (README.md has the format) and compares to the byte.

    tests/cli/run_cases.py [-k PATTERN] [--junit FILE]        DSO_TEST_ACCEPT=1: writes the expectations anew
"""
import argparse
import concurrent.futures
import difflib
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "e2e")]
from harness import places  # noqa: E402
from harness.world import World  # noqa: E402
from junit import Suite  # noqa: E402

ACCEPT = os.environ.get("DSO_TEST_ACCEPT") == "1"


def stable(text, world):
    """What differs from run to run and machine to machine gives way to a name."""
    for path, name in ((world.store, "$STORE"), (world.run_dir, "$RUN"), (world.state, "$STATE"), (world.work, "$WORK"),
                       (world.home, "$HOME"), (places.PROVIDERS, "$PROVIDERS"), (world.tmp, "$TMP")):
        text = text.replace(str(path), name)
    for pattern, name in ((r"dso version \S+, build \w+, provider ABI [\d.]+", "dso version <version>, build <build>, provider ABI <abi>"),
                          (r"\b[0-9a-f]{64}\b", "<sha256>"), (r"\b\d+ ms\b", "<N> ms"), (r"\b\d+ ?(s|m|h|d|seconds?) ago\b", "<age>"),
                          (r"\bjust now\b", "<age>"), (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"), (r"(?m)^(local +)\d\S+", r"\1<version>")):
        text = re.sub(pattern, name, text)
    return text


def run_case(case):
    """None, or what is different."""
    tmp = Path(tempfile.mkdtemp(prefix="dso-cli-"))
    world = World(tmp)
    try:
        bin_dir = tmp / "bin"
        bin_dir.mkdir()
        (bin_dir / "dso").symlink_to(places.DSO_BIN)
        if (case / "files").is_dir():
            shutil.copytree(case / "files", world.work, dirs_exist_ok=True)
        path = f"{bin_dir}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        stdin = (case / "in").read_bytes() if (case / "in").exists() else None
        done = world.run(["/bin/sh", "-eu", case / "cmd"], input=stdin, check=False,
                         env={"PATH": path, "ROOT": HERE.parent.parent, "DOCKER_HOST": f"unix://{tmp}/no-engine.sock"})
        got = {"out": stable(done.out, world), "err": stable(done.err, world), "rc": f"{done.rc}\n"}
    finally:
        world.close()
        shutil.rmtree(tmp, ignore_errors=True)
    differences = []
    for name, default in (("out", ""), ("err", ""), ("rc", "0\n")):
        file = case / name
        want = file.read_text() if file.exists() else default
        if got[name] == want:
            continue
        if ACCEPT:
            if got[name] == default:
                file.unlink()
            else:
                file.write_text(got[name])
            continue
        differences += difflib.unified_diff(want.splitlines(), got[name].splitlines(), f"{case.name}/{name} expected",
                                            f"{case.name}/{name} came out", lineterm="")
    return "\n".join(differences) or None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-k", metavar="PATTERN", default="")
    parser.add_argument("--junit")
    options = parser.parse_args()
    if not places.DSO_BIN.exists():
        sys.exit(f"error: {places.DSO_BIN} is not there: run scripts/build dev first, or set DSO_BIN")
    suite = Suite("cli")
    cases = [c for c in sorted(HERE.iterdir()) if (c / "cmd").is_file() and options.k in c.name]

    def timed(case):
        start = time.monotonic()
        try:
            problem = run_case(case)
        except Exception as e:  # pylint: disable=broad-except
            problem = f"{type(e).__name__}: {e}"
        return time.monotonic() - start, problem

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for case, (seconds, problem) in zip(cases, pool.map(timed, cases)):
            suite.add(case.name, seconds, problem)
    return suite.finish()


sys.exit(main())
