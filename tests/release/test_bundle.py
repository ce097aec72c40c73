"""scripts/bundle: what is in the tar, that it is the same each time and knows no place where it was made, and what its SBOM says."""
import hashlib
import json
import os
import re
import subprocess
import tarfile

import pytest
from bundles import bundle  # noqa: F401 (a fixture)
from harness import places
from harness.process import run

LAYOUT = ["SBOM.spdx.json", "SHA256SUMS", "SHA256SUMS.sig", "bin/dso", "completion/dso.bash", "completion/dso.fish", "completion/dso.zsh", "docs/air-gap.md",
          "docs/cli.md", "examples/local/compose.yaml", "include/dso/provider.h", "include/dso/provider.hpp", "install", "lib/common.sh",
          "lib/verify-bundle.sh", "man/dso.1", "providers/libdso_provider_vault.so", "providers/libdso_provider_vault.so.sig",
          "providers/providers.lock", "release.pub",
          "setup", "systemd/dso-agent.service", "uninstall"]


@pytest.fixture(scope="module")
def unpacked(bundle, tmp_path_factory):
    return bundle.unpack(tmp_path_factory.mktemp("unpacked") / "here")


def test_everything_is_in_it_and_belongs_to_nobody(bundle):
    with tarfile.open(bundle.tar) as tar:
        members = tar.getmembers()
    top = members[0].name
    assert re.fullmatch(r"dso-\d+\.\d+\.\d+-(amd64|arm64)", top)
    files = [m.name.removeprefix(top + "/") for m in members if m.isfile()]
    assert not set(LAYOUT) - set(files)
    assert [m.name for m in members] == sorted(m.name for m in members)
    assert all((m.isfile() or m.isdir()) and (m.uid, m.gid, m.uname, m.gname) == (0, 0, "", "") and m.mode in (0o644, 0o755) for m in members)
    assert not [f for f in files if f.endswith((".pyc", ".pem")) or "__pycache__" in f]


def test_every_file_is_in_the_list(unpacked):
    listed = [line.split("  ", 1)[1] for line in (unpacked / "SHA256SUMS").read_text().splitlines()]
    there = {str(p.relative_to(unpacked)) for p in unpacked.rglob("*") if p.is_file()}
    assert listed == sorted(listed) and set(listed) == there - {"SHA256SUMS", "SHA256SUMS.sig"}


def test_made_again_it_is_the_same_to_the_byte(bundle, tmp_path):
    """Made by somebody with another umask, language, time zone and temporary folder."""
    env = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "TMPDIR": str(tmp_path)}
    again = tmp_path / "again.tar.gz"
    run(["bash", "-c", f"umask 077; exec '{places.ROOT}/scripts/bundle' --key '{bundle.key}' --allow-dirty --out '{again}'"], env=env, timeout=600)
    assert again.read_bytes() == bundle.tar.read_bytes()


def test_no_file_knows_where_it_was_built(unpacked):
    """(scripts/reproduce builds it once more elsewhere, which takes minutes.)"""
    places_of_mine = [str(places.ROOT).encode(), b"build/release", str(unpacked.parent.parent).encode()]
    knowing = [str(f) for f in unpacked.rglob("*") if f.is_file() and f.parent.name in ("bin", "providers", "man", "completion")
               and any(p in f.read_bytes() for p in places_of_mine)]
    assert not knowing
    # nor a relative one, as a compiler's cache makes it of __FILE__ (OpenSSL's macros have that)
    for file in [unpacked / "bin/dso", *unpacked.glob("providers/*.so")]:
        named = re.findall(rb"[\w./-]*(?:core|cli|providers)/\w+/[\w/-]+\.(?:cpp|hpp|h)\b", file.read_bytes())
        assert not [n for n in named if not n.startswith(b"/usr/include/")]


