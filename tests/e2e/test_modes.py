"""A mode that is promised is had under any umask: the unit's 0077, under which others would be shut out, and 0000, under which all
would be let in."""
import json
import os
import stat

import pytest
from harness.scenario import BUSYBOX

# what others than root have to get through to, or may not
PROMISED = {"run": 0o711, "run/read": 0o755, "run/read/dso.sock": 0o666, "run/dso.sock": 0o660, "run/plugins/dso.sock": 0o600, "run/plugins": 0o755,
            "run/agent.lock": 0o600, "run/locks": 0o700, "run/secrets": 0o700, "state": 0o755, "state/scopes": 0o700}


@pytest.fixture(params=["0077", "0000"])
def umask(request):
    before = os.umask(int(request.param, 8))
    yield
    os.umask(before)


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def test_modes_are_what_is_promised(umask, dso, agent, docker, canary, unique, client):
    secret, value = unique("own"), canary(printed=True, env=True)
    env = {"DSO_PLUGIN_SOCKET": dso.run_dir / "plugins" / "dso.sock", "DSO_STATE_DIR": dso.world.tmp / "new" / "state"}
    dso("init")
    dso.set(f"{secret}#password", value)
    agent(env=env)
    read = dso.run_dir / "read"
    web = docker.name("web")
    dso("run", "-d", "--name", web, "--user", "1000:1000", "-v", f"{read}:/run/dso-read:ro", "-v", f"{client}:/get:ro", "--secret",
        f"{secret}#password:PASSWORD", "--secret", f"{secret}#password=/run/secrets/password", BUSYBOX, "sleep", "1000", env=env)
    answer = docker("exec", web, "/get", "get", "/run/dso-read/dso.sock", f"/v1/secrets/{secret}").out
    assert answer.startswith("HTTP/1.1 200 "), "a user of a container gets through to the read socket"
    assert json.loads(answer.partition("\r\n\r\n")[2])["fields"] == {"password": value}
    assert docker("exec", web, "cat", "/run/secrets/password").out == value

    state = env["DSO_STATE_DIR"]
    places = {name: (dso.run_dir if name.startswith("run") else state) / name.partition("/")[2] for name in PROMISED}
    assert {name: oct(mode_of(path)) for name, path in places.items()} == {name: oct(mode) for name, mode in PROMISED.items()}
    open_to_all = [str(p) for top in (dso.run_dir, state, dso.store_dir) for p in (top, *top.rglob("*"))
                   if not p.is_symlink() and not p.is_socket() and mode_of(p) & 0o022]
    assert not open_to_all, "others may write"


def test_a_read_folder_that_an_earlier_agent_left_closed(dso, agent):
    read = dso.run_dir / "read"
    dso("init")
    agent().stop()
    for wrong in (0o700, 0o777):
        read.chmod(wrong)
        running = agent()
        assert mode_of(read) == 0o755
        running.stop()
