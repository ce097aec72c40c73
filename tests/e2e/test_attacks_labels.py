"""What an image's author, or whoever writes a service's labels, tries by labels alone, and what comes of it: nothing. A label counts
only if the image does not carry it, members of a scope are who mounts it, and notes of a rotation need DSO's MAC."""
import json

import pytest
from harness.rolling import config, local, rolling, shows  # noqa: F401
from harness.scenario import BUSYBOX, FAST, WEB, run

SOCK = "/run/dso/dso.sock"
SLEEP = ("sleep", "1000")


@pytest.fixture
def image(docker, unique):
    """Makes an image with these labels, as a Dockerfile's LABEL does."""
    def make(labels, base=BUSYBOX):
        name = f"dso-test/labels:{docker.world.id}-{len(docker.images)}"
        made = docker.name("base")
        docker("create", "--name", made, base)
        changes = [x for k, v in labels.items() for x in ("--change", f"LABEL {k}={json.dumps(v)}")]
        docker("commit", *changes, made, name)
        docker("rm", made)
        docker.images.append(name)
        return name
    return make


@pytest.fixture
def reader(dso, docker, client):
    """Starts a container with the read socket; get() is what a process in it gets."""
    class Reader:
        def start(self, *options, image=BUSYBOX, name=None):
            mounts = ("-v", f"{dso.run_dir / 'read'}:/run/dso:ro", "-v", f"{client}:/get:ro")
            return docker.run(*SLEEP, image=image, name=name, options=(*mounts, *options))

        def get(self, container, secret):
            out = docker("exec", container.name, "/get", "get", SOCK, f"/v1/secrets/{secret}").out
            head, _, body = out.partition("\r\n\r\n")
            return int(head.split()[1]), json.loads(body)
    return Reader()


def same_process(container):
    state = container.inspect()
    return state["Id"], state["State"]["StartedAt"], state["RestartCount"]


def test_an_image_reads_no_secret(dso, agent, docker, local, reader, image):
    local.printed = True
    value = local.change()
    agent()
    evil = reader.start(image=image({"dso.secrets": local.name, "dso.reloader": "true"}))
    status, answer = reader.get(evil, local.name)
    assert status == 403 and value not in json.dumps(answer)
    # beside another one that it was given; and by its own name in another spelling
    other = reader.start("--label", "dso.secrets=something/else", image=image({"dso.secrets": local.name}))
    assert reader.get(other, local.name)[0] == 403
    # whoever runs it may say so: a label of the container's own, though the image has that key
    asked = reader.start("--label", f"dso.secrets={local.name}", image=image({"dso.secrets": "a/b"}))
    status, answer = reader.get(asked, local.name)
    assert status == 200 and answer["fields"] == {"password": value}
    # the same value as the image's: nobody can tell them apart, and DSO says so
    same = reader.start("--label", f"dso.secrets={local.name}", image=image({"dso.secrets": local.name}))
    assert reader.get(same, local.name)[0] == 403
    rows = [r for r in json.loads(dso("doctor", "--format", "json", check=False).out)["rows"]
            if r["check"] == "container.image_labels" and r["subject"] == same.name]
    assert len(rows) == 1 and "its label dso.secrets does not count: its image carries it too" in json.dumps(rows), rows


def test_an_image_is_no_target_of_a_config(dso, agent, docker, local, reader, image):
    """secrets[].targets match the service that Compose names, or labels: not those of an image."""
    dso.config(config() + f"secrets:\n  - name: {local.name}\n    targets: {{containers: [victim]}}\n"
               f"  - name: {local.name}2\n    targets: {{labels: {{tier: db}}}}\n")
    dso.set(f"{local.name}2#password", local.value)
    agent()
    victim = {"com.docker.compose.project": "shop", "com.docker.compose.service": "victim"}
    evil = reader.start(image=image({**victim, "tier": "db"}))
    assert reader.get(evil, local.name)[0] == 403 and reader.get(evil, f"{local.name}2")[0] == 403
    # an image that Compose has built carries its names, and Compose's own container of it counts by the hash of its config
    composed = [x for k, v in {**victim, "com.docker.compose.config-hash": "c" * 64}.items() for x in ("--label", f"{k}={v}")]
    assert reader.get(reader.start(*composed, image=image(victim)), local.name)[0] == 200
    assert reader.get(reader.start("--label", "tier=db"), f"{local.name}2")[0] == 200


