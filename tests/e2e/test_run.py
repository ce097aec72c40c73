"""`dso run` behaves as `docker run`, with secrets: delivery in each form, pass-through, exit codes, and nothing left behind."""
import os
import signal

import pytest
from harness.terminal import Terminal
from harness.wait import wait_until

BUSYBOX = "dso-test/busybox:1"


@pytest.fixture
def local(dso):
    """The local store, and set(NAME[#FIELD], value)."""
    dso("init")
    return dso.set


def scope_of(container):
    return container.inspect()["Config"]["Labels"].get("dso.scope")


def test_files_of_a_secret(dso, docker, canary, local):
    password, user = canary(), canary()
    local("myapp/db#password", password)
    local("myapp/db#user", user)
    name = docker.name()
    dso("run", "-d", "--name", name, "--secret", "myapp/db", "--label", "dso.reloader=true", BUSYBOX, "sleep", "60")
    c = docker.container(name)
    assert c.read("/run/secrets/password") == password and c.read("/run/secrets/user") == user
    assert c.exec("sh", "-c", "echo x > /run/secrets/password", check=False).rc != 0, "the mount is read-only"
    labels = c.inspect()["Config"]["Labels"]
    assert labels["dso.secrets"] == "default/myapp/db" and dso.scopes() == [labels["dso.scope"]]


@pytest.mark.parametrize("image, command", [(BUSYBOX, ["sh", "-c", "echo ${#V}; echo $$"]), ("dso-test/user:1", ["sh", "-c", "echo ${#V}; echo $$"])])
def test_variable_is_there_and_the_program_is_pid_1(dso, canary, local, image, command):
    value = canary(env=True)
    local("db#password", value)
    done = dso("run", "--rm", "--secret", "db#password:V", image, *command)
    assert done.out == f"{len(value)}\n1\n"
    assert dso.scopes() == []


def test_one_secret_as_variable_and_as_file(dso, canary, local):
    value = canary(env=True)
    local("db", value)
    done = dso("run", "--rm", "--secret", "db:V", "--secret", "db=/run/app/pw", BUSYBOX, "sh", "-c", 'test "$V" = "$(cat /run/app/pw)" && echo same')
    assert done.out == "same\n"


def test_variables_from_several_fields(dso, canary, local):
    a, b = canary(env=True), canary(env=True)
    local("db#user", a)
    local("db#api-key", b)
    show = ["sh", "-c", "echo ${#U} ${#K} ${#USER_X} ${#API_KEY}"]
    assert dso("run", "--rm", "--secret", "db:user=U,api-key=K", BUSYBOX, *show).out == f"{len(a)} {len(b)} 0 0\n"
    assert dso("run", "--rm", "--secret", "db:", BUSYBOX, *show).out == f"0 0 0 {len(b)}\n"


def test_scratch_image_with_an_entrypoint_of_its_own(dso, docker, canary, local):
    """It has no shell; its one program prints its environment."""
    value = canary(env=True, printed=True)
    local("db", value)
    name = docker.name()
    dso("run", "-d", "--name", name, "--secret", "db:V", "dso-test/scratch:1")
    c = docker.container(name)
    wait_until(lambda: f"V={value}" in c.logs().splitlines(), 10, "it has the variable")


def test_entrypoint_and_command_of_the_user(dso, canary, local):
    local("db", canary(env=True))
    done = dso("run", "--rm", "--secret", "db:V", "--entrypoint", "/bin/echo", BUSYBOX, "a b", "$V", "--secret")
    assert done.out == "a b $V --secret\n"
    done = dso("run", "--rm", "--secret", "db:V", "--entrypoint", "", BUSYBOX, "echo", "x")
    assert done.out == "x\n"
    done = dso("run", "--rm", "--secret", "db:V", "--entrypoint", "", BUSYBOX, check=False)
    assert done.rc == 2 or done.rc == 1, done
    assert dso.scopes() == []


