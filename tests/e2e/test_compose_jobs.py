"""`dso compose ARGS…`: every command of `docker compose` with the secrets of what it starts; and where a reference would be passed on as text."""
import json
import os

import pytest
from harness import engine_api
from harness.terminal import Terminal
from test_compose import Project

BUSYBOX = "dso-test/busybox:1"
TEXT = f"""
services:
  api:
    image: {BUSYBOX}
    command: ["sleep", "60"]
    environment: {{PW: "dso://db#password", F: "dsofile://db#password", PLAIN: "1"}}
    labels: {{dso.reloader: "true"}}
    depends_on: [dep]
  dep:
    image: {BUSYBOX}
    command: ["sleep", "60"]
    environment: {{DEP: "dso://db#password"}}
  lone:
    image: {BUSYBOX}
    command: ["sleep", "60"]
    environment: {{X: "dso://nobody"}}
    profiles: [lone]
"""


class Jobs(Project):
    def compose(self, *args, **kw):
        return self.dso("compose", "-p", self.name, *args, timeout=120, **kw)


@pytest.fixture
def project(dso, docker, canary):
    dso("init")
    p = Jobs(dso, docker)
    p.value = canary(env=True)
    dso.set("db#password", p.value)
    p.write(TEXT)
    yield p
    p.compose("--profile", "*", "down", "-t", "0", "--volumes")


SHOW = 'echo "${#PW} $(cat $F | wc -c) $PLAIN $$"'


def test_a_one_off_job(project, dso):
    """Its variables and files, its exit code, its input; what it depends on is started with secrets of its own."""
    n = len(project.value)
    done = project.compose("run", "--rm", "api", "sh", "-c", SHOW)
    assert done.out == f"{n} {n} 1 1\n", done
    dep, = project.ids("dep")
    assert f"DEP={project.value}" in project.exec("dep", "cat", "/proc/1/environ").split("\0")
    assert project.compose("run", "--rm", "-T", "api", "cat", input="hello\n").out == "hello\n"
    assert project.compose("run", "--rm", "--no-deps", "api", "sh", "-c", "exit 42", check=False).rc == 42
    assert project.compose("run", "--rm", "--entrypoint", "sh -c", "api", SHOW).out == f"{n} {n} 1 1\n"
    assert project.compose("run", "--rm", "--user", "1000", "-p", "80", "api", "sh", "-c", "echo ${#PW} $(stat -Lc %u $F)").out == f"{n} 1000\n"
    assert project.ids("dep") == [dep] and project.ids("api") == []


def test_a_one_off_container_is_nobodys_to_replace(project, docker):
    project.compose("run", "-d", "--no-deps", "--name", docker.name("job"), "api")
    job = project.inspect("api")
    assert job["Config"]["Labels"]["dso.reloader"] == "false" and job["Config"]["Labels"]["com.docker.compose.oneoff"] == "True"
    assert "dso://" not in json.dumps(job) and project.ids("dep") == []


def test_a_job_on_a_terminal(project, world):
    t = Terminal([project.dso.bin, "compose", "-p", project.name, "run", "--rm", "--no-deps", "api", "sh"], env=world.env(), cwd=project.dir)
    t.wait("# ", deadline=60)
    t.keys("tty; echo $((${#PW} + 1000)); exit 5\n")
    t.wait("/dev/pts/")
    t.wait(str(len(project.value) + 1000))
    assert t.end() == 5


def test_exec_sees_the_variables(project):
    project.up()
    n = len(project.value)
    assert project.compose("exec", "-T", "api", "sh", "-c", "echo ${#PW}").out == f"{n}\n"
    assert project.compose("exec", "-T", "-e", "A=b", "api", "sh", "-c", "echo ${#PW} $A").out == f"{n} b\n"
    done = project.compose("exec", "-T", "-e", "A=dso://db#password", "api", "env", check=False)
    assert done.rc == 2 and "dso://" in done.err and done.out == "", done


