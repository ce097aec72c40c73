"""`dso up` and `dso down`: the compose file stays as it is, the secrets are there, a second `up` changes nothing, and one failure starts nothing."""
import json
import os

import pytest
from harness import engine_api
from harness.terminal import Terminal

BUSYBOX = "dso-test/busybox:1"


class Project:
    def __init__(self, dso, docker, stem="p"):
        self.dso, self.docker, self.name = dso, docker, docker.project(stem)
        self.dir = dso.world.work

    def write(self, text, name="compose.yaml"):
        (self.dir / name).write_text(text)
        return self.dir / name

    def up(self, *args, **kw):
        return self.dso("up", "-p", self.name, "-d", *args, timeout=120, **kw)

    def down(self, *args, **kw):
        return self.dso("down", "-p", self.name, "-t", "0", *args, timeout=120, **kw)

    def ids(self, service=None):
        labels = [f"com.docker.compose.project={self.name}"]
        if service:
            labels.append(f"com.docker.compose.service={service}")
        return sorted(c["Id"] for c in engine_api.containers(label=labels))

    def inspect(self, service):
        return self.docker.inspect(*self.ids(service))[0]

    def exec(self, service, *command):
        return self.docker("exec", self.ids(service)[0], *command).out

    def logs(self, service):
        done = self.docker("logs", self.ids(service)[0])
        return done.out + done.err


@pytest.fixture
def project(dso, docker):
    dso("init")
    return Project(dso, docker)


BOTH = f"""
services:
  variable:
    image: {BUSYBOX}
    command: ["sh", "-c", "echo $${{#DB}} characters, pid $$$$; exec sleep 60"]
    environment: {{DB: "dso://myapp/db#password", OTHER: "a$$b"}}
    labels: {{dso.reloader: "true"}}
  file:
    image: {BUSYBOX}
    command: ["sleep", "60"]
    environment: ["DB_FILE=dsofile://myapp/db#password"]
    labels: ["dso.reloader=true"]
  untouched:
    image: {BUSYBOX}
    command: ["sleep", "60"]
"""


def test_variable_and_file(project, canary, dso):
    value = canary(env=True)
    dso.set("myapp/db#password", value)
    path = project.write(BOTH)
    project.up()
    assert path.read_text() == BOTH
    assert project.logs("variable") == f"{len(value)} characters, pid 1\n"
    assert project.exec("file", "sh", "-c", "cat $DB_FILE") == value
    assert "OTHER=a$b" in project.inspect("variable")["Config"]["Env"]
    assert "DB_FILE=/run/secrets/DB_FILE" in project.inspect("file")["Config"]["Env"]
    assert "dso://" not in json.dumps(project.inspect("variable"))
    untouched = project.inspect("untouched")
    assert not untouched["Mounts"] and "dso.scope" not in untouched["Config"]["Labels"]
    assert len(dso.scopes()) == 2
    project.down()
    assert project.ids() == [] and dso.scopes() == []


def test_a_second_up_changes_nothing_and_another_mapping_recreates(project, canary, dso):
    dso.set("myapp/db#password", canary(env=True))
    project.write(BOTH)
    project.up()
    before = {s: project.ids(s) for s in ("variable", "file", "untouched")}
    project.up()
    assert {s: project.ids(s) for s in before} == before
    project.write(BOTH.replace("DB_FILE=", "OTHER_FILE="))
    project.up()
    assert project.ids("variable") == before["variable"] and project.ids("untouched") == before["untouched"]
    assert project.ids("file") != before["file"]
    assert len(dso.scopes()) == 2, "the old scope is gone"


def test_a_new_value_recreates_nothing(project, canary, dso):
    old = canary(env=True)
    dso.set("myapp/db#password", old)
    project.write(BOTH)
    project.up()
    before, new = project.ids(), canary(env=True)
    dso.set("myapp/db#password", new)
    project.up()
    assert project.ids() == before and project.exec("file", "sh", "-c", "cat $DB_FILE") == old, "not under a process that lives"
    project.down()
    project.up()
    assert project.exec("file", "sh", "-c", "cat $DB_FILE") == new
    assert project.logs("variable").startswith(f"{len(new)} characters")


