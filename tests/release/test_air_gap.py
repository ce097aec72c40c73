"""A bundle on a host without network, compiler and sources: it installs and works, and one that is not as its maker left it changes
nothing. (Under systemd, as a service: tests of the installation.)"""
import json
import re

import pytest
from bundles import Host, bundle, checksums, isolated, remove, sign_again  # noqa: F401 (fixtures)
from harness import places
from harness.process import run


@pytest.fixture
def unpacked(bundle, tmp_path):
    return bundle.unpack(tmp_path / "carried")


@pytest.fixture
def prefix(tmp_path):
    return tmp_path / "prefix"


def files(prefix):
    return sorted(str(p.relative_to(prefix)) for p in prefix.rglob("*") if not p.is_dir()) if prefix.exists() else []


def fingerprint(public):
    der = run(["bash", "-c", f"openssl pkey -pubin -in '{public}' -outform DER | sha256sum"]).out
    return der.split()[0]


def test_the_host_of_these_tests_has_no_network_no_compiler_and_no_sources(isolated):
    assert isolated("ip", "route", "show").out == "" and isolated("ip", "-o", "link").out.count("\n") == 1
    assert isolated("bash", "-c", "exec 3<>/dev/tcp/192.0.2.1/80", check=False).rc != 0
    for compiler in ("g++", "cc", "cmake", "ninja"):
        assert isolated(compiler, "--version", check=False).rc in (126, 127)
    assert isolated("ls", places.ROOT).out == isolated("ls", "/usr/include").out == ""


def test_it_installs_and_works_without_a_network(isolated, unpacked, prefix, bundle, canary):
    said = isolated(unpacked / "install", "--system", "--prefix", prefix).err
    assert "This proves only that the bundle is whole" in said and fingerprint(bundle.public) in said
    program, env = prefix / "bin/dso", {"DSO_PROVIDER_DIR": prefix / "lib/dso/providers"}
    assert re.match(r"dso version \d+\.\d+\.\d+, build [0-9a-f]{12}\b", isolated(program, "version", env=env).out)
    verified = json.loads(isolated(program, "provider", "verify", "--format", "json", env=env).out)
    assert {p["name"] for p in verified} >= {"aws", "azure", "vault"} and all(p["ok"] for p in verified)
    # the list that was carried and the one that was made here say the same
    assert (prefix / "lib/dso/providers/providers.lock").read_text() == (unpacked / "providers/providers.lock").read_text()
    value = canary()
    isolated(program, "init")
    isolated(program, "secret", "set", "myapp/db", input=value)
    assert value in isolated(program, "fetch", "myapp/db", "--reveal", cwd=unpacked).out
    assert "examples" not in files(prefix) and "include/dso/provider.h" in files(prefix)


def test_a_container_gets_its_secret_with_an_image_that_was_carried_in(isolated, docker, unpacked, prefix, canary, tmp_path):
    """docker save where there is a network, docker load where there is none; the engine is asked for no registry."""
    isolated(unpacked / "install", "--system", "--prefix", prefix)
    name, value = f"dso-carried-{docker.world.id}:1", canary(printed=True)
    docker("tag", "dso-test/busybox:1", name)
    docker("save", "-o", tmp_path / "image.tar", name)
    docker("rmi", name)
    docker.images.append(name)
    assert name in isolated.with_engine("docker", "load", "-i", tmp_path / "image.tar").out
    program = prefix / "bin/dso"
    isolated.with_engine(program, "init")
    isolated.with_engine(program, "secret", "set", "myapp/db#password", input=value)
    shown = isolated.with_engine(program, "run", "--rm", "--network", "none", "--pull", "never", "--secret", "myapp/db", name, "cat", "/run/secrets/password")
    assert shown.out.strip() == value


def test_installed_again_it_changes_nothing_and_goes_again_whole(isolated, unpacked, prefix):
    isolated(unpacked / "install", "--system", "--prefix", prefix)
    first = files(prefix)
    again = isolated(unpacked / "install", "--system", "--prefix", prefix)
    assert files(prefix) == first and "install -m" not in again.err
    isolated(unpacked / "uninstall", "--system", "--prefix", prefix, "--yes")
    assert files(prefix) == []


def test_a_user_installs_it_for_himself(isolated, unpacked, prefix):
    isolated(unpacked / "install", "--user", "--prefix", prefix)
    assert isolated(prefix / "bin/dso", "provider", "verify").rc == 0


def test_it_is_checked_by_hand_before_anything_of_it_runs(isolated, unpacked, bundle):
    """The two lines of docs/air-gap.md."""
    by_hand = ("openssl pkeyutl -verify -pubin -inkey \"$KEY\" -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig && "
               "sha256sum --check --strict --quiet SHA256SUMS")
    assert (places.ROOT / "docs/air-gap.md").read_text().count("sha256sum --check --strict --quiet SHA256SUMS") >= 1
    assert "Signature Verified Successfully" in isolated("bash", "-c", by_hand, cwd=unpacked, env={"KEY": bundle.public}).out
    (unpacked / "install").write_text((unpacked / "install").read_text() + "\n")
    assert isolated("bash", "-c", by_hand, cwd=unpacked, env={"KEY": bundle.public}, check=False).rc != 0


def test_its_providers_are_signed_for_hosts_that_ask_for_it(isolated, unpacked, prefix, bundle, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "dso.pem").write_bytes(bundle.public.read_bytes())
    env = {"DSO_PROVIDER_KEYS": keys, "DSO_PROVIDER_DIR": prefix / "lib/dso/providers"}
    isolated(unpacked / "install", "--system", "--prefix", prefix, env=env)
    verified = json.loads(isolated(prefix / "bin/dso", "provider", "verify", "--format", "json", env=env).out)
    assert all(p["ok"] and p["signer"] == fingerprint(bundle.public) for p in verified)