@pytest.mark.parametrize("user, owner", [("app", "1000 400"), ("app:app", "1000 400"), ("1000", "1000 400"), ("", "0 400")])
def test_variables_are_read_by_the_containers_user_alone(dso, docker, canary, local, user, owner):
    """Also where only the image knows which number the user's name has."""
    value = canary(env=True)
    local("db", value)
    name, before = docker.name(), docker("volume", "ls", "-q").out
    dso("run", "-d", "--name", name, "--secret", "db:V", *(["--user", user] if user else []), BUSYBOX, "sleep", "60")
    docker.container(name)
    assert docker("exec", "--user", "0", name, "stat", "-L", "-c", "%u %a", "/run/dso/env/env").out.strip() == owner
    assert docker("exec", "--user", "4711", name, "cat", "/run/dso/env/env", check=False).rc != 0, "no other user of the container"
    assert f"V={value}" in docker("exec", name, "cat", "/proc/1/environ").out.split("\0")
    assert docker("ps", "-aq", "--filter", "label=dso.look").out == "" and docker("volume", "ls", "-q").out == before


def test_a_field_that_would_steer_the_program(dso, canary, local):
    """Whoever writes in the store names the fields; what runs in the container is not theirs to decide."""
    local("db#user", canary(env=True))
    for field, name in (("ld-preload", "LD_PRELOAD"), ("path", "PATH"), ("node.options", "NODE_OPTIONS")):
        dso.set(f"db#{field}", "/no/such/thing")
        done = dso("run", "--rm", "--secret", "db:", BUSYBOX, "env", check=False)
        assert done.rc == 2 and f"the field '{field}'" in done.err and f"the variable {name}, which steers" in done.err, done
        assert f"`mappings: {{{field}: {name}}}`" in done.err and done.out == "", done
        assert f"{name}=/no/such/thing\n" in dso("run", "--rm", "--secret", f"db:{field}={name}", BUSYBOX, "/bin/env").out
        dso("secret", "rm", f"db#{field}")
    assert dso.scopes() == []


def test_files_belong_to_the_user(dso, canary, local):
    local("db#pw", canary())
    stat = ["stat", "-Lc", "%u %a", "/run/secrets/pw"]
    assert dso("run", "--rm", "--secret", "db", "dso-test/user:1", *stat).out == "1000 400\n"
    assert dso("run", "--rm", "--secret", "db", "--user", "7:8", BUSYBOX, *stat).out == "7 400\n"
    assert dso("run", "--rm", "--secret", "db", BUSYBOX, *stat).out == "0 400\n"


@pytest.mark.parametrize("secret", ["db", "db:V"])
def test_exit_code_is_the_programs(dso, canary, local, secret):
    local("db", canary(env=True))
    assert dso("run", "--rm", "--secret", secret, BUSYBOX, "sh", "-c", "exit 42", check=False).rc == 42
    assert dso.scopes() == []


def test_stdin_is_passed_on(dso, canary, local):
    local("db", canary(env=True))
    assert dso("run", "--rm", "-i", "--secret", "db:V", BUSYBOX, "cat", input="hello\n").out == "hello\n"


def test_sigterm_is_passed_on_once(dso, docker, canary, local):
    local("db", canary(env=True))
    name = docker.name()
    program = "trap 'n=$((n+1)); echo term $n; [ -e /tmp/go ] && exit 7' TERM; echo up; while :; do sleep 0.05; done"
    proc = dso.start("run", "--rm", "--name", name, "--secret", "db:V", BUSYBOX, "sh", "-c", program)
    proc.wait_line("^up")
    os.kill(proc.pid, signal.SIGTERM)
    proc.wait_line("^term 1$")
    docker("exec", name, "touch", "/tmp/go")
    os.kill(proc.pid, signal.SIGTERM)
    proc.wait_line("^term 2$")
    assert proc.proc.wait(20) == 7
    assert dso.scopes() == []