def test_one_missing_secret_starts_nothing(project, canary, dso):
    dso.set("myapp/db#password", canary(env=True))
    project.write(BOTH.replace("dso://myapp/db#password", "dso://nobody"))  # the last service: the one before has been delivered
    done = project.up(check=False)
    assert done.rc == 4 and "service 'variable'" in done.err and "Failed to fetch secret 'nobody'" in done.err, done
    assert project.ids() == [] and dso.scopes() == []


def test_what_compose_refuses_is_composes_own_message(project, docker, dso):
    project.write("services:\n  a: {imag: x}\n")
    theirs = docker("compose", "-p", project.name, "config", check=False)
    ours = project.up(check=False)
    assert (ours.rc, ours.err) == (theirs.rc, theirs.err)


def test_no_file_at_all(project, docker):
    theirs = docker("compose", "-p", project.name, "config", check=False)
    ours = project.up(check=False)
    assert (ours.rc, ours.err) == (theirs.rc, theirs.err)


def test_a_reference_elsewhere_is_an_error(project, dso):
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [echo, 'dso://x']\n")
    done = project.up(check=False)
    assert done.rc == 2 and "service 'a'" in done.err and "command[1]" in done.err, done
    assert project.ids() == []


def test_env_file_with_a_reference(project, canary, dso):
    value = canary(env=True)
    dso.set("db", value)
    project.write("FROM_FILE=dso://db\nPLAIN=1\n", "app.env")
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    env_file: app.env\n    command: [sh, -c, 'echo $${{#FROM_FILE}} $$PLAIN; exec sleep 60']\n")
    project.up()
    assert project.logs("a") == f"{len(value)} 1\n"
    assert "dso://" not in json.dumps(project.inspect("a"))


def test_healthcheck_sees_the_variable(project, canary, dso):
    dso.set("db", canary(env=True))
    project.write(f"""
services:
  a:
    image: {BUSYBOX}
    command: [sleep, "60"]
    environment: {{DB: dso://db}}
    healthcheck: {{test: 'test -n "$$DB"', interval: 1s, retries: 30}}
""")
    project.up("--wait")
    assert project.inspect("a")["State"]["Health"]["Status"] == "healthy"


def test_files_and_project_are_found_as_compose_finds_them(project, canary, dso, docker):
    """From a folder below, with an override file, a .env and a profile."""
    dso.set("db", canary(env=True))
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n    environment: {{DB: 'dso://${{SECRET}}'}}\n"
                  f"  b:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n    profiles: [extra]\n    environment: {{F: 'dsofile://db'}}\n")
    project.write("services:\n  a:\n    hostname: overridden\n", "compose.override.yaml")
    project.write(f"SECRET=db\nCOMPOSE_PROJECT_NAME={project.name}\n", ".env")
    below = project.dir / "sub"
    below.mkdir()
    dso("up", "-d", cwd=below, timeout=120)
    a = project.inspect("a")
    assert a["Config"]["Hostname"] == "overridden" and a["Config"]["Labels"]["com.docker.compose.project.working_dir"] == str(project.dir)
    assert project.ids("b") == []
    dso("up", "-d", "b", cwd=below, timeout=120)
    assert project.exec("b", "sh", "-c", "cat $F")
    dso("down", "-t", "0", "--profile", "extra", cwd=below, timeout=120)
    assert project.ids() == [] and dso.scopes() == []


def test_compose_file_from_the_env_file(project, canary, dso):
    dso.set("db", canary(env=True))
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n", "one.yaml")
    project.write("services:\n  a:\n    environment: {DB: 'dso://db'}\n", "two.yaml")
    project.write("COMPOSE_FILE=one.yaml;two.yaml\nCOMPOSE_PATH_SEPARATOR=;\n", ".env")
    project.up()
    assert "dso.scope" in project.inspect("a")["Config"]["Labels"]


