"""What is shipped for arm64, on a machine that is none: its programs run under qemu's emulation of a process. (Only `scripts/test arm64` runs this.)"""
import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "release-arm64"
sys.path[:0] = [str(ROOT / "tests" / part) for part in ("e2e", "release")]
from harness import places  # noqa: E402
from harness.process import run  # noqa: E402

SYSROOT = Path(os.environ.get("DSO_ARM64_SYSROOT", places.PEER_STATE / "arm64-sysroot" / "root"))
QEMU = shutil.which("qemu-aarch64-static") or "qemu-aarch64-static"
# By its loader: with -L the program would have the sysroot in the place of the root folder, from where DSO goes down to what it trusts.
EMULATOR = (QEMU, SYSROOT / "lib" / "ld-linux-aarch64.so.1", "--library-path", SYSROOT / "lib" / "aarch64-linux-gnu")
# A kernel that runs arm64 programs by qemu, for the processes in here alone; and a `uname` that says what such a kernel does.
MACHINE = r"""set -eu
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
printf '%s' ":arm64:M::$magic:$mask:$QEMU:F" > /proc/sys/fs/binfmt_misc/register
exec "$@"
"""


class Arm64:
    """Programs in an environment of the test's own: by the emulator, or as on a machine of that kind."""

    def __init__(self, tmp):
        self.tmp, self.tools = tmp, tmp / "tools"
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": str(tmp), "TMPDIR": str(tmp), "DSO_RUN_DIR": str(tmp / "run"),
                    "DSO_STATE_DIR": str(tmp / "state"), "DSO_STORE": str(tmp / "store"), "DSO_PROVIDER_DIR": str(BUILT / "providers"),
                    "DSO_PROVIDER_KEYS": str(tmp / "no-keys"), "DOCKER_HOST": f"unix://{tmp}/no-engine"}

    def __call__(self, *args, program=BUILT / "dso", env=None, **kw):
        return run([*EMULATOR, program, *args], env={**self.env, **(env or {})}, cwd=self.tmp, **kw)

    def machine(self, *argv, **kw):
        self.tools.mkdir(exist_ok=True)
        (self.tools / "uname").write_text('#!/bin/sh\n[ "$1" = -m ] || exec /usr/bin/uname "$@"\necho aarch64\n')
        (self.tools / "uname").chmod(0o755)
        env = {**self.env, "PATH": f"{self.tools}:{self.env['PATH']}", "QEMU": QEMU, "QEMU_LD_PREFIX": str(SYSROOT)}
        return run(["unshare", "--user", "--map-root-user", "--mount", "--net", "bash", "-c", MACHINE, "machine", *argv], env=env, cwd=self.tmp, **kw)


@pytest.fixture
def arm64(tmp_path):
    return Arm64(tmp_path)


@pytest.fixture
def machine(arm64):
    """arm64.machine, where the kernel lets one group of processes have formats of programs of their own (6.7 and newer)."""
    alone = run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                 "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && ls /proc/sys/fs/binfmt_misc"], check=False)
    if alone.rc != 0 or alone.out.split() != ["register", "status"]:
        pytest.skip("this kernel has one list of program formats for all (before 6.7), which a test leaves alone")
    return arm64.machine
