"""The bundle of this tree, made once for all tests, and a host to try it on: no route to anywhere, no compiler, no headers, no sources."""
import shutil
import subprocess
from pathlib import Path

import pytest
from harness import places
from harness.process import run

COMPILERS = ("gcc", "g++", "cc", "c++", "c89", "c99", "clang", "clang++", "cpp", "ld", "as", "cmake", "ninja", "make", "musl-gcc", "ccache", "go")
# what a build needs, and what a machine that builds has
EMPTY = ("/usr/lib/gcc", "/usr/include", "/usr/local/include", str(places.ROOT))
HOST = """set -eu
for d in %s; do [ ! -d "$d" ] || mount -t tmpfs none "$d"; done
for c in %s; do p=$(command -v "$c") || continue; mount --bind /dev/null "$(readlink -f "$p")"; done
if [ -n "$RELEASE_PUB" ]; then mkdir -p /etc/dso; mount -t tmpfs none /etc/dso; install -m 0644 "$RELEASE_PUB" /etc/dso/release.pub; fi
unset RELEASE_PUB
cd "$START"; unset START
exec "$@"
""" % (" ".join(EMPTY), " ".join(COMPILERS))


class Bundle:
    def __init__(self, folder: Path, *options):
        self.folder, self.key, self.tar, self.options = folder, folder / "release.pem", folder / "first.tar.gz", options
        self.public = folder / "release.pem.pub"
        run([places.ROOT / "scripts/bundle", "--make-key", self.key])
        self.make(self.tar)

    def make(self, out, **kw):
        return run([places.ROOT / "scripts/bundle", "--key", self.key, "--allow-dirty", "--out", out, *self.options], timeout=600, **kw)

    def unpack(self, where: Path):
        where.mkdir()
        run(["tar", "-xzf", self.tar, "-C", where])
        return next(where.iterdir())


class Host:
    """Runs programs on a machine without network, compiler and sources. `release_pub`: the key that it trusts."""

    def __init__(self, world, release_pub=None):
        self.world, self.release_pub = world, release_pub

    def with_engine(self, *argv, **kw):
        """Without network alone: what is mounted here is to be seen by the engine."""
        return self.world.run(["unshare", "--net", *argv], **kw)

    def __call__(self, *argv, cwd=None, env=None, **kw):
        inner = {"RELEASE_PUB": self.release_pub or "", "START": cwd or self.world.tmp, "DSO_PROVIDER_DIR": None, **(env or {})}
        config = Path("/etc/dso")  # where its tmpfs is mounted; the folder itself is this machine's
        was_there = config.exists()
        try:
            return self.world.run(["unshare", "--net", "--mount", "bash", "-c", HOST, "host", *argv], env=inner, cwd="/", **kw)
        finally:
            if not was_there and config.exists():
                config.rmdir()


MADE = []  # modules import the fixture, each as its own


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    """The bundle of what was built, signed by a key of this run."""
    if not MADE:
        MADE.append(Bundle(tmp_path_factory.mktemp("bundle")))
    return MADE[0]


@pytest.fixture
def isolated(world):
    """isolated(program, …) runs it without network, compiler and sources."""
    return Host(world)


def sign_again(folder: Path, key: Path):
    """What somebody else can do: change a bundle and sign it with a key of their own."""
    (folder / "release.pub").write_bytes(subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], stdout=subprocess.PIPE, check=True).stdout)
    checksums(folder)
    run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", folder / "SHA256SUMS", "-out", folder / "SHA256SUMS.sig"])


def checksums(folder: Path):
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not p.name.startswith("SHA256SUMS"))
    done = subprocess.run(["sha256sum", *names], stdout=subprocess.PIPE, cwd=folder, check=True)
    (folder / "SHA256SUMS").write_bytes(done.stdout)


def remove(path: Path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()
