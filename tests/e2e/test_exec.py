"""`dso exec`: the command sees what DSO delivers as variables, as the container's own process does."""

BUSYBOX = "dso-test/busybox:1"


def test_exec_sees_the_delivered_variable(dso, docker, canary):
    value = canary(env=True)
    dso("init")
    dso.set("myapp/db#password", value)
    name = docker.name("exec")
    dso("run", "-d", "--name", name, "--secret", "myapp/db#password:DB_PASSWORD", BUSYBOX, "sleep", "600")
    # docker's own exec shows why: the variable is in no config of the container
    assert value not in docker("exec", name, "env").out
    assert f"DB_PASSWORD={value}" in dso("exec", "-u", "0", name, "env").out.splitlines()
    assert dso("exec", name, "sh", "-c", "exit 7", check=False).rc == 7


def test_exec_in_a_container_without_secrets_is_dockers_own(dso, docker):
    name = docker.name("plain")
    docker("run", "-d", "--name", name, BUSYBOX, "sleep", "600")
    assert dso("exec", name, "echo", "hello").out == "hello\n"
