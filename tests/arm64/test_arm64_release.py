"""The release for arm64: what it is made of, what it needs, and that it runs; where it cannot be confined, it loads no provider."""
import json
import re
import socket
import subprocess

import pytest
from conftest import BUILT, EMULATOR, SYSROOT
from harness.process import run

MB, KB = 1 << 20, 1 << 10
PROVIDERS = sorted((BUILT / "providers").glob("libdso_provider_*.so"))
GLIBC = {"libc.so.6", "libm.so.6", "ld-linux-aarch64.so.1"}
provider = pytest.mark.parametrize("so", PROVIDERS, ids=[p.name for p in PROVIDERS])
everything = pytest.mark.parametrize("file", [BUILT / "dso", *PROVIDERS], ids=["dso", *(p.name for p in PROVIDERS)])


def readelf(*argv):
    return subprocess.run(["readelf", "-W", *map(str, argv)], stdout=subprocess.PIPE, check=True).stdout.decode()


def test_every_provider_is_there():
    assert {p.name for p in PROVIDERS} >= {f"libdso_provider_{kind}.so" for kind in ("aws", "azure", "file", "vault")}


@everything
def test_it_is_for_arm64_and_needs_glibc_only(file):
    assert re.search(r"Machine: +AArch64", readelf("-h", file))
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("-d", file))
    assert needed and not set(needed) - GLIBC
    # of Debian 12's glibc, and none newer
    versions = [tuple(map(int, v.split("."))) for v in re.findall(r"Name: GLIBC_([\d.]+)", readelf("-V", file))]
    assert versions and max(versions) <= (2, 36)


@everything
def test_it_is_small_and_has_no_symbols_left(file):
    """A provider may have a tenth more than on x86-64: 20 KB of relocations that the linker cannot pack here, 20 KB up to the next page of 64 KB."""
    assert file.stat().st_size <= (7 * MB if file.name == "dso" else 340 * KB)
    assert " .symtab " not in readelf("-S", file)


@everything
def test_it_knows_nothing_of_the_machine_that_built_it(file):
    assert str(SYSROOT).encode() not in file.read_bytes() and str(BUILT.parents[1]).encode() not in file.read_bytes()


@provider
def test_a_provider_exports_one_symbol(so):
    rows = [line.split() for line in readelf("--dyn-syms", so).splitlines()]
    shown = [r[7] for r in rows if len(r) >= 8 and r[4] in ("GLOBAL", "WEAK", "UNIQUE") and r[6] != "UND"]
    assert shown == ["dso_provider_get_api"]


def test_the_binary_is_hardened():
    text = readelf("-hldS", BUILT / "dso")
    assert "DYN (Position-Independent Executable file)" in text and "GNU_RELRO" in text
    assert re.search(r"FLAGS.*BIND_NOW|FLAGS_1.*NOW", text) and re.search(r"GNU_STACK .* RW ", text)


def test_the_program_inside_is_for_arm64_and_needs_nothing():
    inside = BUILT / "dso-init"
    assert re.search(r"Machine: +AArch64", readelf("-h", inside)) and "no dynamic section" in readelf("-d", inside)
    assert inside.stat().st_size <= 64 * KB and inside.read_bytes() in (BUILT / "dso").read_bytes()


def test_it_runs(arm64):
    assert re.match(r"dso version \d+\.\d+\.\d+, build [0-9a-f]{12}\b", arm64("version").out)
    assert "secret set" in arm64("--help").out


def test_it_reads_a_config(arm64):
    (arm64.tmp / "dso.yaml").write_text("agent:\n  watch: {polling_interval: 30s}\n")
    assert arm64("validate", "-c", "dso.yaml").rc == 0
    (arm64.tmp / "dso.yaml").write_text("agent:\n  watch: {polling_interval: soon}\n")
    wrong = arm64("validate", "-c", "dso.yaml", check=False)
    assert wrong.rc != 0 and "polling_interval" in wrong.err + wrong.out


def test_it_keeps_a_secret(arm64):
    """Argon2 or scrypt, AES, locked memory: the arm64 code of OpenSSL."""
    value = "arm64-" + "s3cret" * 20
    arm64("init")
    arm64("secret", "set", "myapp/db#password", input=value)
    assert value in arm64("fetch", "myapp/db", "--reveal").out
    stored = [p for p in arm64.tmp.rglob("*") if p.is_file() and value.encode() in p.read_bytes()]
    assert not stored


def test_it_sees_what_a_provider_is_before_it_is_loaded(arm64):
    listed = json.loads(arm64("provider", "list", "--format", "json").out)
    assert {p["name"] for p in listed} >= {"aws", "azure", "file", "vault"}
    tried = arm64("provider", "test", BUILT / "providers" / "libdso_provider_file.so", check=False)
    assert re.search(r"^symbols +ok +exports dso_provider_get_api alone$", tried.out, re.M), tried
    # its child starts from /proc/self/exe, which is qemu's own program here
    assert tried.rc == 1 and re.search(r"^load +failed ", tried.out, re.M), tried


def test_where_it_cannot_be_confined_no_provider_is_loaded(arm64):
    """qemu refuses seccomp. The child itself, as the agent starts it: it says so, and ends before it loads."""
    ours, its = socket.socketpair()
    with ours, its, open(BUILT / "providers" / "libdso_provider_file.so", "rb") as library:
        child = subprocess.run([*EMULATOR, BUILT / "dso", "provider-host", str(library.fileno()), str(its.fileno())],
                               pass_fds=(library.fileno(), its.fileno()), env=arm64.env, stdin=subprocess.DEVNULL, timeout=60, check=False)
        its.close()
        assert child.returncode == 1 and b"its process could not be confined" in ours.recv(4096)


def test_its_debian_package_is_for_arm64(arm64):
    run(["cpack", "-G", "DEB", "-B", arm64.tmp / "deb"], cwd=BUILT, timeout=120)
    deb = next((arm64.tmp / "deb").glob("dso_*_arm64.deb"))
    assert run(["dpkg-deb", "-f", deb, "Architecture", "Depends"]).out == "Architecture: arm64\nDepends: libc6 (>= 2.36)\n"
    run(["dpkg-deb", "-x", deb, arm64.tmp / "root"])
    for file in ("bin/dso", *(f"share/dso/providers/{p.name}" for p in PROVIDERS)):
        assert (arm64.tmp / "root/usr" / file).read_bytes()[18:20] == b"\xb7\x00"
    assert "secret set" in (arm64.tmp / "root/usr/share/man/man1/dso.1").read_text()
    # dpkg itself takes it on no other machine
    refused = run(["dpkg", "--simulate", "-i", deb], check=False)
    assert refused.rc != 0 and "package architecture (arm64) does not match system" in refused.err