def test_create_scale_and_up_make_the_same_container(project):
    project.compose("create")
    created = project.ids()
    assert len(created) == 2 and not project.inspect("api")["State"]["Running"]
    project.compose("up", "-d")
    assert project.ids() == created and f"PW={project.value}" in project.exec("api", "cat", "/proc/1/environ").split("\0")
    project.compose("scale", "--no-deps", "api=2")
    api = project.ids("api")
    assert len(api) == 2 and set(created) <= set(project.ids())
    for one in api:
        assert f"PW={project.value}" in project.docker("exec", one, "cat", "/proc/1/environ").out.split("\0")
        assert "dso://" not in json.dumps(project.docker.inspect(one))
    assert project.compose("ps", "-q", "dep").out.split() == project.ids("dep")
    project.up()
    assert set(created) <= set(project.ids()), "`dso up` finds nothing to change"
    project.compose("down", "-t", "0")
    assert project.ids() == [] and project.dso.scopes() == []


def test_watch_makes_the_new_container_with_its_secrets(project, docker, wait_until):
    docker.images.append(f"{project.name}-w")
    project.write(f"FROM {BUSYBOX}\nCOPY version /version\n", "Dockerfile")
    project.write("1", "version")
    project.write("services:\n  w:\n    build: .\n    command: [sleep, '60']\n    environment: {PW: 'dso://db#password'}\n"
                  "    develop: {watch: [{action: rebuild, path: ./version}]}\n", "compose.yaml")
    old = {"DOCKER_BUILDKIT": "0"}
    proc = project.dso.start("compose", "-p", project.name, "watch", env=old)
    proc.wait_line("(?i)watch enabled", 120)
    first, = project.ids("w")
    docker.images.append(project.inspect("w")["Image"])  # without a name once the next one has it
    project.write("2", "version")
    wait_until(lambda: project.ids("w") not in ([first], []) and project.inspect("w")["State"]["Running"], 120, "watch made it anew")
    assert f"PW={project.value}" in project.exec("w", "cat", "/proc/1/environ").split("\0")
    proc.signal(2)
    proc.proc.wait(60)


def test_no_deps_fetches_for_what_it_starts(project):
    project.write(TEXT.replace("DEP: \"dso://db#password\"", "DEP: \"dso://nobody\""))
    assert project.up(check=False).rc == 4
    project.up("--no-deps", "api")
    assert len(project.ids("api")) == 1 and project.ids("dep") == [] and len(project.dso.scopes()) == 1
    project.compose("run", "--rm", "--no-deps", "api", "true")
    assert project.compose("run", "--rm", "api", "true", check=False).rc == 4


def test_everything_else_is_composes_own(project, docker):
    for words in (["ps", "--no-such-flag"], ["version"], ["ls", "-q"], ["config", "--services"], ["run"], ["nonsense"], ["--help"]):
        theirs, ours = docker("compose", "-p", project.name, *words, check=False, cwd=project.dir), project.compose(*words, check=False)
        assert (ours.rc, ours.out, ours.err) == (theirs.rc, theirs.out, theirs.err)


@pytest.mark.parametrize("words", [["run", "--rm", "-e", "A=dso://db#password", "api", "env"], ["run", "--rm", "-eOURS", "api", "env"],
                                   ["run", "--rm", "--env-from-file", "one.env", "api", "env"], ["run", "--rm", "api", "echo", "x:dso://db"],
                                   ["run", "--rm", "-l", "x=dsofile://db", "api", "env"]])
def test_references_that_are_typed_are_refused(project, words):
    project.write("A=dso://db#password\n", "one.env")
    done = project.compose(*words, check=False, env={"OURS": "dso://db#password"})
    assert done.rc == 2 and "passed on as text" in done.err and "`environment:`" in done.err and done.out == "", done
    assert project.ids() == [] and project.dso.scopes() == []


