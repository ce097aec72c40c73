"""The many ways people write things: what DSO does not know it says, with the name that was meant; what `docker run` takes is delivered;
what two places ask for alike is one delivery; mounts that cannot be together are refused before the engine is asked."""
import hashlib
import json

import pytest
from harness.scenario import BUSYBOX, FAST, reads, run
from test_compose import Project

SLEEP = ("sleep", "60")


@pytest.fixture
def stored(dso, canary):
    """The local store with the secret db#password."""
    dso("init")
    value = canary(env=True, printed=True)
    dso.set("db#password", value)
    return value


@pytest.fixture
def project(dso, docker, stored):
    return Project(dso, docker)


# Labels


def test_a_label_that_nobody_knows_is_told(dso, docker, agent, stored):
    proc = agent()
    slip = "the label dso.stratgy is none of DSO's, and does nothing. Did you mean 'dso.strategy'?"
    c = run(dso, docker, secret="db#password", labels={}, image=BUSYBOX, command=SLEEP)
    assert "none of DSO's" not in dso("plan", c.name).err
    done = dso("run", "-d", "--name", docker.name(), "--secret", "db#password", "-l", "dso.reloader=yes", "-l", "dso.stratgy=signal", BUSYBOX, *SLEEP)
    assert f"dso: warning: {slip}" in done.err
    assert "the label dso.reloader has 'yes', which is nothing that it can have. Write true or false" in done.err
    other = docker.run(*SLEEP, image=BUSYBOX, options=("-l", "dso.update.strategy=restart"))
    assert f"'{other.name}': the label dso.update.strategy is none of DSO's" in dso("plan").err
    rows = json.loads(dso("doctor", "--format", "json", check=False).out)["rows"]
    told = {r["subject"]: r for r in rows if r["check"] == "container.label_names"}
    assert told[other.name]["next"] == "Did you mean 'dso.strategy'?" and c.name not in told
    assert [r["check"] for r in rows if r["subject"] == other.name] == ["container.label_names"], "no more is said of a stranger"
    proc.wait_line(f"Container '{other.name}': the label dso.update.strategy is none of DSO's")


def test_a_label_in_a_compose_file(project, dso, stored):
    project.write(f"""
services:
  a:
    image: {BUSYBOX}
    command: [sleep, "60"]
    environment: {{PW: "dso://db#password"}}
    labels: {{dso.update.strategy: restart}}
  plain:
    image: {BUSYBOX}
    command: [sleep, "60"]
    labels: ["dso.secret=db"]
""")
    said = project.up().err
    assert "dso: warning: service 'a': the label dso.update.strategy is none of DSO's, and does nothing. Did you mean 'dso.strategy'?" in said
    assert "dso: warning: service 'plain': the label dso.secret is none of DSO's, and does nothing. Did you mean 'dso.secrets'?" in said


# Variables


def test_names_with_dots_and_dashes(project, dso, stored):
    show = ["sh", "-c", "tr '\\0' '\\n' < /proc/1/environ | sed -n 's/^\\(.*\\)=.*/\\1/p'"]
    done = dso("run", "--rm", "--secret", "db#password:spring.datasource.password", "--secret", "db:password=my-pw", BUSYBOX, *show)
    assert {"spring.datasource.password", "my-pw"} <= set(done.out.split())
    project.write(f"""
services:
  a:
    image: {BUSYBOX}
    command: [sleep, "60"]
    environment: {{spring.datasource.password: "dso://db#password", "Logging:Level-2": "dso://db#password"}}
""")
    project.up()
    environ = project.exec("a", "sh", "-c", "tr '\\0' '\\n' < /proc/1/environ")
    assert f"spring.datasource.password={stored}\n" in environ and f"Logging:Level-2={stored}\n" in environ


def test_a_version_beside_the_present_one(dso, docker, stored, canary):
    new = canary()
    dso.set("db#password", new)
    dso.config("secrets: [{name: db}, {name: db, version: 1, mappings: {password: before}}]\n")
    c = run(dso, docker, secret=["db#password", "db?version=1"], image=BUSYBOX, command=SLEEP)
    assert c.read("/run/secrets/password") == new and c.read("/run/secrets/before") == stored
    assert "default/db?version=1" in c.inspect()["Config"]["Labels"]["dso.secrets"]


# The same delivery twice


