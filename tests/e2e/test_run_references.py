"""References where `docker run` is given variables: delivered, or refused in one line; no program gets the text."""
import json

import pytest
from harness.terminal import Terminal

BUSYBOX = "dso-test/busybox:1"


@pytest.fixture
def stored(dso, canary):
    dso("init")
    value = canary(env=True)
    dso.set("shop/db#password", value)
    return value


def test_variables_by_flag_and_by_name(dso, docker, stored):
    name = docker.name()
    dso("run", "-d", "--name", name, "-e", "PW=dso://shop/db#password", "-e", "PLAIN=1", "--env=F=dsofile://shop/db#password", "-e", "OURS", BUSYBOX,
        "sleep", "60", env={"OURS": "dso://shop/db#password"})
    c = docker.container(name)
    variables = dict(v.split("=", 1) for v in c.exec("cat", "/proc/1/environ").out.split("\0") if v)
    assert variables["PW"] == variables["OURS"] == stored and variables["PLAIN"] == "1" and variables["F"] == "/run/secrets/F"
    assert c.read("/run/secrets/F") == stored
    assert "dso://" not in json.dumps(c.inspect()) and "dsofile://" not in json.dumps(c.inspect())
    assert c.inspect()["Config"]["Labels"]["dso.secrets"] == "default/shop/db"


def test_beside_another_secret(dso, canary, stored):
    other = canary(env=True)
    dso.set("other#password", other)
    done = dso("run", "--rm", "-e", "PW=dso://shop/db#password", "--secret", "other#password:X", BUSYBOX, "sh", "-c", "echo ${#PW} ${#X}")
    assert done.out == f"{len(stored)} {len(other)}\n"


def test_an_env_file(dso, docker, stored, world):
    """Docker gets the file without those lines; what --env says counts before it."""
    (world.work / "app.env").write_text("# dso://comment\nPW=dso://shop/db#password\nPLAIN= a b\nLATER=dso://nobody\nF=dsofile://shop/db#password\n")
    done = dso("run", "--rm", "--env-file", "app.env", "-e", "LATER=mine", BUSYBOX, "sh", "-c", 'echo "${#PW}$PLAIN $LATER $F $(cat $F | wc -c)"')
    assert done.out == f"{len(stored)} a b mine /run/secrets/F {len(stored)}\n"
    name = docker.name()
    dso("run", "-d", "--name", name, "--env-file=app.env", "-eLATER=x", BUSYBOX, "sleep", "60")
    shown = json.dumps(docker.container(name).inspect())
    assert "dso://" not in shown and "PLAIN= a b" in shown


def test_an_env_file_from_a_pipe(dso, stored, world):
    """Read once: docker gets what is left in memory."""
    for text, shows in (("PW=dso://shop/db#password\nA=1\n", f"{len(stored)} 1"), ("A=1\n", "0 1")):
        script = f"printf '{text}' | {dso.bin} run --rm --env-file /dev/stdin {BUSYBOX} sh -c 'echo ${{#PW}} $A'".replace("\n", "\\n")
        assert world.run(["sh", "-c", script]).out == shows + "\n"


def test_joined_switches_and_a_terminal(dso, world, stored):
    t = Terminal([dso.bin, "run", "--rm", "-ite", "PW=dso://shop/db#password", BUSYBOX, "sh"], env=world.env(), cwd=world.work)
    t.wait("# ")
    t.keys("tty; echo $((${#PW} + 1000)); exit 3\n")
    t.wait("/dev/pts/")
    t.wait(str(len(stored) + 1000))
    assert t.end() == 3


@pytest.mark.parametrize("words, said", [
    (["-e", "URL=postgres://app:hunter2@dso://shop/db#password", BUSYBOX, "true"], "the variable URL holds a reference"),
    (["-l", "a=dso://shop/db#password", BUSYBOX, "true"], "the flag -l"),
    (["--health-cmd", "test hunter2 = dso://shop/db#password", BUSYBOX, "true"], "the flag --health-cmd"),
    ([BUSYBOX, "echo", "dso://shop/db#password"], "word 2 of the command"),
    (["-e", "PW=dso://shop/db#", BUSYBOX, "true"], "the variable PW"),
    (["-e", "PW=dso://shop/db#password", "--secret", "shop/db:PW", "--secret", "x:PW", BUSYBOX, "true"], "PW"),
])
def test_what_cannot_be_delivered_is_refused(dso, docker, stored, words, said):
    name = docker.name()
    done = dso("run", "-d", "--name", name, *words, check=False)
    assert done.rc == 2 and said in done.err and len(done.err.splitlines()) == 1 and "hunter2" not in done.err, done
    assert not docker("ps", "-aq", "--filter", f"name={name}").out and dso.scopes() == []


def test_a_reference_inside_a_longer_text_of_an_env_file(dso, stored, world):
    (world.work / "app.env").write_text("URL=postgres://app:hunter2@dso://shop/db\n")
    done = dso("run", "--rm", "--env-file", "app.env", BUSYBOX, "env", check=False)
    assert done.rc == 2 and "the variable URL" in done.err and "--secret NAME:URL" in done.err and "hunter2" not in done.err, done
