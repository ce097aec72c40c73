"""The end-to-end tests run on build/dev (or $DSO_BIN): sanitizers on. What the fixtures are: harness/fixtures.py."""
from harness.fixtures import *  # noqa: F401,F403
