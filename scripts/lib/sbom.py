#!/usr/bin/env python3
"""The bundle's SBOM (SPDX 2.3, JSON) on stdout: DSO's own files, and every library that was linked into them, read from the build's own
link commands and from the package database that the library came from. What it cannot attribute is an error: nothing is left out silently.

    scripts/lib/sbom.py --build build/release --version 0.1.0 --arch amd64 --bundle FOLDER
"""
import argparse
import datetime
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

# by the name of Debian's source package: what it is called upstream, its licence, who makes it
KNOWN = [
    (r"boost[\d.]*", "boost", "BSL-1.0", "Organization: Boost"),
    (r"openssl", "openssl", "Apache-2.0", "Organization: OpenSSL"),
    (r"yaml-cpp", "yaml-cpp", "MIT", "Person: Jesse Beder"),
    (r"gcc-\d+(-cross)?", "gcc-runtime", "GPL-3.0-or-later WITH GCC-exception-3.1", "Organization: GNU Project"),
    (r"glibc|cross-toolchain-base", "glibc", "LGPL-2.1-or-later", "Organization: GNU Project"),
    (r"musl", "musl", "MIT", "Organization: musl libc"),
]
RUNTIME = ("libstdc++.a", "libgcc.a", "libgcc_eh.a")  # what -static-libstdc++ -static-libgcc bring


def output(*argv):
    return subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, check=True).stdout.decode()


def digest(path, kind="sha256"):
    return hashlib.new(kind, Path(path).read_bytes()).hexdigest()


