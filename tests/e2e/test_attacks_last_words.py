"""What a container prints before it fails goes to the agent's log: ways in which a program writes its secret there, and what is shown of them."""
import json

import pytest
from harness.rolling import local, rolling  # noqa: F401
from harness.scenario import BUSYBOX

RUNS = 'trap "exit 0" TERM; while :; do sleep 0.1; done'


@pytest.fixture
def last_words(agent, rolling):
    """last_words(value, script, *options) → the lines that the agent shows of a container which ran `script` with the new value and failed."""
    def said(value, script, *options, secret=None):
        rolling.local.printed = True
        rolling.local.change(json.dumps({"password": "good"}))
        c = rolling(*options, secret=secret, image=BUSYBOX, healthy=False,
                    command=("sh", "-c", f'case "$PASSWORD" in *good*) ;; *) {script}; echo the end; exit 1;; esac; {RUNS}'))
        proc = agent()
        rolling.local.change(value)
        rolling.failed(proc, c)
        proc.wait_line(rf"'{c.name}' said \| the end$")
        return [line.split(" said | ", 1)[1] for line in proc.lines(rf"'{c.name}' said \| ")][:-1]
    return said


def test_parts_of_a_value(last_words, canary):
    """A member of a JSON secret, the password of an address as the program decodes it, the beginning and the end."""
    password = canary(env=True, printed=True)
    first, last = password[11:31], password[-20:]
    value = json.dumps({"user": "app", "dsn": f"postgres://app:{password}%2F%40@db/app"})
    assert last_words(value, f'echo "login as app with {first} or {last}/@ failed"') == ["login as app with [secret] or [secret] failed"]


DISGUISES = {  # what a program makes of $P; here, since the harness looks for values in `docker inspect`
    "url-safe base64": "printf %s u:$P | base64 -w0 | tr +/ -_",
    "base64 in base64": "printf %s $P | base64 -w0 | base64 -w0",
    "lower percent": "printf %s $P | od -An -v -tx1 | tr ' ' % | tr -d '\\n'",
    "hex with colons": "printf %s $P | od -An -v -tx1 | tr ' ' : | tr -d '\\n'",
    "colours": "printf %s $P | sed \"s/..../&$(printf '\\033')[1m/g\"",
    "a number each": "printf %s $P | od -An -v -tu1 | tr -s ' \\n' ,",
    "trimmed": "printf %s $P",
}


@pytest.mark.parametrize("how", list(DISGUISES))
def test_values_in_disguise(last_words, canary, how):
    value = f"  {canary(env=True, printed=True)}?>~/?>~/ \n"
    said = last_words(value, f"P=$(echo $PASSWORD); echo \"got $({DISGUISES[how]}) so\"")
    assert len(said) == 1 and said[0].startswith("got") and said[0].endswith("so") and "[secret]" in said[0], said
    assert len(said[0]) < 40, said


def test_a_short_value_hides_its_line(last_words):
    said = last_words(json.dumps({"pin": "7h3p"}), "echo connecting; echo login with x7h3px failed")
    assert said == ["connecting", "[secret] (line hidden: a short secret value stands in it)"]


def test_a_value_that_its_scope_never_brought(agent, docker, dso, rolling, canary, unique, plugin):
    """What a volume brings it is its secret too."""
    other, value = unique("other"), canary(printed=True)
    dso.set(f"{other}#password", value)
    rolling.local.printed = True
    rolling.local.change()
    proc = agent(env=plugin.env)
    volume = docker.name("vol")
    docker.volumes.append(volume)
    docker("volume", "create", "-d", plugin.driver, "-o", f"secrets={other}", volume)
    c = rolling("-v", f"{volume}:/other", image=BUSYBOX, healthy=False,
                command=("sh", "-c", f'case "$PASSWORD" in bad*) echo i know $(cat /other/password); exit 1;; esac; {RUNS}'))
    rolling.local.change("bad-" + canary(env=True))
    rolling.failed(proc, c)
    proc.wait_line(rf"'{c.name}' said \| i know \[secret\]$")
    assert value not in proc.text()
