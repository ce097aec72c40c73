"""Where things lie: the source tree, the binary under test, the peers' state. Each can be moved by a variable."""
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("DSO_BUILD_DIR", ROOT / "build" / "dev"))
DSO_BIN = Path(os.environ.get("DSO_BIN", BUILD / "dso"))
PROVIDERS = Path(os.environ.get("DSO_TEST_PROVIDER_DIR", DSO_BIN.parent / "providers"))
PEER_SCRIPTS = ROOT / "tests" / "peers"
PEER_STATE = Path(os.environ.get("DSO_PEERS", Path(os.environ.get("HOME", "/root")) / ".cache" / "dso-peers"))
# by its path: the tests' PATH and HOME are not the caller's
DOCKER = shutil.which("docker") or "docker"
