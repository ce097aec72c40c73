"""scripts/bundle --arch arm64: what is in the tar, and on which machines it installs."""
import hashlib
import json
import os
import re
import subprocess

import pytest
from bundles import Bundle, sign_again
from conftest import SYSROOT
from harness import places
from harness.process import run

KINDS = ["aws", "azure", "file", "vault"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return Bundle(tmp_path_factory.mktemp("bundle"), "--arch", "arm64")


@pytest.fixture
def unpacked(bundle, tmp_path):
    return bundle.unpack(tmp_path / "carried")


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_its_programs_are_arm64_s_and_its_signature_holds(bundle, unpacked):
    assert re.fullmatch(r"dso-\d+\.\d+\.\d+-arm64", unpacked.name)
    programs = [unpacked / "bin/dso", *(unpacked / f"providers/libdso_provider_{kind}.so" for kind in KINDS)]
    assert all(p.read_bytes()[18:20] == b"\xb7\x00" for p in programs)
    said = run([unpacked / "lib/verify-bundle.sh", "--key", bundle.public, unpacked])
    assert f"signed: by the key in {bundle.public}" in said.err
    assert {"man/dso.1", "completion/dso.bash", "systemd/dso-agent.service", "install"} <= set(files(unpacked))
    # written by the arm64 binary
    assert "secret set" in (unpacked / "man/dso.1").read_text() and "complete" in (unpacked / "completion/dso.fish").read_text()


def test_its_list_of_providers_fits_them(unpacked):
    lock = json.loads((unpacked / "providers/providers.lock").read_text())
    assert lock["format"] == 1 and [p["name"] for p in lock["providers"]] == KINDS
    for p in lock["providers"]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", p["version"])
        assert p["sha256"] == hashlib.sha256((unpacked / "providers" / p["file"]).read_bytes()).hexdigest()


def test_the_arm64_program_reads_that_list(arm64, unpacked):
    said = arm64("provider", "verify", "--format", "json", program=unpacked / "bin/dso", env={"DSO_PROVIDER_DIR": unpacked / "providers"})
    assert [p["name"] for p in json.loads(said.out)] == KINDS and all(p["ok"] for p in json.loads(said.out))


def test_its_sbom_names_the_sysroot_s_libraries(unpacked):
    doc = json.loads((unpacked / "SBOM.spdx.json").read_text())
    packages = {p["SPDXID"]: p for p in doc["packages"]}
    assert doc["name"].endswith("-arm64") and {f["fileName"] for f in doc["files"]} == {"./bin/dso", *(f"./providers/libdso_provider_{k}.so" for k in KINDS)}
    for file in doc["files"]:
        inside = [packages[r["relatedSpdxElement"]] for r in doc["relationships"]
                  if r["spdxElementId"] == file["SPDXID"] and r["relationshipType"] == "STATIC_LINK"]
        expected = {"boost", "gcc-runtime"} | ({"openssl", "yaml-cpp", "musl"} if file["fileName"] == "./bin/dso" else set())
        assert {p["name"] for p in inside} == expected
        # the runtime is the cross compiler's, which is a package of this machine's
        places_of = [p["externalRefs"][0]["referenceLocator"] for p in inside if p["name"] != "gcc-runtime"]
        assert all("arch=arm64&" in purl for purl in places_of), places_of
    version = subprocess.run(["dpkg-query", f"--admindir={SYSROOT}/var/lib/dpkg", "-W", "-f", "${Version}", "libssl-dev:arm64"],
                             stdout=subprocess.PIPE, check=True).stdout.decode()
    assert version in {p["versionInfo"] for p in packages.values() if p["name"] == "openssl"}


def test_made_again_it_is_the_same_to_the_byte(bundle, tmp_path):
    bundle.make(tmp_path / "again.tar.gz", env={**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "TMPDIR": str(tmp_path)})
    assert (tmp_path / "again.tar.gz").read_bytes() == bundle.tar.read_bytes()


@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["install", "rehearsal"])
def test_this_machine_refuses_it(unpacked, arm64, options):
    prefix = arm64.tmp / "prefix"
    said = run([unpacked / "install", "--system", "--prefix", prefix, *options], env=arm64.env, check=False)
    assert said.rc == 1 and "error: this DSO is for arm64, and this machine is amd64\n" in said.err
    assert "Nothing was changed" in said.err and not prefix.exists()


def test_this_machine_refuses_it_even_where_the_kernel_would_run_it(machine, arm64, unpacked):
    """With qemu known to the kernel, as a builder of foreign images has it: the binary runs, and would load no provider."""
    prefix = arm64.tmp / "prefix"
    script = f'"{unpacked}/bin/dso" version && exec "{unpacked}/install" --system --prefix "{prefix}"'
    said = machine("env", f"PATH={arm64.env['PATH']}", "sh", "-c", script, check=False)
    assert said.out.startswith("dso version") and "this DSO is for arm64, and this machine is amd64" in said.err and not prefix.exists()


def test_an_arm64_machine_takes_it(machine, arm64, unpacked):
    """Every step said; what is to be done by the binary (completion, man page) was done by it."""
    prefix = arm64.tmp / "prefix"
    said = machine(unpacked / "install", "--system", "--prefix", prefix, "--dry-run")
    assert "nothing was changed (--dry-run)" in said.err and not prefix.exists()
    assert f"install -m 0755 {unpacked}/bin/dso {prefix}/bin/dso" in said.err
    assert said.err.count("dso provider install ") == len(KINDS)


def test_there_an_installation_whose_providers_cannot_be_tried_is_undone(machine, arm64, unpacked):
    """Its binary is put; what it cannot confine, as under qemu, it does not load; then nothing stays."""
    prefix = arm64.tmp / "prefix"
    said = machine(unpacked / "install", "--system", "--prefix", prefix, check=False, timeout=120)
    assert said.rc == 1 and "error: a provider was not installed" in said.err, said
    assert said.err.rstrip().endswith("nothing was changed") and not prefix.exists()


def test_there_a_bundle_for_amd64_is_refused(machine, arm64, unpacked, bundle):
    program = bytearray((unpacked / "bin/dso").read_bytes())
    program[18] = 0x3E
    (unpacked / "bin/dso").write_bytes(program)
    sign_again(unpacked, bundle.key)
    said = machine(unpacked / "install", "--system", "--prefix", arm64.tmp / "prefix", check=False)
    assert said.rc == 1 and "this DSO is for amd64, and this machine is arm64" in said.err and not (arm64.tmp / "prefix").exists()


def test_no_bundle_is_made_for_a_machine_that_dso_does_not_know():
    for arch in ("riscv64", "armhf"):
        refused = run([places.ROOT / "scripts/bundle", "--unsigned", "--allow-dirty", "--arch", arch], check=False)
        assert refused.rc == 1 and f"DSO is not built for {arch}" in refused.err