def test_an_image_joins_no_scope(dso, agent, docker, local, rolling, image):
    """A label dso.scope makes no member: its container is not touched, gets no file, and has no say in another's update."""
    web = rolling()
    scope = web.inspect()["Config"]["Labels"]["dso.scope"]
    labels = {"dso.scope": scope, "dso.reloader": "true", "dso.strategy": "nonsense", "dso.secrets": local.name}
    of_image = docker.run(*SLEEP, image=image(labels))
    of_its_own = docker.run(*SLEEP, image=BUSYBOX, options=[x for k, v in labels.items() for x in ("--label", f"{k}={v}")])
    before = [same_process(c) for c in (of_image, of_its_own)]
    proc = agent()
    shows(web, local.change(), 60)
    rolling.done(proc, web)
    assert [same_process(c) for c in (of_image, of_its_own)] == before
    assert not of_image.inspect()["Mounts"] and not of_its_own.inspect()["Mounts"]
    assert not rolling.leftovers()
    rows = json.loads(dso("status", "--format", "json").out)["containers"]
    assert [r["container"] for r in rows] == [web.name]


def test_a_commit_of_a_container_is_no_member(dso, agent, docker, local, rolling):
    """`docker commit` copies labels: by accident, of a container that a rolling update has made."""
    proc = agent()
    web = rolling()
    shows(web, local.change(), 60)
    rolling.done(proc, web)
    name = f"dso-test/commit:{docker.world.id}"
    docker("commit", web.name, name)
    docker.images.append(name)
    copy = docker.run(*SLEEP, image=name, options=("--entrypoint", "", "--no-healthcheck"))
    before, mark = same_process(copy), proc.mark()
    shows(web, local.change(), 60)
    rolling.done(proc, web, mark)
    assert same_process(copy) == before and not rolling.leftovers()


def test_a_service_of_a_committed_image_is_rolled(dso, agent, docker, local, rolling):
    """Its image carries the notes of another rotation; those on its own candidate count by their MAC."""
    proc = agent()
    web = rolling()
    shows(web, local.change(), 60)
    rolling.done(proc, web)
    base = docker.name("base")
    docker("create", "--name", base, WEB)
    labels = web.inspect()["Config"]["Labels"]
    notes = {k: v for k, v in labels.items() if k in ("dso.role", "dso.service", "dso.generation", "dso.rotation.id", "dso.replaces",
                                                      "dso.origin", "dso.rotation.mac")}
    assert "dso.rotation.mac" in notes
    name = f"dso-test/commit:{docker.world.id}"
    docker("commit", *[x for k, v in notes.items() for x in ("--change", f"LABEL {k}={json.dumps(v)}")], base, name)
    docker("rm", base)
    docker.images.append(name)
    other, mark = rolling("-p", "127.0.0.1::8000", image=name, stem="other"), proc.mark()
    value = local.change()
    shows(other, value, 60)
    rolling.done(proc, other, mark)
    assert other.inspect()["Config"]["Labels"]["dso.service"] == other.name
    assert not rolling.leftovers()


@pytest.mark.parametrize("options", [(), ("-p", "127.0.0.1::8000")])
def test_an_image_publishes_no_port(dso, agent, docker, local, rolling, image, options):
    """dso.role and dso.origin would have a successor made with ports, restart policy and names of the image's choice."""
    origin = {"PortBindings": {"8000/tcp": [{"HostIp": "", "HostPort": "29999"}]}, "RestartPolicy": {"Name": "always"},
              "AutoRemove": True, "Networks": {"bridge": {"Aliases": ["victim"]}}}
    evil = image({"dso.role": "stand-in", "dso.service": "victim", "dso.origin": json.dumps(origin), "dso.replaces": "f" * 64,
                  "dso.rotation.id": "0123456789abcdef", "dso.rotation.mac": "0" * 64}, base=WEB)
    proc = agent()
    web = rolling(*options, image=evil)
    before = web.inspect()["HostConfig"]
    shows(web, local.change(), 60)
    rolling.done(proc, web)
    after = web.inspect()
    for member in ("RestartPolicy", "AutoRemove"):
        assert after["HostConfig"][member] == before[member]
    assert "29999" not in json.dumps(after["HostConfig"]["PortBindings"]) and "29999" not in json.dumps(after["NetworkSettings"]["Ports"])
    assert not rolling.leftovers()


