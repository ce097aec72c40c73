"""The template provider's README, followed: a copy of the folder, renamed, built against the installed headers alone, tested and
installed by the installed program."""
import json
import shutil

import pytest
from harness import places
from harness.markdown import blocks


@pytest.fixture
def installed(world):
    prefix = world.tmp / "prefix"
    world.run([places.ROOT / "scripts" / "install", "--system", "--prefix", prefix])
    return prefix


def commands_of(readme):
    """Its shell blocks, in their order."""
    return [b.text for b in blocks(readme) if b.kind == "sh"]


def test_from_a_copy_to_an_installed_provider(world, installed):
    copy, rename, build, test, install = commands_of((places.ROOT / "providers" / "template" / "README.md").read_text())
    assert copy.startswith("cp -r providers/template ~/mystore")
    tree = world.home / "mystore"
    shutil.copytree(places.ROOT / "providers" / "template", tree)
    env = {"PATH": f"{installed}/bin:/usr/local/bin:/usr/bin:/bin", "DSO_PROVIDER_DIR": world.tmp / "own-providers"}
    build = build.replace("cmake -S . -B build", f"cmake -S . -B build -DDSO_SDK={installed}/include")

    def sh(text):
        return world.run(["/bin/sh", "-eu"], input=text.replace("sudo ", "").encode(), cwd=tree, env=env, timeout=300)

    sh(rename + build)
    tested = sh(test)
    rows = [line.split()[0:3] for line in tested.out.splitlines()]
    assert "failed" not in tested.out and tested.err.count(" 0 failed, ") == 2, tested.out
    assert sum("fields password" in " ".join(line.split()) for line in tested.out.splitlines()) == 1, rows
    done = sh(install)
    assert "mystore 1.0.0" in done.out and "password" in done.out
    listed = json.loads(sh("dso provider list --format json").out)
    assert [(p["name"], p["locked"], "problem" in p) for p in listed] == [("mystore", True, False)]