def test_the_users_own_file_on_stdin(project, canary, dso):
    value = canary(env=True)
    dso.set("db", value)
    text = f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sh, -c, 'echo $${{#DB}}; exec sleep 60']\n    environment: {{DB: 'dso://db'}}\n"
    project.up("-f", "-", input=text)
    assert project.logs("a") == f"{len(value)}\n"
    assert project.inspect("a")["Config"]["Labels"]["com.docker.compose.project.working_dir"] == str(project.dir)


def test_replicas_share_a_scope(project, canary, dso):
    dso.set("db", canary(env=True))
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n    environment: {{F: 'dsofile://db'}}\n    deploy: {{replicas: 2}}\n")
    project.up()
    assert len(project.ids("a")) == 2 and len(dso.scopes()) == 1
    project.up("--scale", "a=3")
    assert len(project.ids("a")) == 3 and len(dso.scopes()) == 1


def test_built_image_and_its_user(project, canary, dso, docker):
    value = canary()
    dso.set("db", value)
    docker.images.append(f"{project.name}-a")
    project.write("FROM dso-test/user:1\nENTRYPOINT [\"sh\", \"-c\"]\nCMD [\"stat -Lc %u $F; exec sleep 60\"]\n", "Dockerfile")
    project.write("services:\n  a:\n    build: .\n    environment: {F: 'dsofile://db'}\n")
    project.up()
    assert project.logs("a") == "1000\n"


def grown_old(dso, minutes=10):
    """As if so much time had passed since the scopes were delivered."""
    for scope in dso.scopes():
        folder = dso.run_dir / "secrets" / scope
        state = json.loads((folder / "state.json").read_text())
        for secret in state["delivered"]:
            secret["delivered_at_ms"] -= minutes * 60_000
        (folder / "state.test").write_text(json.dumps(state))
        (folder / "state.test").rename(folder / "state.json")
        then = folder.stat().st_mtime - minutes * 60
        os.utime(folder, (then, then))


@pytest.mark.parametrize("killed", [False, True], ids=["it goes on", "killed, its compose goes on"])
def test_housekeeping_leaves_what_a_long_up_has_delivered(project, canary, dso, docker, wait_until, killed):
    """One service has its secret already while another is being built, for however long: nobody else may wipe the first one's."""
    value = canary()
    dso.set("db", value)
    docker.images.append(f"{project.name}-slow")
    project.write("services:\n  a:\n    image: %s\n    command: [sleep, '60']\n    environment: {F: 'dsofile://db'}\n"
                  "  slow: {build: ., command: [sleep, '60']}\n" % BUSYBOX)
    project.write(f"FROM {BUSYBOX}\nRUN mkfifo /go && cat /go\n", "Dockerfile")
    labels = {"label": [f"com.docker.compose.project={project.name}"]}
    before = {c["Id"] for c in engine_api.containers()}
    up = dso.start("up", "-p", project.name, "-d", env={"DOCKER_BUILDKIT": "0"})
    building = wait_until(lambda: [c["Id"] for c in engine_api.containers() if c["Id"] not in before and c["State"] == "running"], 60,
                          "the image is being built")
    held = dso.scopes()
    assert len(held) == 1 and not engine_api.containers(**labels)
    if killed:
        up.kill()
    grown_old(dso)
    # who comes along and keeps house, as the agent does each minute
    dso("down", "-p", docker.project("other"), "-f", str(project.write(f"services:\n  b: {{image: {BUSYBOX}}}\n", "other.yaml")))
    assert dso.scopes() == held, "the scope of a running `dso up` was wiped"
    docker("exec", building[0], "sh", "-c", "echo go > /go")
    wait_until(lambda: len(project.ids("slow")) == 1 and project.inspect("slow")["State"]["Running"] and project.ids("a"), 60, "all services run")
    if not killed:
        wait_until(lambda: not up.running(), 30, "`dso up -d` ends")
        assert up.proc.returncode == 0, up.text()
    assert project.exec("a", "sh", "-c", "cat $F") == value
    project.down()
    wait_until(lambda: dso.scopes() == [], 10, "what no process holds and no container uses is wiped")