@pytest.mark.parametrize("section", ["secrets", "configs"])
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_content_from_a_variable_that_is_a_reference(project, section, where):
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n    {section}: [s]\n{section}: {{s: {{environment: FROM_ENV}}}}\n")
    env = {"FROM_ENV": "dso://db#password"} if where == "environment" else {}
    if not env:
        project.write("FROM_ENV=dso://db#password\n", ".env")
    for command in (["up", "-d"], ["run", "--rm", "a", "true"], ["create"]):
        done = project.compose(*command, check=False, env=env)
        assert done.rc == 2 and f"`{section}.s` has the content of FROM_ENV" in done.err and "dsofile://db#password" in done.err, done
    assert project.ids() == [] and project.dso.scopes() == []
    # what it advises
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n    environment: {{S_FILE: 'dsofile://db#password'}}\n")
    assert project.compose("run", "--rm", "a", "sh", "-c", "cat $S_FILE | wc -c").out.strip() == str(len(project.value))


def test_content_from_a_plain_variable_is_composes_own(project):
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n    configs: [s]\nconfigs: {{s: {{environment: FROM_ENV}}}}\n")
    project.up(env={"FROM_ENV": "plain"})
    assert project.exec("a", "cat", "/s") == "plain"


def test_hooks(project, wait_until):
    hook = "    post_start:\n      - {{command: {command}, environment: {environment}}}\n"
    project.write(TEXT.replace("    depends_on: [dep]\n", hook.format(command="[env]", environment='["A=dso://db#password"]')))
    done = project.up("--no-deps", "api", check=False)
    assert done.rc == 2 and "post_start[0]" in done.err and "/run/dso/init before its command" in done.err, done
    assert project.ids() == []
    # what it advises
    seen = '["/run/dso/init", "sh", "-c", "echo $${#PW} > /tmp/hook"]'
    project.write(TEXT.replace("    depends_on: [dep]\n", hook.format(command=seen, environment="{}")))
    project.up("--no-deps", "api")
    wait_until(lambda: project.exec("api", "sh", "-c", "cat /tmp/hook || true") == f"{len(project.value)}\n", 20, "the hook saw the variable")


def test_build_arguments(project):
    project.write("services:\n  a:\n    build: {context: ., args: {TOKEN: 'dso://db#password'}}\n")
    done = project.compose("build", check=False)
    assert done.rc == 2 and "build.args.TOKEN" in done.err, done


def test_an_override_that_takes_a_service_away(project):
    """`!reset` of a whole service, by a further file: it is as if it had never been there."""
    project.write("services:\n  dep: !reset null\n  api:\n    depends_on: !reset []\n", "without.yaml")
    files = ["-f", "compose.yaml", "-f", "without.yaml"]
    project.up(*files)
    assert len(project.ids("api")) == 1 and project.ids("dep") == [] and len(project.dso.scopes()) == 1
    done = project.up(*files, "dep", check=False)
    assert done.rc != 0 and "dep" in done.err and "Compose 2.24" not in done.err, done
    project.write("services:\n  dep: !reset null\n", "without.yaml")
    done = project.up(*files, check=False)
    assert done.rc != 0 and "dep" in done.err, done


def test_composes_own_protocol_beside_it(project, docker):
    """A provider of type dso in a project that `dso compose` starts and ends: Compose asks us by the same name."""
    project.write(f"services:\n  secrets:\n    provider: {{type: dso, options: {{secrets: [db]}}}}\n"
                  f"  app: {{image: {BUSYBOX}, command: [sleep, '60'], depends_on: [secrets]}}\n")
    project.compose("up", "-d")
    assert "SECRETS_PASSWORD_FILE=/run/secrets/password" in project.inspect("app")["Config"]["Env"]
    done = project.compose("down", "-t", "0")
    assert project.ids() == [] and "usage" not in done.err, done
    assert engine_api.containers(label=[f"com.docker.compose.project={project.name}"]) == [] and os.path.exists(project.dir / "compose.yaml")
