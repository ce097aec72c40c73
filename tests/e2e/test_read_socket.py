"""A container that mounts the read socket reads its own secrets and no others, whoever its user is and whatever it tries."""
import json
import os
import socket

import pytest
from harness.plugin import ask
from harness.scenario import BUSYBOX, vault_config


@pytest.fixture
def mine(vault, unique, canary, dso):
    """Two secrets in Vault; the agent's environment."""
    class Mine:
        own, other, value = unique("own"), unique("other"), canary(printed=True)
        env = {"VAULT_TOKEN": vault.token}

    vault.put(Mine.own, user="u", password=Mine.value)
    vault.put(Mine.other, password=canary())
    dso.config(vault_config(vault))
    yield Mine
    vault.delete(Mine.own)
    vault.delete(Mine.other)


def test_its_own_and_no_others(dso, agent, docker, mine, client, vault, wait_until):
    proc = agent(env=mine.env)
    folder = dso.run_dir / "read"
    mounts = ("-v", f"{folder}:/run/dso:ro", "-v", f"{dso.run_dir}/dso.sock:/run/control.sock", "-v", f"{client}:/get:ro")

    def start(*options, image=BUSYBOX):
        return docker.run("sleep", "1000", image=image, options=(*mounts, *options))

    def get(container, target, sock="/run/dso/dso.sock", user="0"):
        """Status and body of what a process in the container gets."""
        out = docker("exec", "-u", user, container.name, "/get", "get", sock, target).out
        head, _, body = out.partition("\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    a, b = start("--label", f"dso.secrets={mine.own}"), start("--label", f"dso.secrets={mine.other}")
    for user in ("0", "1000"):  # anybody in the container, whatever the mode of the socket's folder on the host
        status, answer = get(a, f"/v1/secrets/{mine.own}", user=user)
        assert status == 200 and answer["name"] == mine.own and answer["fields"] == {"user": "u", "password": mine.value} and answer["version"]
    status, answer = get(a, f"/v1/secrets/{mine.other}")
    assert status == 403 and "fields" not in answer
    assert get(a, "/v1/secrets/e2e/nobody-has-this")[0] == 403, "what is there is not told either"
    assert get(b, f"/v1/secrets/{mine.other.replace('/', '%2F')}")[0] == 200
    assert get(start(), f"/v1/secrets/{mine.own}")[0] == 403
    assert get(a, "/v1/logs")[0] == 404

    vault.delete(mine.other)
    gone = start("--label", f"dso.secrets=e2e/gone-{dso.world.id}")
    assert get(gone, f"/v1/secrets/e2e/gone-{dso.world.id}")[0] == 404

    # the control socket steers for processes of the host alone, root in a container or not
    assert get(a, "/v1/logs", "/run/control.sock")[0] == 404
    assert get(a, f"/v1/secrets/{mine.own}", "/run/control.sock")[0] == 200
    assert get(a, f"/v1/secrets/{mine.other}", "/run/control.sock")[0] == 403
    assert ask(dso.run_dir / "dso.sock", "GET", "/v1/ping")[0] == 200

    # on the host: nobody, not even root
    assert ask(folder / "dso.sock", "GET", f"/v1/secrets/{mine.own}")[0] == 403

    # the folder is mounted, so that the next agent's socket is seen
    proc.stop()
    agent(env=mine.env)
    assert get(a, f"/v1/secrets/{mine.own}")[0] == 200


def test_a_connection_outlives_its_process_and_means_nothing_then(dso, agent, mine):
    """Who connected and ended cannot be told any more: the pid may be another's by now."""
    agent(env=mine.env)
    near, far = socket.socketpair()
    if os.fork() == 0:
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.connect(str(dso.run_dir / "read" / "dso.sock"))
        socket.send_fds(far, [b"x"], [s.fileno()])
        os._exit(0)
    _, fds, _, _ = socket.recv_fds(near, 1, 1)
    os.wait()
    with socket.socket(fileno=fds[0]) as s:
        s.sendall(f"GET /v1/secrets/{mine.own} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := s.recv(4096):
            answer += piece
    assert b" 403 " in answer.split(b"\r\n")[0] and b"has ended" in answer
    near.close()
    far.close()
