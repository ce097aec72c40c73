"""No rolling update where it would lose something: data in a container's own layer, a volume that two would write to, an address that
clients keep. By default another way is chosen; where rolling is asked for it is refused, with the label that allows it."""
import json

import pytest
from harness.rolling import differences, local, rolling, shows  # noqa: F401
from harness.scenario import BUSYBOX
from harness.wait import wait_until

# ends at once when told to, and runs as long as it is left alone
LIVE = 'trap "exit 0" TERM; while :; do sleep 0.1; done'


def restarted(proc, c, after=0):
    return proc.wait_line(rf"^INFO: \[Reloader\] Restarting '{c.name}' with the new secret \((.*)\)$", 40, after).group(1)


def starts(rolling, *options, does="true", labels=None, image=BUSYBOX, secret=None):
    return rolling(*options, image=image, command=("sh", "-c", f"{does}; touch /tmp/up; {LIVE}"), labels=labels or {"some": "label"},
                   healthy=False, secret=secret)


def is_up(c):
    wait_until(lambda: c.exec("test", "-e", "/tmp/up", check=False).rc == 0, 20, f"{c.name} has begun")
    return c


def look(dso, c):
    """Its rows of `dso doctor`, by check."""
    report = json.loads(dso("doctor", "--format", "json", check=False).out)
    return {row["check"]: row for row in report["rows"] if row["subject"] == c.name}


def everybody_says(dso, c, reason):
    """plan, inspect and doctor, before the change is brought."""
    plan = json.loads(dso("plan", "--format", "json", c.name).out)[0]["rotations"][0]
    inspect = json.loads(dso("inspect", "--format", "json", c.name).out)["secrets"][0]["strategy"]
    doctor = look(dso, c)["container.strategy"]
    for text in (plan["reason"] + plan["impossible"], inspect, doctor["found"]):
        assert reason in text, text
    return plan


def test_two_never_write_to_one_volume(dso, agent, docker, rolling):
    """Whatever the image is called."""
    docker("tag", BUSYBOX, f"pgvector/pgvector:{docker.world.id}")
    docker.images.append(f"pgvector/pgvector:{docker.world.id}")
    volume = f"dso-test-{docker.world.id}-v"
    docker.volumes.append(volume)
    # a lock that two of them would break
    does = "[ ! -e /data/lock ] || echo TWO; touch /data/lock /tmp/up; trap 'rm /data/lock; exit 0' TERM; while :; do sleep 0.1; done"
    c = is_up(starts(rolling, "-v", f"{volume}:/data", does=does, image=f"pgvector/pgvector:{docker.world.id}"))
    before, reason = c.id, f"two would write to the volume '{volume}' at /data for a while"
    rolling.local.change()
    plan = everybody_says(dso, c, reason)
    assert plan["strategy"] == "restart" and plan["impossible"] == ""
    proc = agent()
    assert reason in restarted(proc, c)
    proc.wait_line(rf"Restarted '{c.name}', healthy", 30)
    assert c.id == before and "TWO" not in c.logs() and rolling.leftovers() == []


@pytest.mark.parametrize("path", ["/app/db.sqlite", "/var/lib/app/state", "/srv/000003.log"])
def test_what_a_program_wrote_into_its_own_layer_stays(dso, agent, rolling, path):
    c = is_up(starts(rolling, does=f"mkdir -p $(dirname {path}); [ -e {path} ] || echo precious > {path}"))
    asked = is_up(starts(rolling, does=f"mkdir -p $(dirname {path}); [ -e {path} ] || echo precious > {path}", labels={"dso.strategy": "rolling"}))
    before = {x.name: (x.id, x.started_at) for x in (c, asked)}
    reason = f"what it has written into its own layer would go: '{path}'"
    rolling.local.change()
    everybody_says(dso, c, reason)
    assert "dso.layer=drop" in everybody_says(dso, asked, reason)["impossible"]
    proc = agent()
    assert reason in restarted(proc, c)
    assert reason in (line := rolling.failed(proc, asked)) and "dso.layer=drop" in line
    proc.wait_line(rf"Restarted '{c.name}', healthy", 30)
    assert c.read(path) == asked.read(path) == "precious\n"
    assert c.id == before[c.name][0] and (asked.id, asked.started_at) == before[asked.name]


