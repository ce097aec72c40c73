"""The canary check must find a value wherever one could leak: each test leaks one on purpose and expects the place by name.
Needs the engine but not the product."""
import subprocess
import sys

import pytest
from harness.canary import Findings, Value
from harness.process_tree import read_proc
from harness.wait import wait_until
from harness.world import World


@pytest.fixture
def search(world):
    """search() → the places where this test's values are found, as at the end of every other test. The leak is then forgotten."""
    found = Findings()

    def places():
        world.canaries.look_at_running(found)
        world.canaries.look_at_rest(found)
        return sorted(found)

    yield places
    world.canaries.forget()


def has(places, *words):
    return any(all(w in p for w in words) for p in places)


def test_label_is_found(docker, canary, search):
    value = canary()
    docker("run", "--name", docker.name(), "--label", f"leak={value}", "dso-test/busybox:1", "true")
    places = search()
    assert has(places, "docker container inspect"), places
    assert has(places, "docker events"), places
    assert has(places, "/containers/", "config.v2.json"), places
    assert has(places, "/proc/*/cmdline of docker"), places


def test_plain_environment_of_a_container_is_found(docker, canary, search, tmp_path):
    value = canary(env=True)  # allowed in the processes, still not in the API nor on disk
    envfile = tmp_path / "env"
    envfile.write_text(f"PASSWORD={value}\n")
    docker.run("sleep", "60", options=("--env-file", str(envfile)))
    envfile.unlink()
    places = search()
    assert has(places, "docker container inspect"), places
    assert has(places, "config.v2.json"), places
    assert not has(places, "/proc/*/environ of sleep"), places


def test_environment_of_a_container_is_found_where_delivery_is_by_file(docker, canary, search, tmp_path):
    (tmp_path / "env").write_text(f"PASSWORD={canary()}\n")
    c = docker.run("sleep", "60", options=("--env-file", str(tmp_path / "env")))
    wait_until(lambda: read_proc(c.pid, "comm") == b"sleep\n", 20, "the engine's runtime has become the container's program")
    assert has(search(), "/proc/*/environ of sleep")


def test_short_lived_argument_is_found(world, canary, search):
    value = canary()
    subprocess.run(["/bin/sh", "-c", "sleep 0.1; : \"$1\"", "sh", value], check=True)
    assert has(search(), "/proc/*/cmdline of sh")


def test_environment_of_a_host_process_is_found_even_with_env_delivery(world, canary, search):
    value = canary(env=True)
    subprocess.run(["/bin/sleep", "0.1"], env={"PASSWORD": value}, check=True)
    assert has(search(), "/proc/*/environ of sleep")


@pytest.mark.parametrize("form", range(5), ids=["plain", "hex", "base64", "base64+1", "base64+2"])
def test_file_on_disk_is_found_in_any_coding(dso, world, canary, search, form):
    canary()
    dso.state_dir.mkdir(exist_ok=True)
    (dso.state_dir / "names.json").write_bytes(b'{"x":"' + world.canaries.values[0].forms[form] + b'"}')
    assert has(search(), "names.json")


def test_log_of_a_background_process_is_found(world, canary, search):
    proc = world.start([sys.executable, "-c", "import sys; print(sys.stdin.read())"], input=canary(), name="leaky")
    proc.wait_line("dso-canary")
    proc.proc.wait(10)
    assert has(search(), "leaky.log")


def test_container_output_and_writable_layer_are_found(docker, canary, search):
    c = docker.run("sleep", "60")
    docker("exec", "-i", c.name, "sh", "-c", "cat > /home/app/leak; sync", input=canary())
    printing = docker.name()
    docker("run", "-i", "--name", printing, "dso-test/busybox:1", "cat", input=canary())
    places = search()
    assert has(places, "/home/app/leak"), places
    assert has(places, "-json.log"), places


def test_image_is_found(docker, canary, search):
    value, name = canary(), f"dso-test/leak-{docker.world.id}:1"
    docker.images.append(name)
    docker("import", "--change", f"LABEL leak={value}", "-", name, input=b"\0" * 10240)
    assert has(search(), "docker image inspect")


def test_tmpfs_of_secrets_is_not_a_leak(dso, canary, search):
    secrets = dso.run_dir / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "db").write_text(canary())
    assert search() == []


def test_value_is_shortened_in_what_is_reported(dso, canary, search, world):
    value = canary()
    dso.state_dir.mkdir(exist_ok=True)
    (dso.state_dir / "x").write_text(value)
    search()
    found = Findings()
    found.add("somewhere", world.canaries.values[0])
    assert value not in str(found) and value[:15] in str(found)


def test_base64_forms_match_wherever_the_value_stands():
    import base64
    value = Value("dso-canary-0123456789abcdef")
    for before in range(4):
        assert value.inside(base64.b64encode(b"x" * before + value.text.encode() + b"yy")), before


def test_the_end_of_a_test_fails_on_a_leak(tmp_path):
    world = World(tmp_path / "inner")
    (world.work / "leak").write_text(world.canaries())
    with pytest.raises(AssertionError, match=r"found where it may not be:\n  .*/work/leak: dso-canary-"):
        world.close()


def test_the_end_of_a_test_fails_on_an_unclean_exit_and_on_a_sanitizer_report(tmp_path):
    world = World(tmp_path / "inner")
    world.start(["/bin/sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 0.1; done"]).wait_line("up")
    world.start(["/bin/sh", "-c", "trap 'echo ERROR: AddressSanitizer: x; exit 0' TERM; echo up; while :; do sleep 0.1; done"]).wait_line("up")
    with pytest.raises(AssertionError) as failure:
        world.close()
    assert "ended with 3, not 0" in str(failure.value) and "sanitizer report" in str(failure.value)
