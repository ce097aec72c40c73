"""DSO and the `docker` that it starts go to one engine: the one that `docker` alone would use; one of another host is refused by name."""
import hashlib
import json
import os

import pytest
from harness import places

BUSYBOX = "dso-test/busybox:1"
SOCKET = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")


@pytest.fixture
def context(world):
    """context(NAME, HOST, current=True) makes one, as `docker context create` and `use` write it."""
    def make(name, host, current=True):
        folder = world.docker_config / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}))
        if current:
            (world.docker_config / "config.json").write_text(json.dumps({"currentContext": name}))

    return make


NO_HOST = {"DOCKER_HOST": None}


def commands(world):
    (world.work / "compose.yaml").write_text(f"services:\n  a:\n    image: {BUSYBOX}\n    environment: {{DB: 'dso://db'}}\n")
    return [("run", "--rm", "--secret", "db:V", BUSYBOX, "true"), ("up", "-d"), ("compose", "run", "--rm", "a", "true"), ("compose", "exec", "a", "true"),
            ("exec", "c", "true"), ("inspect", "c"), ("plan",), ("status",)]


@pytest.mark.parametrize("host", ["tcp://admin:hunter2@127.0.0.1:2375", "ssh://admin:hunter2@127.0.0.1"])
def test_an_engine_of_another_host_is_refused_by_name(dso, canary, context, world, host):
    dso("init")
    dso.set("db", canary(env=True))
    context("other", host)
    for command in commands(world):
        done = dso(*command, check=False, env=NO_HOST)
        assert done.rc == 7 and "the Docker context 'other'" in done.err and "docker context use default" in done.err, done
        assert "hunter2" not in done.err and "127.0.0.1" in done.err, done
    assert dso.scopes() == []
    doctor = dso("doctor", "engine", check=False, env=NO_HOST)
    assert "the Docker context 'other'" in doctor.out and "hunter2" not in doctor.out, doctor
    # what the error advises
    assert dso("run", "--rm", "--secret", "db:V", BUSYBOX, "echo", "x", env={**NO_HOST, "DOCKER_CONTEXT": "default"}).out == "x\n"
    assert dso("run", "--rm", "--secret", "db:V", BUSYBOX, "echo", "x", env={"DOCKER_HOST": SOCKET}).out == "x\n"


def test_a_context_of_this_host_is_used_by_both_halves(dso, docker, canary, context, world, tmp_path):
    """By another path than the usual one, so that it is seen who was asked."""
    dso("init")
    dso.set("db", canary(env=True))
    link = f"/run/dso-test-{world.id}.sock"
    os.symlink(SOCKET.removeprefix("unix://"), link)
    try:
        context("mine", f"unix://{link}")
        context("far", "tcp://127.0.0.1:1", current=False)
        seen = world.home / "seen"
        wrapper = world.home / "bin" / "docker"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\necho "$DOCKER_HOST $DOCKER_CONTEXT" >> {seen}\nexec {places.DOCKER} "$@"\n')
        wrapper.chmod(0o755)
        path = {"PATH": f"{wrapper.parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        for env in ({}, {"DOCKER_CONTEXT": "mine"}, {"DOCKER_HOST": f"unix://{link}", "DOCKER_CONTEXT": "far"}, {"DOCKER_HOST": ""}):
            seen.unlink(missing_ok=True)
            done = dso("run", "--rm", "--secret", "db:V", BUSYBOX, "echo", "x", env={**NO_HOST, **path, **env})
            assert done.out == "x\n" and seen.read_text() == f"unix://{link} \n", (env, seen.read_text())
        # docker's own flags, where dso is its plugin: a context that is asked for counts before DOCKER_HOST
        for flags, env in ((["--context", "mine"], {"DOCKER_HOST": "tcp://127.0.0.1:1"}), (["-c", "mine"], NO_HOST),
                           (["-H", f"unix://{link}"], NO_HOST), ([f"-Hunix://{link}"], {"DOCKER_HOST": "tcp://127.0.0.1:1"})):
            seen.unlink(missing_ok=True)
            done = docker(*flags, "dso", "run", "--rm", "--secret", "db:V", BUSYBOX, "echo", "x", env={**env, **path})
            assert done.out == "x\n" and seen.read_text() == f"unix://{link} \n", (flags, seen.read_text())
        done = docker("--context", "far", "dso", "run", "--rm", "--secret", "db:V", BUSYBOX, "echo", "x", env=NO_HOST, check=False)
        assert done.rc == 7 and "the Docker context 'far'" in done.err, done
    finally:
        os.unlink(link)


def test_a_context_that_is_not_there(dso, canary, context, world):
    dso("init")
    dso.set("db", canary(env=True))
    for command in commands(world):
        done = dso(*command, check=False, env={**NO_HOST, "DOCKER_CONTEXT": "nobody"})
        assert done.rc == 7 and "'nobody'" in done.err and "there is none of that name" in done.err, done
    assert dso.scopes() == []


def test_a_projects_env_file_does_not_part_them(dso, docker, canary, world):
    """Compose takes DOCKER_HOST from there; DSO's half would not."""
    dso("init")
    dso.set("db", canary(env=True))
    project = docker.project("p")
    commands(world)
    (world.work / ".env").write_text("DOCKER_HOST=tcp://127.0.0.1:1\n")
    done = dso("compose", "-p", project, "run", "--rm", "a", "sh", "-c", "echo ${DB:+there}", env=NO_HOST, timeout=120)
    assert done.out == "there\n", done


def test_a_run_dir_is_one_engines(dso, docker, canary, world, tmp_path):
    """Another engine knows none of its containers, and would have their secrets wiped: refused, whoever asks."""
    dso("init")
    value = canary()
    dso.set("db", value)
    name = docker.name()
    dso("run", "-d", "--name", name, "--secret", "db=/run/s/db", BUSYBOX, "sleep", "60")
    note = dso.run_dir / "engine"
    engine_id = docker("info", "-f", "{{.ID}}").out
    assert note.read_text() == f"{engine_id}{SOCKET.removeprefix('unix://')}\n"
    note.write_text("ANOTHER\n/run/another.sock\n")
    done = dso("run", "--rm", "--secret", "db:V", BUSYBOX, "true", check=False)
    assert done.rc == 2 and "of another engine, at /run/another.sock" in done.err and str(note) in done.err, done
    commands(world)
    assert dso("up", "-d", check=False).rc == 2
    dso("down", "-p", docker.project("p"))
    assert len(dso.scopes()) == 1 and docker.container(name).read("/run/s/db") == value
    note.unlink()  # what the error advises
    dso("run", "--rm", "--secret", "db:V", BUSYBOX, "true")
    assert note.read_text().startswith(engine_id)