def changed_byte(folder):
    data = bytearray((folder / "bin/dso").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "bin/dso").write_bytes(data)


def list_rewritten(folder):
    """The file and its checksum, but nobody can make the signature."""
    changed_byte(folder)
    checksums(folder)


def escaping_name(folder):
    (folder / "SHA256SUMS").write_text((folder / "SHA256SUMS").read_text() + f"{'0' * 64}  ../../etc/passwd\n")


DAMAGE = {
    "changed_byte": (changed_byte, "not every file is as its maker left it"),
    "changed_script": (lambda f: (f / "uninstall").write_text("#!/bin/sh\n"), "not every file is as its maker left it"),
    "list_rewritten": (list_rewritten, "its signature does not fit its list of checksums"),
    "escaping_name": (escaping_name, "its signature does not fit its list of checksums"),
    "unlisted_provider": (lambda f: (f / "providers/libdso_provider_evil.so").write_bytes(b"\x7fELF"), "is in the folder and not in its list"),
    "unlisted_name_with_newline": (lambda f: (f / "bin/dso\nx").write_text(""), "is in the folder and not in its list"),
    "file_become_a_link": (lambda f: ((f / "man/dso.1").unlink(), (f / "man/dso.1").symlink_to("/etc/passwd")), "is no ordinary file"),
    "missing_file": (lambda f: remove(f / "providers/libdso_provider_aws.so"), "not every file is as its maker left it"),
    "no_list": (lambda f: remove(f / "SHA256SUMS"), "it has no list of checksums"),
    "no_signature": (lambda f: remove(f / "SHA256SUMS.sig"), "nobody signed it"),
    "writable_by_others": (lambda f: (f / "providers").chmod(0o777), "others than you and root may change providers"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_bundle_is_refused_and_nothing_changed(isolated, unpacked, prefix, what):
    damage, reason = DAMAGE[what]
    damage(unpacked)
    said = isolated(unpacked / "install", "--system", "--prefix", prefix, check=False)
    assert said.rc == 1 and reason in said.err and "Nothing was changed" in said.err
    assert not prefix.exists()


def test_names_outside_of_the_folder_are_refused_even_if_signed(isolated, unpacked, prefix, bundle):
    escaping_name(unpacked)
    run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", bundle.key, "-in", unpacked / "SHA256SUMS", "-out", unpacked / "SHA256SUMS.sig"])
    said = isolated(unpacked / "install", "--system", "--prefix", prefix, check=False)
    assert said.rc == 1 and "not a checksum and a name below this folder" in said.err and not prefix.exists()


def for_the_other_processor(folder, key):
    """In its header, rightly signed: somebody carried the wrong bundle. (Real ones, each on the other machine: tests/arm64.)"""
    header = bytearray((folder / "bin/dso").read_bytes())
    there, header[18] = {0x3E: ("arm64", 0xB7), 0xB7: ("amd64", 0x3E)}[header[18]]
    (folder / "bin/dso").write_bytes(header)
    sign_again(folder, key)
    return there


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--user"]], ids=["install", "rehearsal", "user"])
def test_a_bundle_for_another_processor_is_refused(isolated, unpacked, prefix, bundle, options):
    there = for_the_other_processor(unpacked, bundle.key)
    said = isolated(unpacked / "install", "--system", "--prefix", prefix, *options, check=False)
    here = {"arm64": "amd64", "amd64": "arm64"}[there]
    assert said.rc == 1 and f"error: this DSO is for {there}, and this machine is {here}\n" in said.err
    assert f"Carry the bundle for {here} here" in said.err and "Nothing was changed" in said.err and not prefix.exists()


@pytest.fixture
def stranger(tmp_path):
    run([places.ROOT / "scripts/bundle", "--make-key", tmp_path / "stranger.pem"])
    return tmp_path / "stranger.pem"


@pytest.mark.parametrize("how", ["pinned", "named"])
def test_a_stranger_s_bundle_is_refused_where_a_key_is_trusted(world, unpacked, prefix, bundle, stranger, how):
    """Whole in itself, signed, with a key inside that fits: only a key from elsewhere tells the difference."""
    host = Host(world, release_pub=bundle.public if how == "pinned" else None)
    options = ["--key", bundle.public] if how == "named" else []
    host(unpacked / "install", "--system", "--prefix", prefix, *options, "--dry-run")
    changed_byte(unpacked)
    sign_again(unpacked, stranger)
    said = host(unpacked / "install", "--system", "--prefix", prefix, *options, check=False)
    assert said.rc == 1 and "it is not signed by the key in" in said.err and not prefix.exists()
    assert fingerprint(bundle.public) in said.err and fingerprint(f"{stranger}.pub") in said.err


def test_a_key_named_on_the_command_line_goes_before_the_pinned_one(world, unpacked, prefix, bundle, stranger):
    """The maker has a new key: the operator names it once."""
    host = Host(world, release_pub=f"{stranger}.pub")
    assert host(unpacked / "install", "--system", "--prefix", prefix, check=False).rc == 1
    said = host(unpacked / "install", "--system", "--prefix", prefix, "--key", bundle.public)
    assert f"signed: by the key in {bundle.public}" in said.err and files(prefix)


def test_unsigned_is_taken_only_on_demand_and_never_where_a_key_is_trusted(world, isolated, unpacked, prefix, bundle):
    remove(unpacked / "SHA256SUMS.sig")
    strict = Host(world, release_pub=bundle.public)
    assert strict(unpacked / "install", "--system", "--prefix", prefix, "--unsigned", check=False).rc == 1 and not prefix.exists()
    assert "nobody vouches for this bundle" in isolated(unpacked / "install", "--system", "--prefix", prefix, "--unsigned").err
