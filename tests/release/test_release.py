"""What is shipped: that it needs nothing but glibc, is small, exports nothing, works as Docker's plugin, installs and goes again."""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from harness import places

MB, KB = 1 << 20, 1 << 10
PROVIDERS = sorted(places.PROVIDERS.glob("libdso_provider_*.so"))
provider = pytest.mark.parametrize("so", PROVIDERS, ids=[p.name for p in PROVIDERS])
GLIBC = re.compile(r"^(linux-vdso\.so\.1|libc\.so\.6|libm\.so\.6|libdl\.so\.2|libpthread\.so\.0|librt\.so\.1|/lib\S*/ld-linux-\S+)$")


def output(*argv):
    return subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, check=True).stdout.decode()


def needed(file):
    return [line.split()[0] for line in output("ldd", file).splitlines()]


def test_there_is_a_provider():
    assert "libdso_provider_vault.so" in [p.name for p in PROVIDERS]


def test_the_binary_needs_glibc_only():
    foreign = [lib for lib in needed(places.DSO_BIN) if not GLIBC.match(lib)]
    assert not foreign


@provider
def test_a_provider_needs_glibc_only(so):
    foreign = [lib for lib in needed(so) if not GLIBC.match(lib)]
    assert not foreign


def test_the_binary_is_at_most_7_mb():
    assert places.DSO_BIN.stat().st_size <= 7 * MB


@provider
def test_a_provider_is_at_most_300_kb(so):
    assert so.stat().st_size <= 300 * KB


@provider
def test_a_provider_exports_one_symbol(so):
    symbols = [line.split()[-1].split("@")[0] for line in output("nm", "-D", "--defined-only", so).splitlines()]
    assert symbols == ["dso_provider_get_api"]


def test_every_linked_library_is_named():
    """By what the binary says of itself, its SBOM's names and the packages of this machine."""
    libraries = {(lib["name"], lib["in"]): lib for lib in json.loads(output(places.DSO_BIN, "version", "--format", "json"))["libraries"]}
    assert {name for name, _ in libraries} >= {"openssl", "boost", "yaml-cpp", "libstdc++", "libgcc", "glibc"}, libraries
    assert all(lib["linked"] == ("dynamic" if lib["name"] == "glibc" and lib["in"] != "dso-init" else "static") for lib in libraries.values())
    binary = places.DSO_BIN.read_bytes()
    assert f"OpenSSL {libraries['openssl', 'dso']['version']} ".encode() in binary
    for name, lib in libraries.items():
        package, _, version = lib["package"].partition(" ")
        assert package and version == output("dpkg-query", "-W", "-f", "${Version}", package), (name, lib)
        assert version.split(":")[-1].startswith(lib["version"]) or name[0] in ("libstdc++", "libgcc"), (name, lib)


@pytest.mark.parametrize("file", [places.DSO_BIN, *PROVIDERS], ids=lambda p: p.name)
def test_what_the_compiler_adds_is_there(file):
    """Each of the flags of cmake/DsoDependencies.cmake, by what it leaves in the code."""
    imported = output("nm", "-D", "--undefined-only", file)
    assert re.search(r"__(memcpy|memset|read|snprintf|vsnprintf|memmove|strcpy|poll)_chk", imported), "-D_FORTIFY_SOURCE=3"
    assert re.search(rb"__(n|pos) <=? (this->)?size\(\)|!this->empty\(\)|this->_M_is_engaged\(\)", file.read_bytes()), "-D_GLIBCXX_ASSERTIONS"
    code = output("objdump", "-d", "--no-show-raw-insn", file)
    landings, probes = len(re.findall(r"\bendbr64\b", code)), len(re.findall(r"\bor[lq]? +\$0x0,(0x[0-9a-f]+)?\(%rsp\)", code))
    assert landings > (5000 if file == places.DSO_BIN else 100), "-fcf-protection"
    assert probes > 0 or file != places.DSO_BIN, "-fstack-clash-protection: frames of more than a page are touched page by page"