def test_a_terminal_is_dockers_own(dso, docker, world, canary, local):
    """-it: the shell in the container has the terminal, ^C is its own, and its exit code is ours."""
    local("db", canary(env=True))
    t = Terminal([dso.bin, "run", "--rm", "-it", "--name", docker.name(), "--secret", "db:V", BUSYBOX, "sh"], env=world.env(), cwd=world.work)
    t.wait("# ")
    t.keys("tty; echo $((20+3))\n")
    t.wait("/dev/pts/")
    t.wait("23")
    # said by the program that ^C is for: before it is in front, the shell would swallow it
    t.keys("sh -c 'echo re\"\"ady; exec sleep 1000'\n")
    t.wait("ready")
    t.keys("\x03")
    t.keys("echo $((40+5)); exit 9\n")
    t.wait("45")
    assert t.end() == 9
    assert dso.scopes() == []


def test_a_container_that_cannot_be_created_leaves_nothing(dso, canary, local):
    local("db", canary())
    for flags in (["--memory", "1"], ["--no-such-flag=1"]):
        done = dso("run", "-d", *flags, "--secret", "db", BUSYBOX, "true", check=False)
        assert done.rc == 125, done
        assert dso.scopes() == []


def test_a_missing_secret_starts_nothing(dso, docker, canary, local):
    local("db", canary())
    name = docker.name()
    done = dso("run", "-d", "--name", name, "--secret", "db", "--secret", "nobody", BUSYBOX, "true", check=False)
    assert done.rc == 4 and "Failed to fetch secret 'nobody'" in done.err, done
    assert dso.scopes() == [] and not docker("ps", "-aq", "--filter", f"name={name}").out


@pytest.mark.parametrize("spec, text", [("db=V", "For a variable write NAME:V"), ("db:/x", "For a file write db=/x"), ("db:1", "not a variable's name")])
def test_a_bad_spec_is_a_usage_error(dso, spec, text):
    done = dso("run", "--secret", spec, BUSYBOX, check=False)
    assert done.rc == 2 and text in done.err, done


def test_several_fields_want_a_name(dso, canary, local):
    local("db#a", canary())
    local("db#b", canary())
    done = dso("run", "--rm", "--secret", "db:V", BUSYBOX, check=False)
    assert done.rc == 2 and "it has 2 fields: a, b" in done.err and "db#a" in done.err, done


def test_env_conflict_and_missing_reloader_are_said(dso, canary, local):
    value = canary(env=True)
    local("db", value)
    done = dso("run", "--rm", "-e", "V=x", "--secret", "db:V", BUSYBOX, "sh", "-c", "echo ${#V}")
    assert done.out == f"{len(value)}\n"
    assert "--env V is overridden" in done.err and "--label dso.reloader=true" in done.err
    quiet = dso("run", "--rm", "--label", "dso.reloader=true", "--secret", "db:V", BUSYBOX, "true")
    assert quiet.err == ""


def test_targets_of_the_config_count(dso, docker, canary, local):
    value = canary()
    local("db#pw", value)
    dso.config("secrets:\n  - name: db\n    targets: {labels: {tier: web}}\n")
    done = dso("run", "--rm", "--label", "tier=web", BUSYBOX, "sh", "-c", "wc -c < /run/secrets/pw")
    assert done.out.strip() == str(len(value))


def test_a_visible_variable(dso, docker, local, world):
    """Visible on purpose, so it is no canary; even so it is in no argument."""
    local("db", "plainly=seen")
    dso.config("secrets:\n  - name: db\n    inject: {type: env, visible: true}\n    mappings: {value: V}\n")
    name = docker.name()
    done = dso("run", "-d", "--name", name, "--secret", "db", BUSYBOX, "sleep", "60")
    assert "V is visible to everyone" in done.err
    inspected = docker.container(name).inspect()["Config"]
    assert "V=plainly=seen" in inspected["Env"] and inspected["Entrypoint"] is None


def test_without_a_secret_it_is_docker_run(dso):
    done = dso("run", "--rm", BUSYBOX, "echo", "x")
    assert done.out == "x\n" and "no secret for this container" in done.err


def test_detached_scope_stays_as_long_as_its_container(dso, docker, canary, local):
    local("db", canary())
    name = docker.name()
    dso("run", "-d", "--name", name, "--secret", "db", BUSYBOX, "sleep", "60")
    assert dso.scopes() == [scope_of(docker.container(name))]
    docker("kill", name)
    assert len(dso.scopes()) == 1, "it may be started again"
    docker("start", name)