def test_notes_without_a_mac_are_a_strangers(dso, agent, docker, local, rolling):
    """Whoever writes labels makes no candidate: the container is left alone, and the error names it."""
    web = rolling()
    labels = {"dso.role": "candidate", "dso.service": web.name, "dso.replaces": web.id, "dso.rotation.id": "0123456789abcdef",
              "dso.generation": "2", "dso.rotation.mac": "0" * 64, "dso.scope": web.inspect()["Config"]["Labels"]["dso.scope"]}
    fake = docker.run(*SLEEP, image=BUSYBOX, name=docker.container(f"{web.name}_dso_new").name,
                      options=("--volumes-from", web.name, *[x for k, v in labels.items() for x in ("--label", f"{k}={v}")]))
    before, old = same_process(fake), web.id
    proc = agent()
    mark, value = proc.mark(), local.value
    local.change()
    assert "a container that is not DSO's has the name" in rolling.failed(proc, web, mark)
    assert same_process(fake) == before and web.id == old
    shows(web, value)
    fake.rm()
    rolling.done(proc, web, mark, 90)
    shows(web, local.value)


def test_labels_can_be_left_aside_altogether(dso, agent, docker, local, reader):
    """agent.read: {labels: false}, for those who let others choose labels too: what the config names, and nothing else."""
    name = docker.name("named")
    dso.config(FAST + f"  read: {{labels: false}}\nsecrets:\n  - name: {local.name}\n    targets: {{containers: [{name}]}}\n")
    agent()
    labelled = reader.start("--label", f"dso.secrets={local.name}")
    status, answer = reader.get(labelled, local.name)
    assert status == 403 and "agent.read: labels: false" in json.dumps(answer)
    assert reader.get(reader.start(name=name), local.name)[0] == 200


def test_whoever_asks_is_told(dso, agent, docker, local, image):
    """plan, inspect, rotate and the log say which label does not count, and what to do."""
    proc = agent()
    name = image({"dso.reloader": "true"})
    c = run(dso, docker, secret=local.file, labels=None, image=name, options=("--label", "dso.reloader=true"), command=SLEEP)
    said = "its label dso.reloader does not count: its image carries it too"
    for command in (("plan",), ("plan", c.name)):
        done = dso(*command)
        assert f"'{c.name}' is left alone: {said}. Take them out of the image" in done.err, done
    assert said in dso("inspect", c.name).out
    assert said in json.loads(dso("inspect", c.name, "--format", "json").out)["labels_that_do_not_count"]
    refused = dso("rotate", c.name, check=False)
    assert refused.rc != 0 and said in refused.err and "Dockerfile" in refused.err, refused
    alone = docker.run(*SLEEP, image=name)
    proc.wait_line(f"^WARN: \\[Agent\\] Container '{alone.name}': {said}")


def test_without_its_image_no_label_counts(dso, agent, docker, local, image):
    name = image({"x": "y"})
    c = run(dso, docker, secret=local.file, labels={"dso.strategy": "restart"}, image=name, command=SLEEP)
    docker("stop", "-t", "0", c.name)
    docker("rmi", "-f", name)
    docker.images.remove(name)
    proc = agent()
    assert f"'{c.name}' is left alone" in dso("plan").err
    assert "do not count: its image cannot be looked at" in dso("inspect", c.name).out
    docker("start", c.name)
    proc.wait_line(rf"^WARN: \[Agent\] No label of container '{c.name}' counts: its image is not there any more")
    before = same_process(c)
    mark = proc.mark()
    local.change()
    other = docker.run(*SLEEP, image=BUSYBOX, options=("--label", "dso.reloader=true"))  # said after the poll that saw the change
    proc.wait_line(f"'{other.name}' has the label", after=mark)
    assert same_process(c) == before