def test_a_label_lets_it_go(agent, rolling):
    c = is_up(starts(rolling, does="echo cheap > /app", labels={"dso.strategy": "rolling", "dso.layer": "drop"}))
    before, proc = c.id, agent()
    rolling.local.change()
    rolling.done(proc, c)
    assert c.id != before


def test_what_every_start_writes_is_no_reason(agent, rolling):
    """Temporary files, logs, caches, pid files, empty folders, configuration that an entrypoint fills in."""
    does = ("mkdir -p /var/log /var/cache/x /app/uploads /root/.cache /app/__pycache__ /run/app; echo 1 > /tmp/a; echo 2 > /var/log/x.log;"
            "echo 3 > /var/cache/x/y; echo 4 > /app/server.pid; echo 5 > /root/.cache/z; echo 6 > /app/__pycache__/m.pyc; echo 7 > /run/app/s;"
            "echo '# 8' >> /etc/passwd")
    c = is_up(starts(rolling, does=does))
    before, proc = c.id, agent()
    rolling.local.change()
    rolling.done(proc, c)
    assert c.id != before


def test_what_somebody_changed_since_is_one(agent, rolling):
    c = is_up(starts(rolling))
    c.exec("mv", "/etc/passwd", "/etc/passwd.old")
    proc = agent()
    rolling.local.change()
    reason = restarted(proc, c)
    assert "'/etc/passwd" in reason and "and 1 more" in reason


def test_an_address_that_clients_keep(dso, agent, docker, rolling):
    """By dso.address=keep: a client that looked the name up once (nginx, upstream) goes on."""
    # (each in its own: the engine gives the address of one that is being restarted to whoever starts in that moment)
    told = rolling("--network", rolling.network(), labels={"dso.address": "keep"})
    plain = rolling("--network", rolling.network(), labels={"some": "label"})
    before = {c.name: (c.id, c.address()) for c in (told, plain)}
    rolling.local.change()
    everybody_says(dso, told, "its address would be another one (label dso.address=keep)")
    assert "with another address" in dso("plan", plain.name).out
    assert look(dso, plain)["container.address"]["level"] == "info"
    proc = agent()
    restarted(proc, told)
    rolling.done(proc, plain)
    shows(told, rolling.local.value)
    assert (told.id, told.address()) == before[told.name]
    assert plain.id != before[plain.name][0] and plain.address() != before[plain.name][1]


def test_up_says_it_at_once(dso, docker, rolling):
    project = docker.project("s")
    service = ("  {}:\n    image: dso-test/web:1\n    environment: {{PASSWORD: 'dso://" + rolling.local.file + "'}}\n"
               "    labels: {{dso.reloader: 'true'{}}}\n{}")
    more = "    volumes: [data:/data]\n"
    (dso.world.work / "compose.yaml").write_text("services:\n" + service.format("auto", "", more) + service.format(
        "asked", ", dso.strategy: rolling", more) + service.format("well", "", "") + service.format(
            "odd", ", dso.exclusive: 'yes'", "") + "volumes: {data: {}}\n")
    said = dso("up", "-p", project, "-d", timeout=120).err
    reason = f"two would write to the volume '{project}_data' at /data for a while"
    lines = [line for line in said.splitlines() if line.startswith("dso: ")]
    assert any("auto-1' has the strategy restart" in line and reason in line for line in lines), said
    assert any("warning:" in line and "asked-1' has the strategy rolling" in line and "dso.exclusive=true" in line for line in lines), said
    assert any("the label dso.exclusive has 'yes', which is none of true, false" in line for line in lines), said
    assert not any("well-1" in line for line in lines), said


def test_a_rollback_loses_nothing_either(dso, agent, rolling):
    c = is_up(starts(rolling))
    proc = agent()
    rolling.local.change()
    rolling.done(proc, c)
    is_up(c).exec("sh", "-c", "echo precious > /app.db")
    done = dso("rollback", c.name, check=False)
    assert done.rc != 0 and "'/app.db'" in done.err and "dso.layer=drop" in done.err
    assert c.read("/app.db") == "precious\n"
