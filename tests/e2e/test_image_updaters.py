"""Image updaters inspect a container, leave out what equals its image's defaults, and make it anew from a new image."""
import pytest
from harness.scenario import BUSYBOX
from harness.wait import wait_until

CONFIG = "agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"


@pytest.fixture
def images(docker, unique, tmp_path):
    """Two versions of an image with different entrypoints, each the only one that it has."""
    out = []
    for program in ("old", "new"):
        name = f"{docker.name('img')}:{program}"
        (tmp_path / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN printf '#!/bin/sh\\necho {program} runs\\nexec sleep 1000\\n' > /{program} "
                                             f"&& chmod 755 /{program}\nENTRYPOINT [\"/{program}\"]\n")
        docker("build", "-q", "-t", name, tmp_path, timeout=120)
        docker.images.append(name)
        out.append(name)
    return out


def make_anew(docker, name, image):
    """The updater's steps, as Watchtower does them."""
    old = docker.inspect(name)[0]
    default = docker.inspect(old["Image"])[0]["Config"]
    config = old["Config"]
    args = []
    for key, value in config["Labels"].items():
        if (default.get("Labels") or {}).get(key) != value:
            args += ["--label", f"{key}={value}"]
    for mount in old["HostConfig"].get("Mounts") or []:
        args += ["--mount", f"type=bind,source={mount['Source']},target={mount['Target']},readonly"]
    if config["Entrypoint"] != default["Entrypoint"]:
        args += ["--entrypoint", config["Entrypoint"][0]]
    command = [] if config["Cmd"] == default["Cmd"] else config["Cmd"]
    docker("rm", "-f", name)
    docker("run", "-d", "--name", name, *args, image, *command, check=False)


def test_one_line_says_why_it_does_not_start(dso, agent, docker, canary, unique, images):
    secret = unique("db")
    dso("init")
    dso.set(f"{secret}#password", canary(env=True))
    dso.config(CONFIG)
    name, given = docker.name("web"), docker.name("given")
    dso("run", "-d", "--name", name, "--label", "dso.reloader=true", "--secret", f"{secret}#password:PW", images[0])
    dso("run", "-d", "--name", given, "--label", "dso.reloader=true", "--secret", f"{secret}#password:PW", "--entrypoint", "sleep", images[0], "1000")
    assert docker.inspect(name)[0]["Config"]["Labels"]["dso.entrypoint"] == "image"
    assert "dso.entrypoint" not in docker.inspect(given)[0]["Config"]["Labels"]
    proc = agent()
    make_anew(docker, name, images[1])
    proc.wait_line(rf"^ERROR: \[Agent\] '{name}' was made anew from the image '{images[1]}' by somebody else and starts '/old', which is the entrypoint of "
                   r"the image before; this one's is '/new'\. Make it anew with dso run")
    make_anew(docker, given, images[1])
    docker("restart", "-t", "0", given)
    assert docker.container(given).running() and not proc.lines(rf"'{given}' was made anew"), "its user gave the program"
    docker("rm", "-f", name)
    dso("run", "-d", "--name", name, "--secret", f"{secret}#password:PW", images[1])
    wait_until(lambda: docker.container(name).logs() == "new runs\n", 10, "the new one runs")
