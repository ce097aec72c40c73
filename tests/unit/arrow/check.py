#!/usr/bin/env python3
"""The arrow between the folders of core/ holds: an include against it does not compile, and none is written.

    tests/unit/arrow/check.py [--junit FILE]

Reads the build in no way: the include folders are made anew in a temporary folder, as cmake/DsoTarget.cmake makes them."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))
from junit import Suite  # noqa: E402

CORE = ROOT / "core"


def uses():
    """folder -> the folders that it names under USES."""
    table = {}
    for lists in sorted(CORE.glob("*/CMakeLists.txt")):
        match = re.search(r"dso_library\(\s*(\w+)([^)]*)\)", lists.read_text())
        if match:
            words = re.split(r"\b(?:LINK|LINK_PUBLIC)\b", match[2])[0].split()
            table[match[1]] = [w for w in words if w != "USES"]
    return table


def reachable(table, folder):
    """Itself and whatever it sees through others, as CMake hands include folders on."""
    seen, todo = set(), [folder]
    while todo:
        f = todo.pop()
        if f not in seen:
            seen.add(f)
            todo += table.get(f, [])
    return seen


def compiles(table, folder, header):
    with tempfile.TemporaryDirectory() as tmp:
        flags = []
        for f in reachable(table, folder):
            (Path(tmp) / f).mkdir()
            (Path(tmp) / f / f).symlink_to(CORE / f)
            flags.append(f"-I{tmp}/{f}")
        done = subprocess.run(["g++", "-std=c++20", "-fsyntax-only", "-x", "c++", *flags, "-"], input=f'#include "{header}"\n'.encode(),
                              stderr=subprocess.PIPE, check=False)
        return done.returncode == 0, done.stderr.decode()


FUNCTION = re.compile(r"^(?:\[\[\w+\]\] |inline |constexpr )*[A-Za-z_][\w:<>,&* ]*?[ &*](\w+)\(", re.M)
UNNAMED = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.S | re.M)


def code(text):
    """Without comments and texts."""
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', re.sub(r"//(?! namespace$)[^\n]*", "", text, flags=re.M))


def hidden_functions(folder):
    """Files are compiled together (cmake/DsoUnity.cmake): a helper of one, in its unnamed namespace, can hide a header's function from
    another."""
    files = {file: file.read_text() for file in sorted(folder.glob("*.cpp"))}
    helpers = {file: {n for part in UNNAMED.findall(code(text)) for n in FUNCTION.findall(part)} for file, text in files.items()}
    for file, text in files.items():
        for header in re.findall(r'^#include "([\w/]+\.h)"', text, re.M):
            found = next((p for p in (CORE / header, folder / header, folder.parent / header) if p.is_file()), None)
            declared = set(FUNCTION.findall(code(found.read_text()))) if found else set()
            for name in sorted(n for n in declared - helpers[file] if re.search(rf"(?<![\w.>:~]){n}\(", code(text))):
                for other in files:
                    if name in helpers[other]:
                        yield f"{other.relative_to(ROOT)} has its own {name}(), which {file.name} calls of {header}"


def main():
    suite, table = Suite("arrow"), uses()

    def a_header_below_compiles():
        ok, why = compiles(table, "model", "base/result.h")
        assert ok, why

    def a_header_above_does_not():
        ok, why = compiles(table, "base", "agent/paths.h")
        assert not ok and "agent/paths.h: No such file" in why, why or "it compiled"

    def nobody_is_seen_by_what_it_uses():
        for folder in table:
            for below in reachable(table, folder) - {folder}:
                assert folder not in reachable(table, below), f"{folder} and {below} use each other"

    def logic_sees_only_base_and_model():
        assert reachable(table, "logic") == {"logic", "base", "model"}, reachable(table, "logic")

    def includes_are_listed(folder):
        allowed = {folder, *table[folder]}
        for file in sorted(p for p in (CORE / folder).rglob("*") if p.suffix in (".h", ".cpp")):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = re.match(r'\s*#\s*include\s+"(\w+)/', line)
                if match and match[1] in table:
                    assert match[1] in allowed, f"{file.relative_to(ROOT)}:{number} includes {match[1]}/, which core/{folder}/CMakeLists.txt does not list"

    def providers_see_only_the_sdk():
        for file in sorted(p for p in (ROOT / "providers").rglob("*") if p.suffix in (".h", ".cpp")):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = re.match(r'\s*#\s*include\s+"(\w+)/', line)
                assert not (match and match[1] in table), f"{file.relative_to(ROOT)}:{number} includes {match[1]}/: a provider sees dso/ only"

    def no_helper_hides_a_function():
        folders = [*(CORE / f for f in table), ROOT / "cli", *(p for p in sorted((ROOT / "providers").iterdir()) if p.is_dir())]
        found = [line for folder in folders for line in hidden_functions(folder)]
        assert not found, "\n".join(found)

    for check in (a_header_below_compiles, a_header_above_does_not, nobody_is_seen_by_what_it_uses, logic_sees_only_base_and_model,
                  providers_see_only_the_sdk, no_helper_hides_a_function):
        suite.run(check.__name__, check)
    for folder in table:
        suite.run(f"includes_of_{folder}_are_listed", lambda f=folder: includes_are_listed(f))
    return suite.finish()


sys.exit(main())