def test_what_two_ask_for_alike_is_one(dso, docker, stored):
    name = docker.name()
    dso.config(f"secrets:\n  - name: db\n    targets: {{containers: [{name}]}}\n    mappings: {{password: db}}\n")
    dso("run", "-d", "--name", name, "--secret", "db#password=/run/secrets/db", "--secret", "db#password=/run/secrets/db", BUSYBOX, *SLEEP)
    assert docker.container(name).read("/run/secrets/db") == stored
    both = dso("run", "--rm", "--secret", "db#password:PW", "--secret", "db:PW", BUSYBOX, "sh", "-c", "echo ${#PW}")
    assert both.out == f"{len(stored)}\n"
    dso.set("db#user", "other")
    refused = dso("run", "--rm", "--secret", "db#password:PW", "--secret", "db#user:PW", BUSYBOX, "true", check=False)
    assert refused.rc == 2 and "its field 'password' gives a variable of that name too" in refused.err, refused


# Mounts of the user's own


@pytest.mark.parametrize("secret, options, said", [
    ("db#password=/run/secrets/db", ("-v", "{dir}:/run/secrets/certs"), "it lies in a folder that DSO mounts whole and read-only"),
    ("db#password=/run/secrets/db", ("--mount", "type=bind,source={dir},target=/run/secrets"), "both are for the same place"),
    ("db#password=/run/secrets/db", ("--tmpfs", "/var/run/secrets/x"), "it lies in a folder that DSO mounts whole and read-only"),
    ("db#password:PW", ("-v", "{dir}:/run:ro"), "it is read-only, so that the engine cannot make a folder in it"),
])
def test_a_mount_in_the_way_is_refused(dso, docker, world, stored, secret, options, said):
    name = docker.name()
    options = [o.format(dir=world.work) for o in options]
    done = dso("run", "-d", "--name", name, "--secret", secret, *options, BUSYBOX, *SLEEP, check=False)
    assert done.rc == 2 and said in done.err and "Mount it " in done.err and "read-only file system" not in done.err, done
    assert dso.scopes() == [] and not docker("ps", "-aq", "--filter", f"name={name}").out


def test_a_mount_that_another_container_lends(dso, docker, world, stored):
    """By --volumes-from and volumes_from: the same place is DSO's, as the engine has it; below and above it is refused."""
    same, below = docker.name(), docker.name()
    docker("create", "--name", same, "-v", "/run/secrets", BUSYBOX)
    docker("create", "--name", below, "-v", f"{world.work}:/run/secrets/certs", BUSYBOX)
    name = docker.name()
    dso("run", "-d", "--name", name, "--volumes-from", same, "--secret", "db#password=/run/secrets/db", BUSYBOX, *SLEEP)
    assert docker.container(name).read("/run/secrets/db") == stored
    scopes = dso.scopes()
    done = dso("run", "-d", "--volumes-from", below, "--secret", "db#password=/run/secrets/db", BUSYBOX, *SLEEP, check=False)
    assert done.rc == 2 and f"beside the mount of '{below}' at /run/secrets/certs, which comes by volumes-from" in done.err, done
    assert dso.scopes() == scopes
    done = dso("run", "-d", "--volumes-from", "nobody-is-called-so", "--secret", "db#password=/run/secrets/db", BUSYBOX, *SLEEP, check=False)
    assert done.rc == 125 and "nobody-is-called-so" in done.err and dso.scopes() == scopes, done


def test_a_mount_beside_is_left_alone(dso, docker, world, stored):
    name = docker.name()
    dso("run", "-d", "--name", name, "--secret", "db#password=/run/secrets/db", "--secret", "db#password:PW", "--tmpfs", "/run", "-v",
        f"{world.work}:/data:ro", BUSYBOX, *SLEEP)
    assert docker.container(name).read("/run/secrets/db") == stored


def test_a_mount_in_the_way_of_a_service(project, dso, docker, stored):
    (project.dir / "certs").mkdir()
    project.write(f"""
services:
  a:
    image: {BUSYBOX}
    command: [sleep, "60"]
    environment: {{PW_FILE: "dsofile://db#password"}}
    volumes: ["./certs:/run/secrets/certs:ro"]
""")
    done = project.up(check=False)
    assert done.rc == 2 and "Cannot start service 'a': Cannot mount DSO's /run/secrets beside the container's own mount at /run/secrets/certs" in done.err
    assert "Mount it elsewhere" in done.err and project.ids() == [] and dso.scopes() == [], done


@pytest.mark.parametrize("whose", ["volumes: [\"./certs:/run/secrets/certs:ro\"]", "volumes_from: [\"c\"]"], ids=["its own", "borrowed"])
def test_a_mount_that_another_service_lends(project, dso, docker, stored, whose):
    (project.dir / "certs").mkdir()
    project.write(f"""
services:
  a:
    image: {BUSYBOX}
    command: [sleep, "60"]
    environment: {{PW_FILE: "dsofile://db#password"}}
    volumes_from: ["b"]
  b:
    image: {BUSYBOX}
    command: [sleep, "60"]
    {whose}
  c:
    image: {BUSYBOX}
    command: [sleep, "60"]
    volumes: ["./certs:/run/secrets/certs:ro"]
""")
    done = project.up(check=False)
    assert done.rc == 2 and "Cannot start service 'a': Cannot mount DSO's /run/secrets beside the mount of 'b' at /run/secrets/certs" in done.err
    assert project.ids() == [] and dso.scopes() == [], done


