"""The end-to-end tests' fixtures, on what scripts/build makes to be shipped."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ["DSO_BIN"] = os.environ.get("DSO_RELEASE_BIN", str(ROOT / "build" / "release" / "dso"))  # read when the harness is imported
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness.fixtures import *  # noqa: E402,F401,F403
