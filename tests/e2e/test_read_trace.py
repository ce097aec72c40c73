"""Who read what, and who tried to: in the log and in the metrics; never a value."""
import json
import re
import socket

import pytest
from harness.plugin import ask
from harness.scenario import BUSYBOX, FAST
from test_metrics import numbers

READ, CONTROL, PLUGIN = "/run/dso/dso.sock", "/run/control.sock", "/run/plugin.sock"


@pytest.fixture
def address():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{s.getsockname()[1]}"


def test_who_read_what(dso, agent, docker, canary, unique, client, address, wait_until):
    mine, other, first, second = unique("mine"), unique("other"), canary(printed=True), canary(printed=True)
    dso("init")
    dso.set(f"{mine}#password", first)
    dso.set(f"{other}#password", canary(printed=True))
    dso.config(f"{FAST}  metrics: {{listen: {address}}}\n")
    proc = agent()
    mounts = ("-v", f"{dso.run_dir}/read:/run/dso:ro", "-v", f"{dso.run_dir}/dso.sock:{CONTROL}", "-v", f"{dso.run_dir}/plugin.sock:{PLUGIN}", "-v",
              f"{client}:/get:ro")
    web, thief = (docker.run("sleep", "1000", image=BUSYBOX, options=(*mounts, "--label", f"dso.secrets={name}")) for name in (mine, other))

    def get(container, target, sock=READ, *body):
        out = docker("exec", container.name, "/get", "post" if body else "get", sock, target, *body).out
        head, _, text = out.partition("\r\n\r\n")
        return int(head.split()[1]), json.loads(text)

    def reads(result):
        return numbers(address).get(f'dso_secret_reads_total{{result="{result}"}}', 0)

    def read_lines():
        return proc.lines(r"^INFO: \[Agent\] The secret '.*is read by ")

    status, answer = get(web, f"/v1/secrets/{mine}")
    assert status == 200
    for sock in (READ, CONTROL, READ):
        assert get(web, f"/v1/secrets/{mine}", sock)[0] == 200
    line, = read_lines()
    assert line.endswith(f"The secret 'default/{mine}', version {answer['version']}, is read by the container '{web.name}' ({web.id[:12]})")
    assert reads("done") == 4 and reads("refused") == 0
    dso.set(f"{mine}#password", second)
    wait_until(lambda: get(web, f"/v1/secrets/{mine}")[1]["fields"]["password"] == second, 20, "the new version is read")
    assert len(read_lines()) == 2, "a line for each version"

    for _ in range(5):
        assert get(thief, f"/v1/secrets/{mine}")[0] == 403
    guess = f"a-password-{unique('guess')}"
    assert get(thief, f"/v1/secrets/{guess}")[0] == 403
    assert guess not in proc.text(), "what is sent as a name may be a value"
    assert get(thief, "/v1/status", CONTROL)[0] == 404
    assert get(thief, "/VolumeDriver.List", PLUGIN, "{}")[0] == 403
    assert ask(dso.run_dir / "read" / "dso.sock", "GET", f"/v1/secrets/{mine}")[0] == 403
    assert reads("refused") == 9
    who = re.escape(f"the container '{thief.name}' ({thief.id[:12]})")
    not_its = "it is not among those that its labels, its config or its volumes name"
    refusals = proc.lines(r"^WARN: \[Agent\] A read by ")
    for wanted in (rf"{who} of the secret '{mine}' is refused: {not_its}$", rf"{who} of a secret whose name is not known here is refused: {not_its}$",
                   rf"{who} of what is no secret is refused: ", rf"{who} of the plugin socket is refused: this socket is for the engine$",
                   r"a process of the host of secrets is refused: this socket is for containers$"):
        assert len([line for line in refusals if re.search(wanted, line)]) == 1, (wanted, refusals)
    assert len(refusals) == 5, refusals

    assert get(thief, f"/v1/secrets/{other}")[0] == 200
    thief.rm()
    gone = docker.run("sleep", "1000", image=BUSYBOX, options=(*mounts, "--label", f"dso.secrets={unique('none')}"))
    assert get(gone, f"/v1/secrets/{gone.inspect()['Config']['Labels']['dso.secrets']}")[0] == 404
    assert reads("failed") == 1
    assert proc.lines(rf"^WARN: \[Agent\] A read by the container '{gone.name}' .* failed: ")