def test_every_source_is_compiled_with_the_same_flags():
    """-ftrivial-auto-var-init=zero leaves nothing by which it is known from other zeros."""
    commands = json.loads((places.DSO_BIN.parent / "compile_commands.json").read_text())
    ours = [c for c in commands if "dso_init" not in c["file"] and c["file"].endswith((".cpp", ".c"))]
    assert len(ours) > 20
    for c in ours:
        assert ".cpp" not in c["file"] or "short_assertions.h" in c["command"], c["file"]
        for flag in ("-ftrivial-auto-var-init=zero", "-fstack-clash-protection", "-D_FORTIFY_SOURCE=3", "-D_GLIBCXX_ASSERTIONS", "-fcf-protection"):
            assert flag in c["command"].split(), (flag, c["file"])


def test_the_binary_is_hardened():
    """Position independent, read-only relocations, no executable stack, no symbols left."""
    text = output("readelf", "-hldSW", places.DSO_BIN)
    assert "DYN (Position-Independent Executable file)" in text
    assert re.search(r"FLAGS.*BIND_NOW|FLAGS_1.*NOW", text) and "GNU_RELRO" in text
    assert re.search(r"GNU_STACK .* RW ", text)
    assert " .symtab " not in text


def test_no_variable_can_kill_the_shipped_agent():
    """Crash points are for tests: what is shipped does not even have their names."""
    shipped = places.DSO_BIN.read_bytes()
    assert b"DSO_CRASH_AT" not in shipped and b"DSO_CRASH_TRACE" not in shipped


def test_version_names_what_it_is(dso):
    assert re.match(r"dso version \d+\.\d+\.\d+, build [0-9a-f]{12}\b", dso("version").out)
    assert "vault" in [p["type"] for p in json.loads(dso("version", "--format", "json").out)["providers"]]


def test_docker_finds_the_plugin(docker):
    """`docker info` lists it with its metadata, `docker dso` runs it: the folder is the test's own."""
    plugins = json.loads(docker("info", "--format", "{{json .ClientInfo.Plugins}}").out)
    ours = next(p for p in plugins if p["Name"] == "dso")
    assert "Err" not in ours, ours
    assert ours["SchemaVersion"] == "0.1.0" and ours["Version"] and ours["ShortDescription"] and ours["Vendor"]
    assert docker("dso", "version").out.startswith("dso version ")


def test_docker_plugin_and_binary_say_the_same(docker, dso):
    ours, plugin = dso("fetch", "nobody/knows", check=False), docker("dso", "fetch", "nobody/knows", check=False)
    assert (plugin.out, plugin.err) == (ours.out, ours.err)
    assert plugin.rc == ours.rc != 0


class Installed:
    """A trial installation below a folder of the test."""

    def __init__(self, world):
        self.world, self.prefix = world, world.tmp / "prefix"

    def __call__(self, script, *args, **kw):
        return self.world.run([places.ROOT / "scripts" / script, *args, "--prefix", self.prefix], **kw)

    def files(self):
        return sorted(str(p.relative_to(self.prefix)) for p in self.prefix.rglob("*") if not p.is_dir()) if self.prefix.exists() else []


@pytest.fixture
def installed(world):
    return Installed(world)


@pytest.mark.parametrize("mode", ["--system", "--user"])
def test_install_can_be_repeated_and_undone(installed, dso, mode):
    installed("install", mode)
    first = installed.files()
    again = installed("install", mode)
    assert installed.files() == first and "install -m" not in again.err, again.err
    program = installed.prefix / ("bin/dso" if mode == "--system" else "lib/dso/dso")
    assert program.is_file() and (installed.prefix / "bin" / "dso").exists()
    assert os.path.realpath(installed.prefix / "lib/docker/cli-plugins/docker-dso") == str(program)
    assert "include/dso/provider.h" in first
    # the installed one finds its own providers, without a variable, and all of them are as they were installed
    own = {str(installed.prefix / "lib/dso/providers" / so.name) for so in PROVIDERS}
    found = None if mode == "--user" else installed.prefix / "lib/dso/providers"
    linked = installed.prefix / "bin" / "dso"
    listed = installed.world.run([linked, "provider", "list", "--format", "json"], env={"DSO_PROVIDER_DIR": found})
    assert {p["file"] for p in json.loads(listed.out)} == own and all(p["locked"] and "problem" not in p for p in json.loads(listed.out))
    installed.world.run([linked, "provider", "verify"], env={"DSO_PROVIDER_DIR": found})
    # by the program itself, which finds the script that was installed with it
    rehearsed = installed.world.run([linked, "uninstall", "--dry-run"])
    assert str(program) in rehearsed.err and installed.files() == first
    installed.world.run([linked, "uninstall", "--yes"])
    assert installed.files() == []