def test_the_list_of_providers_fits_them(unpacked):
    """As `dso provider install` writes it: the folder could be used as it is."""
    listed = run([unpacked / "bin/dso", "provider", "verify", "--format", "json"],
                 env={"PATH": "/usr/bin:/bin", "HOME": str(unpacked), "DSO_PROVIDER_DIR": str(unpacked / "providers"), "DSO_PROVIDER_KEYS": "/nonexistent"})
    assert all(p["ok"] for p in json.loads(listed.out)) and {p["name"] for p in json.loads(listed.out)} >= {"aws", "azure", "vault"}


def test_an_unsigned_bundle_must_be_asked_for(bundle, tmp_path):
    refused = run([places.ROOT / "scripts/bundle", "--allow-dirty", "--out", tmp_path / "x.tar.gz"], check=False)
    assert refused.rc == 1 and "--unsigned" in refused.err and not list(tmp_path.iterdir())


def test_a_key_that_others_may_read_signs_nothing(bundle, tmp_path):
    key = tmp_path / "key.pem"
    run([places.ROOT / "scripts/bundle", "--make-key", key])
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    refused = run([places.ROOT / "scripts/bundle", "--key", key, "--allow-dirty", "--out", tmp_path / "x.tar.gz"], check=False)
    assert refused.rc == 1 and "others may read" in refused.err and not (tmp_path / "x.tar.gz").exists()
    again = run([places.ROOT / "scripts/bundle", "--make-key", key], check=False)
    assert again.rc == 1 and "never overwritten" in again.err


class Sbom:
    def __init__(self, path):
        self.doc = json.loads(path.read_text())
        self.packages = {p["SPDXID"]: p for p in self.doc["packages"]}
        self.files = {f["fileName"]: f for f in self.doc["files"]}

    def inside(self, file):
        """name → version of what was linked into a file."""
        ids = [r["relatedSpdxElement"] for r in self.doc["relationships"]
               if r["spdxElementId"] == self.files[file]["SPDXID"] and r["relationshipType"] == "STATIC_LINK"]
        return {self.packages[i]["name"]: self.packages[i]["versionInfo"] for i in ids}


@pytest.fixture(scope="module")
def sbom(unpacked):
    return Sbom(unpacked / "SBOM.spdx.json")


def installed(package):
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], stdout=subprocess.PIPE, check=True).stdout.decode()


def test_the_sbom_names_what_is_inside(sbom):
    inside = sbom.inside("./bin/dso")
    assert set(inside) == {"boost", "openssl", "yaml-cpp", "gcc-runtime", "musl"}
    assert inside["openssl"] == installed("libssl-dev") and inside["yaml-cpp"] == installed("libyaml-cpp-dev")
    vault = sbom.inside("./providers/libdso_provider_vault.so")
    assert set(vault) == {"boost", "gcc-runtime"}  # a provider has no TLS of its own


def test_the_sbom_is_of_these_very_files(sbom, unpacked):
    assert {"./bin/dso"} | {f"./providers/{p.name}" for p in unpacked.glob("providers/*.so")} == set(sbom.files)
    for name, entry in sbom.files.items():
        sums = {c["algorithm"]: c["checksumValue"] for c in entry["checksums"]}
        data = (unpacked / name).read_bytes()
        assert sums == {"SHA1": hashlib.sha1(data).hexdigest(), "SHA256": hashlib.sha256(data).hexdigest()}


def test_the_sbom_is_spdx_2_3(sbom):
    doc, known = sbom.doc, {"SPDXRef-DOCUMENT", *sbom.packages, *(f["SPDXID"] for f in sbom.doc["files"])}
    assert doc["spdxVersion"] == "SPDX-2.3" and doc["dataLicense"] == "CC0-1.0" and "#" not in doc["documentNamespace"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", doc["creationInfo"]["created"])
    for p in sbom.packages.values():
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", p["SPDXID"]) and p["versionInfo"] and p["supplier"] and p["licenseDeclared"]
        assert all(re.fullmatch(r"[0-9a-f]{64}", c["checksumValue"]) for c in p["checksums"]) and p["checksums"]
    for r in doc["relationships"]:
        assert {r["spdxElementId"], r["relatedSpdxElement"]} <= known
