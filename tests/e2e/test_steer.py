"""The running agent, steered and looked at: `dso rotate`, `dso status`, `dso logs`."""
import json
import re

import pytest
from harness.rolling import Rolling, config, local, rolling, shows  # noqa: F401
from harness.scenario import run, shown

# polls so seldom, and is so patient, that nothing comes by itself within a test
SLOW = ("agent:\n  watch: {polling_interval: 10m, debounce: {quiet: 5m, max: 10m}}\n"
        "  rotation: {health_check_timeout: 4s, drain_timeout: 200ms}\n")


@pytest.mark.parametrize("strategy", ["rolling", "restart", "signal"])
def test_rotate_brings_the_value_now(dso, agent, docker, rolling, strategy):
    dso.config(SLOW)
    options = () if strategy == "rolling" else ("-e", "SHOW_FILE=/run/secrets/password")
    c = rolling(*options, labels={"dso.strategy": strategy, "dso.signal": "SIGHUP"},
                secret=rolling.local.env if strategy == "rolling" else f"{rolling.local.name}#password")
    proc = agent()
    assert "nothing to do" in dso("rotate", c.name).out
    value = rolling.local.change()
    said = dso("rotate", c.name).out
    assert f"'{c.name}' has the present value of its secrets: '{rolling.local.name}' changed" in said
    shows(c, value)
    before = c.started_at
    assert "nothing to do" in dso("rotate", c.name).out and c.started_at == before
    assert proc.running()


def test_rotate_tells_what_failed_and_tries_again_when_asked(dso, agent, docker, rolling, canary):
    """The agent waits a minute with a value that failed; somebody who asks does not."""
    dso.config(SLOW)
    c = rolling("--health-cmd", "web --probe", "--health-interval", "300ms")
    old = rolling.local.value
    agent()
    rolling.local.change("bad" + canary(env=True))
    for _ in range(2):
        done = dso("rotate", c.name, check=False, timeout=60)
        assert done.rc == 6 and f"Cannot rotate '{c.name}'" in done.err and "keeps the last good secret" in done.err
        assert shown(c) == old and rolling.leftovers() == []
    value = rolling.local.change()
    dso("rotate", c.name)
    shows(c, value)


def test_rotate_of_what_cannot_be(dso, agent, docker, rolling):
    c = run(dso, docker, secret=rolling.local.env)
    plain = docker.run("sleep", "600")
    agent()
    for name, rc, why in ((c.name, 1, "did not opt in"), (plain.name, 4, "delivers no secret"), ("dso-test-nobody", 4, "no such service")):
        done = dso("rotate", name, check=False)
        assert (done.rc, why in done.err) == (rc, True), done
    # the others are rotated all the same, and the worst is told
    opted = rolling()
    value = rolling.local.change()
    done = dso("rotate", plain.name, opted.name, check=False)
    assert done.rc == 4 and opted.name in done.out
    shows(opted, value)


def rows(text, heading):
    """The lines of the table under this heading."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(heading))
    return [line for line in "\n".join(lines[start + 1:]).split("\n\n")[0].splitlines() if line]


def test_status(dso, agent, docker, rolling, canary, wait_until):
    c = rolling()
    still = run(dso, docker, secret=rolling.local.env, stem="still")
    out = dso("status").out
    assert out.startswith("Agent: none answers") and "Start it: dso agent" in out
    table = {line.split()[0]: line for line in rows(out, "CONTAINER")}
    assert "rolling" in table[c.name] and table[c.name].endswith("current") and table[still.name].endswith("not opted in")
    proc = agent()
    rolling.local.change()
    rolling.done(proc, c)

    def rolled():
        look = json.loads(dso("status", "--format", "json").out)
        mine = next(x for x in look["containers"] if x["container"] == c.name)
        provider, = look["agent"]["providers"]
        return mine["state"] == "current" and mine["last_rotation"].startswith("rolling") and provider["up"] and provider["secrets"] == 1
    wait_until(rolled, 20, "status shows the rotation")
    assert f"pid {proc.pid}" in dso("status").out
    # a value that fails is shown as such until there is a better one
    rolling.local.change("bad" + canary(env=True))
    rolling.failed(proc, c)
    wait_until(lambda: "failing" in next(r for r in rows(dso("status").out, "CONTAINER") if r.startswith(c.name)), 20, "status says failing")
    look = dso.start("status", "--watch")
    look.wait_line(r"^PROVIDER ", 20)
    look.wait_line(rf"^{c.name} .*failing", 20)
    look.stop(expect=130)


def test_logs(dso, agent, docker, rolling):
    c = rolling()
    other = rolling()
    proc = agent()
    rolling.local.change()
    for one in (c, other):
        rolling.done(proc, one)
    everything = dso("logs").out.splitlines()
    assert everything[-1] == proc.text().splitlines()[-1]
    mine = dso("logs", "--container", c.name).out
    assert f"Rolled '{c.name}'" in mine and other.name not in mine
    assert dso("logs", "--tail", "1").out.splitlines() == everything[-1:]
    named = dso("logs", "--secret", rolling.local.name, "-n", "2").out.splitlines()
    assert len(named) == 2 and all(f"'{rolling.local.name}'" in line for line in named)
    live = dso.start("logs", "--follow", "--container", c.name)
    rolled = rf"^INFO: \[Reloader\] Rolled '{re.escape(c.name)}'"
    live.wait_line(rolled)  # what was said before; from there on nothing is missed
    seen = live.mark()
    rolling.local.change()
    live.wait_line(rolled, 40, seen)
    assert other.name not in live.text()
    live.stop(expect=130)
    done = dso("logs", "--tail", "x", check=False)
    assert done.rc == 2 and "--tail" in done.err


def test_completion_names_containers_and_docker_asks_for_it(dso, docker):
    c = docker.run("sleep", "600", name=docker.name("tab"))
    other = docker.run("sleep", "600", name=docker.name("other"))
    script = f'source <({dso.bin} completion bash); COMP_WORDS=({dso.bin} rotate {c.name[:-2]}); COMP_CWORD=2; _dso; echo "${{COMPREPLY[@]}}"'
    assert docker.world.run(["bash", "-c", script]).out.split() == [c.name]
    asked = docker("__complete", "dso", "rotate", "").out.splitlines()
    assert {f"{c.name}\tcontainer", f"{other.name}\tcontainer"} <= set(asked) and asked[-1] == ":4"
    assert docker("__complete", "dso", "rota").out.splitlines()[0].split("\t")[0] == "rotate"