def test_install_rehearsal_changes_nothing(installed):
    said = installed("install", "--system", "--dry-run")
    assert str(installed.prefix) in said.err and installed.files() == []


def test_install_replaces_a_running_binary(installed, world):
    """Writing into a running program is refused by the kernel ("text file busy"); a rename is not, and the old one runs on."""
    installed("install", "--system")
    target = installed.prefix / "bin" / "dso"
    target.write_bytes(Path("/bin/sleep").read_bytes())
    old = world.start([target, "60"], name="old")
    installed("install", "--system")
    assert old.running() and world.run([target, "version"]).out.startswith("dso version")
    old.stop(expect=-15)


def test_uninstall_leaves_what_is_not_ours(installed):
    installed("install", "--system")
    plugin, other = installed.prefix / "lib/docker/cli-plugins/docker-dso", installed.prefix / "lib/dso/providers/libmine.so"
    plugin.unlink()
    plugin.write_text("#!/bin/sh\n")
    other.write_text("")
    installed("uninstall", "--system", "--yes")
    assert plugin.exists() and other.exists() and not (installed.prefix / "bin" / "dso").exists()


def settings(unit):
    lines = (places.ROOT / "scripts" / "systemd" / unit).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def test_the_units_fit_together():
    """The agent has a mount namespace of its own: what the engine is to see is mounted by units on the host's side, before the agent."""
    agent, mounts = settings("dso-agent.service"), ["run-dso-secrets.mount", "run-dso-readonly.mount"]
    assert all(m in agent[key].split() for m in mounts for key in ("Wants", "After"))
    for mount in mounts:  # systemd takes a mount unit by its name only
        assert settings(mount)["Where"] == "/" + mount.removesuffix(".mount").replace("-", "/") and settings(mount)["Before"] == "docker.service"
    assert settings(mounts[0])["Options"].split(",")[:3] == ["nosuid", "nodev", "noexec"] and "ro" in settings(mounts[1])["Options"].split(",")
    assert agent["Before"] == "docker.service" and agent["Type"] == "notify" and agent["Restart"] == "always" and "WatchdogSec" in agent
    assert agent["ExecStart"] == "/usr/local/bin/dso agent"
    # … and it has no network but by the dialer, which comes and goes with it
    socket, dialer = settings("dso-dialer.socket"), settings("dso-dialer.service")
    assert all("dso-dialer.socket" in agent[key].split() for key in ("Wants", "After")) and "INET" not in agent["RestrictAddressFamilies"]
    assert agent["Environment"] == "DSO_DIALER=" + socket["ListenSequentialPacket"] and socket["SocketMode"] == "0600"
    assert socket["PartOf"] == dialer["PartOf"] == "dso-agent.service" and dialer["CapabilityBoundingSet"] == "" and dialer["DynamicUser"] == "yes"
    # … and the engine's socket is there while the agent is not: by no PartOf=, which would close it with every new start of the agent
    plugin = settings("dso-plugin.socket")
    assert all("dso-plugin.socket" in agent[key].split() for key in ("Wants", "After")) and plugin["Service"] == "dso-agent.service"
    assert plugin["ListenStream"] == "/run/docker/plugins/dso.sock" and plugin["SocketMode"] == "0600" and "PartOf" not in plugin
    assert agent["ExecReload"] == "/usr/local/bin/dso agent --reload"