# Healthchecks


def test_a_healthcheck_of_run_sees_the_variable(dso, docker, stored):
    c = run(dso, docker, secret="db#password:PW", labels={}, image=BUSYBOX, command=SLEEP,
            options=("--health-cmd", 'test -n "$PW" && echo "it\'s there"', "--health-interval", "1s"))
    c.wait_healthy()
    assert "it's there" in json.dumps(c.inspect()["State"]["Health"]["Log"])


@pytest.fixture
def probed(docker):
    """An image whose own healthcheck wants the variable; `shell`: with a SHELL of its own."""
    def make(test, shell=None):
        name = f"dso-test/probed:{docker.world.id}-{len(docker.images)}"
        lines = [f"FROM {BUSYBOX}", f"SHELL {json.dumps(shell or ['/bin/sh', '-c'])}", f"HEALTHCHECK --interval=1s --retries=30 CMD {test}", ""]
        docker("build", "-q", "-t", name, "-", input="\n".join(lines), env={"DOCKER_BUILDKIT": "0"})
        docker.images.append(name)
        return name
    return make


@pytest.mark.parametrize("test", ['["sh", "-c", "test -n \\"$PW\\""]', 'test -n "$PW"'], ids=["words", "a line"])
def test_an_images_own_healthcheck_sees_the_variable(project, dso, docker, stored, probed, test):
    made = probed(test)
    c = run(dso, docker, secret="db#password:PW", labels={}, image=made, command=SLEEP)
    c.wait_healthy()
    assert c.inspect()["Config"]["Healthcheck"]["Interval"] == 1_000_000_000, "its times stay the image's"
    project.write(f"services:\n  a:\n    image: {made}\n    command: [sleep, '60']\n    environment: {{PW: dso://db#password}}\n")
    project.up("--wait")
    assert project.inspect("a")["State"]["Health"]["Status"] == "healthy"
    off = dso("run", "-d", "--name", docker.name(), "--no-healthcheck", "--secret", "db#password:PW", made, *SLEEP)
    assert docker.inspect(off.out.strip())[0]["Config"]["Healthcheck"]["Test"] == ["NONE"]


def test_a_shell_of_the_images_own_runs_its_healthcheck(project, dso, docker, stored, probed):
    made = probed('test -n "$PW"', ["/bin/sh", "-ec"])
    project.write(f"services:\n  a:\n    image: {made}\n    command: [sleep, '60']\n    environment: {{PW: dso://db#password}}\n")
    project.up("--wait")
    test = project.inspect("a")["Config"]["Healthcheck"]["Test"]
    assert test == ["CMD", "/run/dso/init", "/bin/sh", "-ec", 'test -n "$PW"']
    c = run(dso, docker, secret="db#password:PW", labels={}, image=made, command=SLEEP)
    c.wait_healthy()


def test_an_image_without_a_shell_is_told(dso, docker, stored):
    base, name = docker.name("base"), f"dso-test/bare:{docker.world.id}-{len(docker.images)}"
    docker("create", "--name", base, "dso-test/scratch:1")
    docker("commit", "--change", 'HEALTHCHECK CMD ["/app", "probe"]', base, name)
    docker("rm", base)
    docker.images.append(name)
    done = dso("run", "-d", "--name", docker.name(), "--secret", "db#password:PW", name, check=False)
    assert "the image's healthcheck does not see the secrets' variables" in done.err and "Use `dso up`" in done.err, done


# Signals, values


def test_a_real_time_signal(dso, docker, agent, stored, canary):
    c = run(dso, docker, secret="db#password", labels={"dso.strategy": "signal", "dso.signal": "SIGRTMIN+1"}, image=BUSYBOX,
            command=("sh", "-c", "trap 'sha256sum < /run/secrets/password > /tmp/seen' 35; while :; do sleep 0.1; done"))
    dso.config(FAST)
    agent()
    value = canary()
    dso.set("db#password", value)
    reads(c, "/tmp/seen", hashlib.sha256(value.encode()).hexdigest() + "  -\n")


def test_how_windows_writes_text_is_noted(dso):
    dso("init")
    for text, what in ((b"\xef\xbb\xbfvalue\n", "begins with a byte order mark"), ("value\n".encode("utf-16"), "is UTF-16"),
                       ("value".encode("utf-16-le"), "is UTF-16")):
        done = dso("secret", "set", "w", input=text)
        assert f"dso: warning: the value {what}, as Windows programs write it" in done.err, done
    assert "Windows" not in dso("secret", "set", "w", input=b"value").err