class Packages:
    """Which package and version a file is of. A sysroot has a database of its own; the cross compiler is of this machine's."""

    def __init__(self, sysroot):
        self.sysroot = sysroot

    def of(self, file):
        file, admin = os.path.realpath(file), []
        if self.sysroot and file.startswith(self.sysroot + "/"):
            admin, file = [f"--admindir={self.sysroot}/var/lib/dpkg"], file[len(self.sysroot):]
        # before Debian merged /lib into /usr/lib, a package's list says the shorter name
        for name in (file, file.removeprefix("/usr")):
            found = subprocess.run(["dpkg-query", *admin, "-S", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            if found.returncode == 0:
                package = found.stdout.decode().split(": ")[0].split(",")[0]
                break
        else:
            sys.exit(f"error: no package owns {file}: the SBOM would not say where it comes from")
        form = "${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${Maintainer}\\n"
        facts = output("dpkg-query", *admin, "-W", "-f", form, package).splitlines()[0].split("\t")
        files = Path(admin[0].split("=")[1] if admin else "/var/lib/dpkg") / "info"
        listed = next(p for p in (files / f"{package}.md5sums", files / f"{facts[0]}.md5sums") if p.exists())
        return dict(zip(("package", "version", "arch", "source", "maintainer"), facts), manifest=digest(listed))


def linked(build, target, compiler):
    """The static libraries of one product, as its link command names them."""
    command = output("ninja", "-C", build, "-t", "commands", target).splitlines()[-1]
    words = shlex.split(command)
    archives = {w for w in words if w.startswith("/") and w.endswith(".a")}
    # OpenSSL's, of which cmake/DsoDependencies made a copy without unwind tables
    archives |= {output(*compiler, f"-print-file-name={Path(w).name}").strip() for w in words if w.startswith("lean/")}
    if "-static-libstdc++" in words:
        archives |= {output(*compiler, f"-print-file-name={name}").strip() for name in RUNTIME}
    return sorted(archives)


class Document:
    def __init__(self, packages, distro):
        self.packages, self.distro = packages, distro
        self.components, self.files, self.relations = {}, [], []

    def component(self, file, header_only=False):
        """The SPDX package of one library; of a header-only one `file` is any of its headers."""
        facts = self.packages.of(file)
        known = next((k for k in KNOWN if re.fullmatch(k[0], facts["source"])), None)
        if not known:
            sys.exit(f"error: {file} is of the source package {facts['source']}, whose licence scripts/lib/sbom.py does not know")
        what = facts["package"] if header_only else Path(file).name
        ident = "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.]+", "-", f"{facts['package']}-{what}" if not header_only else what)
        if ident not in self.components:
            entry = {
                "SPDXID": ident, "name": known[1], "versionInfo": facts["version"], "supplier": supplier(facts["maintainer"]), "originator": known[3],
                "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": known[2], "licenseDeclared": known[2],
                "copyrightText": "NOASSERTION", "sourceInfo": f"Debian package {facts['package']} of source {facts['source']}",
                "checksums": [{"algorithm": "SHA256", "checksumValue": facts["manifest"] if header_only else digest(file)}],
                "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator":
                                  f"pkg:deb/{self.distro[0]}/{facts['package']}@{purl(facts['version'])}?arch={facts['arch']}&distro={self.distro[1]}"}],
                "comment": "Headers compiled in; the checksum is that of the package's list of its files." if header_only
                           else "Linked in statically; the checksum is that of the library's archive.",
            }
            if not header_only:
                entry["packageFileName"] = what
            self.components[ident] = entry
        return ident

    def relate(self, one, kind, other):
        entry = {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
        if entry not in self.relations:
            self.relations.append(entry)

    def file(self, bundle, name):
        ident = "SPDXRef-File-" + re.sub(r"[^A-Za-z0-9.]+", "-", name)
        self.files.append({
            "SPDXID": ident, "fileName": "./" + name, "fileTypes": ["BINARY"], "licenseConcluded": "NOASSERTION",
            "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION",
            "checksums": [{"algorithm": "SHA1", "checksumValue": digest(bundle / name, "sha1")},
                          {"algorithm": "SHA256", "checksumValue": digest(bundle / name)}]})
        return ident

    def product(self, bundle, name, archives, headers):
        ident = self.file(bundle, name)
        for archive in archives:
            self.relate(ident, "STATIC_LINK", self.component(archive))
        for header in headers:
            self.relate(ident, "STATIC_LINK", self.component(header, header_only=True))


def purl(version):
    return version.replace("%", "%25").replace("+", "%2B").replace(":", "%3A")


def supplier(maintainer):
    name, _, mail = maintainer.partition(" <")
    return f"Organization: {name} ({mail.rstrip('>')})" if mail else f"Organization: {name}"


def cache(build):
    lines = (build / "CMakeCache.txt").read_text().splitlines()
    return {k.partition(":")[0]: v for k, _, v in (line.partition("=") for line in lines) if ":" in k}


def main():
    parser = argparse.ArgumentParser()
    for option in ("build", "version", "arch", "bundle"):
        parser.add_argument("--" + option, required=True, type=Path if option in ("build", "bundle") else str)
    options = parser.parse_args()
    build, bundle = options.build, options.bundle
    facts = cache(build)
    cross = "CMAKE_TOOLCHAIN_FILE" in facts
    sysroot = os.path.realpath(facts["Boost_INCLUDE_DIR"].removesuffix("/usr/include")) if cross else ""
    compiler = ["aarch64-linux-gnu-g++", f"--sysroot={sysroot}"] if cross else ["c++"]
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    document = Document(Packages(sysroot), (release["ID"].strip('"'), release.get("VERSION_CODENAME", "unknown").strip('"')))

    boost = f"{sysroot}/usr/include/boost/version.hpp"
    document.product(bundle, "bin/dso", linked(build, "dso", compiler), [boost])
    for so in sorted((bundle / "providers").glob("*.so")):
        target = "dso_provider_" + so.stem.removeprefix("libdso_provider_")
        document.product(bundle, "providers/" + so.name, linked(build, target, compiler), [boost])
    # the program inside the program
    musl = f"{sysroot}/usr/lib/{'aarch64' if cross else 'x86_64'}-linux-musl/libc.a"
    if cross or facts.get("DSO_MUSL_GCC", "").endswith("musl-gcc"):
        document.relate(document.files[0]["SPDXID"], "STATIC_LINK", document.component(musl))
    # the one library that is not inside
    triple = "aarch64-linux-gnu" if cross else output("c++", "-print-multiarch").strip()
    # (a sysroot is no merged system: there its own /lib has it)
    glibc = document.component(next(p for p in (f"{sysroot}/usr/lib/{triple}/libc.so.6", f"{sysroot}/lib/{triple}/libc.so.6") if os.path.exists(p)))
    document.components[glibc]["comment"] = "Not in the bundle: the host's own glibc is used. This is the one that was linked against."
    for file in document.files:
        document.relate(file["SPDXID"], "DYNAMIC_LINK", glibc)

    own = {"SPDXID": "SPDXRef-Package-dso", "name": "dso", "versionInfo": options.version, "supplier": "Organization: DSO", "downloadLocation": "NOASSERTION",
           "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
           "primaryPackagePurpose": "APPLICATION",
           "checksums": [{"algorithm": "SHA256", "checksumValue": digest(bundle / "bin/dso")}],
           "comment": "The checksum is that of bin/dso."}
    document.relate("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"])
    for file in document.files:
        document.relate(file["SPDXID"], "GENERATED_FROM", own["SPDXID"])
    body = {"packages": [own, *(document.components[k] for k in sorted(document.components))], "files": document.files,
            "relationships": document.relations}
    name = f"dso-{options.version}-{options.arch}"
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    unique = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
    head = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
            "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{unique}",
            "creationInfo": {"created": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: dso-scripts-bundle"]}}
    print(json.dumps({**head, **body}, indent=1))


main()