def test_entrypoint_forms(project, canary, dso):
    """What compose makes of each form must start the same program with the secret as without."""
    dso.set("db", canary(env=True))
    web = "dso-test/web:1"
    project.write(f"""
x-all: &all
  image: {web}
  environment: {{DB: dso://db}}
services:
  image: {{<<: *all}}
  emptied: {{<<: *all, entrypoint: []}}
  command: {{<<: *all, image: {BUSYBOX}, command: ["echo", "a  b", "$$x"]}}
  entrypoint: {{<<: *all, image: {BUSYBOX}, entrypoint: ["echo", "only"]}}
""")
    project.up()
    assert project.logs("command") == "a  b $x\n" and project.logs("entrypoint") == "only\n"
    for service in ("image", "emptied"):
        state = project.inspect(service)
        assert state["State"]["Running"] and [state["Path"], *state["Args"]] == ["/run/dso/init", "web"]


def test_composes_own_secrets_are_not_hidden(project, canary, dso):
    dso.set("db", canary())
    project.write("x", "s.txt")
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    environment: {{F: 'dsofile://db'}}\n    secrets: [s]\nsecrets: {{s: {{file: s.txt}}}}\n")
    done = project.up(check=False)
    assert done.rc == 2 and "compose's own" in done.err, done


def test_without_secrets_it_is_compose(project, dso):
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n")
    done = project.up()
    assert "no service has a secret" in done.err and len(project.ids()) == 1
    assert "," not in project.inspect("a")["Config"]["Labels"]["com.docker.compose.project.config_files"]
    project.down()
    assert project.ids() == []


def test_targets_by_service_name(project, canary, dso):
    value = canary()
    dso.set("db#pw", value)
    dso.config("secrets:\n  - name: db\n    targets: {containers: [a]}\n")
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n  b:\n    image: {BUSYBOX}\n    command: [sleep, '60']\n")
    project.up()
    assert project.exec("a", "cat", "/run/secrets/pw") == value
    assert not project.inspect("b")["Mounts"]


def test_attached_and_interrupted(project, canary, dso, world):
    """^C reaches compose once: twice it would kill instead of stop. The containers stay, and so does what they need to start again."""
    value = canary(env=True)
    dso.set("db", value)
    project.write(f"""
services:
  a:
    image: {BUSYBOX}
    command: [sh, -c, "trap 'echo stopping; sleep 1; echo stopped; exit 0' TERM; echo up; while :; do sleep 0.1; done"]
    environment: {{DB: dso://db}}
""")
    t = Terminal([dso.bin, "up", "-p", project.name, "--menu=false", "--ansi=never"], env=world.env(), cwd=project.dir)
    t.wait("| up")
    t.keys("\x03")
    t.end()
    assert "stopped" in project.logs("a"), t.shown
    assert project.inspect("a")["State"]["ExitCode"] == 0 and len(dso.scopes()) == 1
    project.docker("start", project.ids("a")[0])
    assert project.inspect("a")["State"]["Running"]


def test_interrupted_by_a_signal(project, canary, dso, wait_until):
    dso.set("db", canary(env=True))
    project.write(f"services:\n  a:\n    image: {BUSYBOX}\n    command: [sh, -c, 'trap \"exit 0\" TERM; echo up; while :; do sleep 0.1; done']\n"
                  "    environment: {DB: 'dso://db'}\n")
    proc = dso.start("up", "-p", project.name)
    proc.wait_line(r"\| up")
    proc.signal(15)
    proc.proc.wait(60)
    assert not project.inspect("a")["State"]["Running"] and project.inspect("a")["State"]["ExitCode"] == 0
