"""Somebody does something in the middle of a rolling update: it ends in one running container under the right name, by itself, and
what is not DSO's is not touched."""
import re

import pytest
from harness import engine_api
from harness.rolling import Local, Rolling, config, local, rolling, shows  # noqa: F401
from harness.scenario import BUSYBOX, shown

# listens after a while, and a probe before that is not held against it
SLOW = ("-e", "BOOT_MS=2500", "--health-retries", "60")
# says everything it knows before it ends, as programs do
CRASHES = ("sh", "-c", 'case "$PASSWORD" in bad*) echo "cannot log in with $PASSWORD"; echo "$PASSWORD" | base64 -w0; echo; exit 1;; esac; '
                       'trap "exit 0" TERM; while :; do sleep 0.1; done')


@pytest.fixture
def held(agent, rolling):
    """held(*options) → the service, its candidate that does not listen yet, the agent, and the log's end."""
    def hold(*options, **kw):
        c = rolling(*SLOW, *options, **kw)
        proc = agent()
        rolling.local.change()
        new = rolling.wait_candidate(c)
        return c, new, proc
    return hold


def one_left(docker, rolling, c):
    names = engine_api.names(name=[c.name])
    assert names == [c.name] and rolling.leftovers() == []


def settle(rolling, wait_until, what):
    wait_until(lambda: not rolling.leftovers(), 40, what)


def test_the_service_is_removed(docker, rolling, held, wait_until):
    """Nobody serves: the candidate takes its place, or everything is gone; nothing half."""
    c, new, proc = held()
    docker("rm", "-f", c.name)
    settle(rolling, wait_until, "the rotation ends")
    shows(c, rolling.local.value)
    one_left(docker, rolling, c)


def test_the_candidate_is_removed(docker, rolling, held, wait_until):
    """As `compose up` may do: the service stays, and the next try brings the value."""
    c, new, proc = held()
    before, old = c.id, shown(c)
    docker("rm", "-f", new.name)
    settle(rolling, wait_until, "the rotation ends")
    assert shown(c) in (old, rolling.local.value)
    shows(c, rolling.local.change(), 40)
    settle(rolling, wait_until, "the next rotation ends")
    assert c.id != before
    one_left(docker, rolling, c)


def test_the_service_is_stopped(docker, rolling, held, wait_until):
    """What the user stopped may end as the new container running or as the old one stopped, but in one container."""
    c, new, proc = held()
    docker("stop", c.name)
    settle(rolling, wait_until, "the rotation ends")
    one_left(docker, rolling, c)
    if c.running():
        shows(c, rolling.local.value)


def test_the_service_is_renamed(docker, rolling, held, wait_until):
    """Both serve then: the candidate under the name it was made for, the old one under its new name, which it keeps (still opted in,
    it has a rotation of its own)."""
    c, new, proc = held()
    kept = docker.container(f"{c.name}-kept")
    docker("rename", c.name, kept.name)
    settle(rolling, wait_until, "the rotation ends")
    shows(kept, rolling.local.value, 40)


def test_the_candidate_loses_its_network(docker, rolling, held, wait_until):
    net = rolling.network()
    c, new, proc = held("--network", net, "--network-alias", "api")
    docker("network", "disconnect", "-f", net, new.name)
    settle(rolling, wait_until, "the rotation ends")
    shows(c, rolling.local.value, 40)
    one_left(docker, rolling, c)
    asked = docker("run", "--rm", "--network", net, BUSYBOX, "nslookup", "api").out
    assert asked.count(c.address()) == 1


@pytest.mark.parametrize("suffix", ["_dso_new", "_dso_old"])
def test_a_strangers_container_is_left_alone(agent, docker, rolling, suffix):
    """Its name looks like DSO's; that is no reason to remove it, and the error names it."""
    c = rolling()
    stranger = docker.run("sleep", "600", name=docker.container(c.name + suffix).name)
    before, old, stranger_id = c.id, rolling.local.value, stranger.id
    proc = agent()
    rolling.local.change()
    if suffix == "_dso_new":
        assert f"'{stranger.name}'" in rolling.failed(proc, c)
        assert c.id == before and shown(c) == old
    else:
        rolling.done(proc, c)
        assert c.id != before and shown(c) == rolling.local.value
    assert stranger.id == stranger_id and stranger.running()


def test_a_strangers_container_in_the_way_of_a_relay(agent, docker, rolling):
    """With ports the service would be set aside as x_dso_old: where that is taken, it serves on."""
    c = rolling("-p", "127.0.0.1::8000")
    stranger = docker.run("sleep", "600", name=docker.container(f"{c.name}_dso_old").name)
    before, old = c.id, rolling.local.value
    proc = agent()
    rolling.local.change()
    assert f"'{stranger.name}'" in rolling.failed(proc, c)
    assert c.id == before and shown(c) == old and stranger.running()
    assert rolling.leftovers() == [stranger.name]


def test_a_candidate_that_ends(agent, docker, rolling, canary):
    """Its last words are told, without the secret in any form; the harness looks for it in the log."""
    rolling.local.printed = True
    rolling.local.change()
    c = rolling(image=BUSYBOX, command=CRASHES, healthy=False)
    before = c.id
    proc = agent()
    rolling.local.change("bad-" + canary(env=True, printed=True))
    line = rolling.failed(proc, c)
    assert "exit" in line and "1" in line, line
    said = proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' said \| cannot log in with .*$").group(0)
    assert rolling.local.value not in said and "dso-canary" not in proc.text()
    proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' said \| (?!cannot)")
    assert c.id == before and c.running() and rolling.leftovers() == []


