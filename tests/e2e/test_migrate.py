"""`dso migrate` and `dso env import`: from a compose file and .env to the store, with nothing of a value on a disk but in the originals, which
are not written to; and what `env export` prints is what Compose and `docker run --env-file` read."""
import json
import string
from pathlib import Path

import pytest

BUSYBOX = "dso-test/busybox:1"
COMPOSE = f"""
services:
  api:
    image: {BUSYBOX}    # a comment that stays
    command: ["sleep", "600"]
    env_file: api.env
    environment:
      DB_PASSWORD: ${{DB_PASSWORD}}
      DATABASE_URL: "postgres://app:${{DB_PASSWORD}}@db/app"
      LOG_LEVEL: info
"""


@pytest.fixture
def originals(world, dso):
    """The compose file and its env files; gone before the disks are looked at, as they say that they should be."""
    dso("init")
    texts = {}

    def write(**files):
        for name, text in files.items():
            path = world.work / name.replace("dot__", ".").replace("__", ".")
            path.write_text(text)
            texts[path] = text
    yield write
    for path, text in texts.items():
        assert path.read_text() == text, f"{path.name} was written to"
        path.unlink()


def environment(docker, container):
    """What the program in it has, which docker inspect does not show."""
    return dict(entry.split("=", 1) for entry in docker("exec", container, "sh", "-c", "tr '\\0' '\\n' < /proc/1/environ").out.splitlines() if "=" in entry)


def test_a_compose_project(originals, world, dso, docker, canary):
    password, token = canary(env=True), canary(env=True)
    originals(compose__yaml=COMPOSE, dot__env=f"DB_PASSWORD={password}\n", api__env=f"TOKEN='{token}'\nPORT=80\n")
    plan = json.loads(dso("migrate", "--dry-run", "--format", "json").out)
    assert not (world.work / "compose.dso.yaml").exists() and dso("secret", "list", "--quiet").out == ""
    project = docker.project("migrate")
    done = dso("migrate", "--name-prefix", "shop")
    for said in (json.dumps(plan), done.out, done.err):
        assert password not in said and token not in said
    copy = (world.work / "compose.dso.yaml").read_text()
    assert "# a comment that stays" in copy and "LOG_LEVEL: info" in copy and "DB_PASSWORD: dso://shop/api#DB_PASSWORD" in copy
    dso("up", "-p", project, "-f", "compose.dso.yaml", "-d", timeout=120)
    container = docker("ps", "-q", "--filter", f"label=com.docker.compose.project={project}").out.strip()
    seen = environment(docker, container)
    assert (seen["DB_PASSWORD"], seen["TOKEN"], seen["PORT"], seen["LOG_LEVEL"]) == (password, token, "80", "info")
    assert seen["DATABASE_URL"] == f"postgres://app:{password}@db/app"
    inspected = json.dumps(docker.inspect(container))
    assert password not in inspected and token not in inspected
    assert docker.inspect(container)[0]["Config"]["Labels"]["dso.reloader"] == "true"
    dso("down", "-p", project, "-f", "compose.dso.yaml", "-t", "0", timeout=120)


def test_an_env_file(originals, world, dso, docker, canary):
    password = canary(env=True)
    originals(dot__env=f"DB_PASSWORD={password}\nPORT=80\n")
    said = dso("env", "import", ".env", "--name", "shop/env")
    assert password not in said.out + said.err
    name = docker.name("env")
    dso("run", "-d", "--name", name, "--secret", "shop/env:", BUSYBOX, "sleep", "600", timeout=60)
    seen = environment(docker, name)
    assert (seen["DB_PASSWORD"], seen["PORT"]) == (password, "80")


def test_a_failed_write_leaves_everything_as_it_was(originals, world, dso, canary):
    """The copy can be written and then the store, which is larger, cannot: the copy is taken back."""
    originals(compose__yaml=f"services:\n  api:\n    image: x\n    environment:\n      API_KEY: {canary()}\n")
    dso("secret", "set", "large", input="x" * 200_000)
    before, copy = (world.store / "store.enc").read_bytes(), world.work / "compose.dso.yaml"
    limited = f"ulimit -f 128; trap '' XFSZ; exec {dso.bin} migrate"  # in blocks of 512 bytes
    failed = world.run(["sh", "-c", limited], check=False)
    assert failed.rc == 1 and "store.enc" in failed.err, failed.err
    assert not copy.exists() and (world.store / "store.enc").read_bytes() == before
    copy.write_text("mine")
    world.run(["sh", "-c", limited + " --force"], check=False)
    assert copy.read_text() == "mine"
    copy.unlink()
    dso("migrate")
    assert copy.exists()


def test_what_is_exported_reads_the_same_again(dso, world, docker):
    values = {"ALL": string.punctuation, "QUOTES": "it's \"so\" \\n $HOME ${X} `id`", "BLANKS": " a\tb  ", "HASH": "#a #b", "EMPTY": "", "UTF": "ä€\u00a0",
              "BACKSLASH": "\\", "DOLLARS": "a$$b$", "APOSTROPHE": "'", "QUOTE": '"a"', "COLON": "a: b", "EXPORT": "export X=1", "MINUS": "-"}
    dso("init")
    for name, value in values.items():
        dso("secret", "set", f"shop/env#{name}", "--raw", "--allow-empty", input=value)
    lines = dso("env", "export", "shop/env", "--reveal").out
    dso("env", "import", "-", "--name", "again", input=lines)
    assert json.loads(dso("secret", "get", "again", "--format", "json").out)["fields"] == values
    raw = dso("env", "export", "shop/env", "--reveal", "--raw").out
    dso("env", "import", "-", "--name", "raw", "--raw", input=raw)
    assert json.loads(dso("secret", "get", "raw", "--format", "json").out)["fields"] == values
    (world.work / "raw.env").write_text(raw)
    seen = docker("run", "--rm", "--env-file", world.work / "raw.env", BUSYBOX, "env").out
    # it is on a disk only where the caller sends it, and then it says so
    for folder in (world.work, "/dev/shm"):
        where = world.run(["stat", "-f", "-c", "%T", folder]).out.strip()
        said = world.run(["sh", "-c", f"exec {dso.bin} env export shop/env --reveal > {folder}/{world.id}.env"]).err
        assert ("stdout is a file on a disk" in said) == (where not in ("tmpfs", "ramfs")), (where, said)
        (Path(folder) / f"{world.id}.env").unlink()
    assert f"ALL={string.punctuation}\n" in seen and "BLANKS= a\tb  \n" in seen
