"""Attempts to drive secret values out of locked memory: what does not fit is said and counted, or refused, as the config wants it."""
import json
import re
import urllib.request

import pytest
from harness.scenario import BUSYBOX

READ = "/run/dso/dso.sock"
FAST = "  watch: {polling_interval: 1s, debounce: {quiet: 100ms, max: 2s}}\n"


def limited(kib):
    """Root without the right that makes limits void, as under the agent's unit."""
    return ("setpriv", "--bounding-set=-ipc_lock", "prlimit", f"--memlock={kib * 1024}", "--")


@pytest.fixture
def scene(dso, agent, docker, unique, canary, client):
    """scene(memory, kib) → the agent and a function by which a container reads its small or its large secret."""
    class Secrets:
        small, large, value = unique("small"), unique("large"), canary(printed=True)

    def start(memory, kib):
        dso("init")
        dso.set(f"{Secrets.small}#password", Secrets.value)
        file = dso.world.tmp / "secrets.json"  # the local store is read as a whole
        file.write_text(json.dumps({Secrets.large: {"password": "x" * 900_000}}))
        dso.config(f"providers:\n  default: {{type: local}}\n  files: {{type: file, secrets_file: {file}}}\n"
                   f"secrets:\n  - {{name: {Secrets.large}, provider: files}}\nagent:\n{FAST}{memory}")
        proc = agent(under=limited(kib))
        c = docker.run("sleep", "1000", image=BUSYBOX, options=("-v", f"{dso.run_dir}/read:/run/dso:ro", "-v", f"{client}:/get:ro", "--label",
                                                                 f"dso.secrets={Secrets.small},{Secrets.large}"))

        def read(name):
            head, _, body = docker("exec", c.name, "/get", "get", READ, f"/v1/secrets/{name}").out.partition("\r\n\r\n")
            return int(head.split()[1]), json.loads(body)
        return proc, Secrets, read
    return start


def test_what_is_not_locked_is_said_and_counted(scene):
    address = "127.0.0.1:9478"
    proc, secrets, read = scene(f"  metrics: {{listen: '{address}'}}\n", 1024)
    status, answer = read(secrets.large)
    assert status == 200 and len(answer["fields"]["password"]) == 900_000
    proc.wait_line(r"^WARN: \[Agent\] \d+ KiB of secret memory could not be locked and may be swapped \(.*; 1024 KiB may be locked\)")
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        unlocked = re.search(r"^dso_secret_memory_unlocked_bytes (\d+)$", answer.read().decode(), re.M)
    assert int(unlocked[1]) > 900_000


def test_what_must_be_locked_is_refused(scene):
    proc, secrets, read = scene("  memory: {locked: required}\n", 1024)
    assert read(secrets.small)[1]["fields"] == {"password": secrets.value}
    status, answer = read(secrets.large)
    assert status == 503 and "no more memory can be locked" in json.dumps(answer), answer
    assert read(secrets.small)[0] == 200 and proc.running(), "the others are served"
    proc.wait_line(r"^ERROR: \[Agent\] A request was refused: no more memory can be locked for secrets")
    assert not proc.lines("could not be locked")


def test_an_agent_that_can_lock_nothing_does_not_start(dso):
    dso.config("agent:\n  memory: {locked: required}\n")
    done = dso.world.run([*limited(0), dso.bin, "agent"], check=False)
    assert done.rc == 2 and "not all memory for secrets can be locked" in done.err and "LimitMEMLOCK=" in done.err, done