def test_a_candidate_that_ends_before_anybody_looks(agent, docker, rolling, canary):
    """It is made once for a value, not again and again: some of these end before the agent's next look at the engine."""
    c = rolling(image=BUSYBOX, command=("sh", "-c", '[ "${PASSWORD#bad}" = "$PASSWORD" ] || exit 3; trap "exit 0" TERM; while :; do sleep 0.1; done'),
                healthy=False)
    before, proc, at = c.id, agent(), 0
    for _ in range(4):
        rolling.local.change("bad-" + canary(env=True))
        line = rolling.failed(proc, c, after=at)
        said = proc.log_path.read_bytes()[at:].decode()
        assert "the container ended with exit code 3" in line and said.count("Starting the candidate") == 1, said
        at = proc.mark()
    assert c.id == before and c.running() and rolling.leftovers() == []


def test_what_a_mapping_takes_out_of_a_value_is_taken_out_of_the_log_too(agent, docker, rolling, canary):
    """'#a.b' delivers a part of a field: the program knows the part alone, and says it."""
    rolling.local.printed = True
    rolling.local.change('{"a": {"b": "%s"}}' % canary(env=True, printed=True))
    c = rolling(secret=f"{rolling.local.name}:password#a.b=PASSWORD", image=BUSYBOX, command=CRASHES, healthy=False)
    proc = agent()
    part = "bad-" + canary(env=True, printed=True)
    rolling.local.change('{"a": {"b": "%s"}}' % part)
    rolling.failed(proc, c)
    proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' said \| cannot log in with \[secret\]$")
    assert part not in proc.text()


def test_a_rollback_that_fails_shows_no_words_that_it_cannot_clean(agent, docker, rolling, dso, canary):
    """A rollback reads no value, so nothing can be taken out of what the container said."""
    rolling.local.printed = True
    old = rolling.local.change()
    volume = f"dso-test-{docker.world.id}-rollback"
    docker.volumes.append(volume)
    ends = ("sh", "-c", '[ -e /data/broken ] && echo "cannot log in with $PASSWORD" && exit 1; trap "exit 0" TERM; while :; do sleep 0.1; done')
    c = rolling("-v", f"{volume}:/data", image=BUSYBOX, command=ends, healthy=False, labels={"dso.strategy": "rolling", "dso.exclusive": "false"})
    proc = agent()
    rolling.local.change()
    rolling.done(proc, c)
    c.exec("touch", "/data/broken")
    done = dso("rollback", c.name, check=False)
    assert done.rc == 6, done
    rolling.failed(proc, c)
    assert old not in proc.text() and " said | " not in proc.text()


def test_a_candidate_that_is_late(dso, agent, docker, rolling, canary):
    dso.config(config(timeout="3s"))
    c = rolling("--health-interval", "500ms", "--health-retries", "1000", "--health-cmd", "web --probe")
    before, started, old = c.id, c.started_at, rolling.local.value
    proc = agent()
    rolling.local.change("bad" + canary(env=True))
    said = proc.wait_line(rf"^ERROR: \[Reloader\] '{c.name}' said \| .*$", 40).group(0)
    lines = proc.lines(r"^ERROR: ")
    assert re.match(rf"ERROR: \[Reloader\] Rolling update failed for '{c.name}': Healthcheck timeout(\.|$)", lines[0]), lines
    assert lines[1] == said
    assert (c.id, c.started_at, shown(c)) == (before, started, old) and rolling.leftovers() == []


@pytest.mark.parametrize("options", [(), ("-p", "127.0.0.1::8000")], ids=["swap", "relay"])
def test_another_change_while_a_candidate_starts(rolling, held, wait_until, options):
    """The newest wins in the end."""
    c, new, proc = held(*options)
    shows(c, rolling.local.change(), 60)
    settle(rolling, wait_until, "the last rotation ends")
    shows(c, rolling.local.value)


def test_two_secrets_of_one_container(dso, agent, docker, rolling, canary, unique):
    """Changed together they cause one rotation."""
    dso.config(config(quiet="1s"))
    other = Local(dso, canary, unique)
    other.change()
    c = rolling(secret=[rolling.local.env, f"{other.name}#password=/run/app/pw"])
    proc = agent()
    values = rolling.local.change(), other.change()
    rolling.done(proc, c)
    assert (shown(c), c.read("/run/app/pw")) == values
    assert c.inspect()["Config"]["Labels"]["dso.generation"] == "2"


def test_thirty_changes(dso, agent, rolling):
    """A burst is one rotation, or two where a poll falls into its middle; the last value counts."""
    dso.config(config(quiet="2s"))
    c = rolling()
    proc = agent()
    for _ in range(30):
        rolling.local.change()
    shows(c, rolling.local.value)
    proc.wait_line(rf"^INFO: \[Reloader\] Rolled '{c.name}'")
    assert int(c.inspect()["Config"]["Labels"]["dso.generation"]) <= 3
    assert proc.lines(rf"\[Debouncer\] Update suppressed for '{rolling.local.name}'")


@pytest.mark.parametrize("options", [(), ("-p", "127.0.0.1::8000")], ids=["swap", "relay"])
def test_the_agent_is_stopped(agent, docker, rolling, held, wait_until, options):
    """It ends at once and undoes what nobody relies on; the next one brings the change."""
    c, new, proc = held(*options)
    before, old = c.id, shown(c)
    proc.stop(30)
    one_left(docker, rolling, c)
    assert c.id == before and shown(c) == old
    agent()
    shows(c, rolling.local.value, 40)
    settle(rolling, wait_until, "the rotation ends")
    one_left(docker, rolling, c)
