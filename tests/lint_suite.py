#!/usr/bin/env python3
"""scripts/lint as one test case, with what it printed where it was not clean.

    tests/lint_suite.py [--junit FILE]
"""
import subprocess
import sys
from pathlib import Path

from junit import Suite

ROOT = Path(__file__).resolve().parent.parent


def clean():
    done = subprocess.run([ROOT / "scripts" / "lint"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-4000:]


suite = Suite("lint")
suite.run("clean", clean)
sys.exit(suite.finish())
