"""Whatever a store or the engine does, a running container keeps its last good secret and its service, and when things are well
again it gets the newest by itself."""
import re
import socket
import threading
import time
from pathlib import Path

import pytest
from harness import places
from harness.cut_socket import CutSocket
from harness.process_tree import read_proc, tree
from harness.scenario import reads, run, shows, vault_config
from harness.stores import peer

FILE = "/run/secrets/password"
SHOW_FILE = ("-e", f"SHOW_FILE={FILE}")
SIGNAL = {"dso.strategy": "signal", "dso.signal": "SIGHUP"}
QUICK = "  timeout: 2s\n"
FAILED = r"^ERROR: \[Watcher\] Failed to fetch secret '{}'"


@pytest.fixture
def db(vault, unique, canary):
    """A secret in Vault and its present value."""
    class Db:
        name, value, env = unique("db"), canary(), {"VAULT_TOKEN": vault.token}

        def change(self):
            self.value = canary()
            vault.put(self.name, password=self.value)
            return self.value

    d = Db()
    vault.put(d.name, password=d.value)
    yield d
    vault.delete(d.name)


HTML = "<html><body><h1>It works!</h1></body></html>"
HALF = '{"request_id":"1","data":{"data":{"password":"half'
FAULTS = {
    "html": {"status": 200, "headers": {"Content-Type": "text/html"}, "body": HTML},
    "half json": {"status": 200, "body": HALF},
    "cut off": {"status": 200, "body": HALF + "x" * 100, "truncate": 50},
    "other json": {"status": 200, "body": '{"data":[1,2,3]}'},
    "200 MB": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": '{"data":"', "body_mb": 200},
    "silence": {"delay": 6, "status": 200, "body": "{}"},
    "connections dropped": {"drop": True, "status": 0},
    "500": {"status": 500, "body": '{"errors":["internal error"]}'},
    "throttled": {"status": 429, "headers": {"Retry-After": "1"}, "body": '{"errors":["quota"]}'},
    "sealed": {"status": 503, "body": '{"errors":["Vault is sealed"]}'},
    "denied": {"status": 403, "body": '{"errors":["permission denied"]}'},
    "gone": {"status": 404, "body": '{"errors":[]}'},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_store_that_misbehaves(dso, agent, docker, vault, faultproxy, db, fault):
    """The container keeps what it has, the log says it once, and the change arrives once the store is well."""
    dso.config(vault_config(vault, address=faultproxy.url, settings="  retry: {attempts: 1}\n" + QUICK))
    c = run(dso, docker, secret=db.name, labels=SIGNAL, options=SHOW_FILE, env=db.env)
    old = db.value
    shows(c, old)
    started = c.started_at
    proc = agent(env=db.env)
    faultproxy.fault(times=100000, **fault)
    new = db.change()
    line = proc.wait_line(FAILED.format(db.name) + ".*$", 40).group(0)
    assert "keep the last good secret" in line
    assert c.read(FILE) == old and c.started_at == started and c.running()
    assert len(proc.lines(FAILED.format(db.name))) == 1, "once when it goes, not at every poll"
    assert peak_memory(proc.pid) < 400 << 20, "an endless answer is cut off, not kept"
    faultproxy.reset()
    # what backs off hard (denied, gone) is asked again by a new agent; the others come back by themselves
    if fault.get("status") in (403, 404):
        proc.stop()
        proc = agent(env=db.env)
    shows(c, new, 60)
    assert c.started_at == started


def peak_memory(pid):
    """Of a process and its children, in bytes. The sanitizers' own share is in it."""
    peaks = [re.search(rb"VmHWM:\s+(\d+)", read_proc(p, "status")) for p in tree(pid)]
    assert peaks[0], f"process {pid} has ended: its peak cannot be told any more"
    return sum(int(peak[1]) << 10 for peak in peaks if peak)


def test_store_that_accepts_and_never_answers(dso, vault, unique):
    """A socket that takes the connection and stays silent: the TLS handshake itself has a deadline."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dso.config(vault_config(vault, address=f"https://127.0.0.1:{silent.getsockname()[1]}", settings="  retry: {attempts: 1}\n" + QUICK))
        start = time.monotonic()
        done = dso("fetch", unique(), env={"VAULT_TOKEN": "x"}, check=False)
        assert done.rc == 5 and time.monotonic() - start < 20, done


def test_store_that_speaks_something_else(dso, vault, unique):
    """Not TLS at all."""
    with socket.create_server(("127.0.0.1", 0)) as plain:
        def serve():
            while True:
                try:
                    s, _ = plain.accept()
                except OSError:
                    return
                with s:
                    s.recv(100)
                    s.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        threading.Thread(target=serve, daemon=True).start()
        dso.config(vault_config(vault, address=f"https://127.0.0.1:{plain.getsockname()[1]}", settings="  retry: {attempts: 1}\n"))
        done = dso("fetch", unique(), env={"VAULT_TOKEN": "x"}, check=False)
        assert done.rc in (1, 5) and "TLS" in done.err, done


def test_fetch_tells_apart_why_it_failed(dso, vault, unique, canary):
    """Exit codes 3 denied, 4 not found, 5 unavailable; the text names the secret and the next step."""
    name, value = unique(), canary()
    vault.put(name, password=value)
    dso.config(vault_config(vault, settings="  retry: {attempts: 1}\n"))
    denied = dso("fetch", name, env={"VAULT_TOKEN": vault.new_token(policies=("default",))}, check=False)
    missing = dso("fetch", name + "x", env={"VAULT_TOKEN": vault.token}, check=False)
    field = dso("fetch", f"{name}#pasword", env={"VAULT_TOKEN": vault.token}, check=False)
    bad_token = dso("fetch", name, env={"VAULT_TOKEN": "hvs.nonsense"}, check=False)
    dso.config(vault_config(vault, address="https://127.0.0.1:1", settings="  retry: {attempts: 1}\n"))
    down = dso("fetch", name, env={"VAULT_TOKEN": vault.token}, check=False)
    assert (denied.rc, missing.rc, field.rc, down.rc) == (3, 4, 4, 5), (denied, missing, field, down)
    assert bad_token.rc == 3, bad_token
    for done in (denied, missing, bad_token, down):
        assert f"Failed to fetch secret '{name}" in done.err and done.out == ""
    assert "hvs.nonsense" not in bad_token.err
    assert "password" in field.err, "the fields that there are help"
    vault.delete(name)


def test_wrong_ca_is_named(dso, vault, unique, tmp_path):
    pem = tmp_path / "other.pem"
    dso.world.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=other",
                   "-keyout", tmp_path / "other.key", "-out", pem])
    dso.config(f"provider: vault\nconfig: {{address: '{vault.address}', ca_file: {pem}}}\n")
    done = dso("fetch", unique(), env={"VAULT_TOKEN": vault.token}, check=False)
    assert done.rc == 5 and "ca_file" in done.err and "certificate" in done.err.lower(), done


def test_sealed_vault_and_unsealed_again(dso, agent, docker, own_vault, unique, canary):
    """A real seal, on a Vault of this test's own."""
    name, old, new = unique(), canary(), canary()
    env = {"VAULT_TOKEN": own_vault.token}
    own_vault.put(name, password=old)
    dso.config(vault_config(own_vault, settings="  retry: {attempts: 1}\n"))
    c = run(dso, docker, secret=name, labels=SIGNAL, options=SHOW_FILE, env=env)
    shows(c, old)
    proc = agent(env=env)
    own_vault.put(name, password=new)
    own_vault.seal()
    # the change may have been seen just before; then it has been delivered and nothing is left to find
    proc.wait_line(FAILED.format(name) + r".*sealed|Signal SIGHUP sent", 40)
    assert c.running()
    assert dso("fetch", name, env=env, check=False).rc == 5
    own_vault.unseal()
    shows(c, new, 60)


def test_token_that_expires(dso, agent, docker, vault, db):
    """The container keeps its secret; the log names the class and the way out, once."""
    token = vault.new_token(ttl="4s", explicit_max_ttl="4s", renewable=False)
    env = {"VAULT_TOKEN": token}
    dso.config(vault_config(vault, settings="  retry: {attempts: 1}\n"))
    c = run(dso, docker, secret=db.name, labels=SIGNAL, options=SHOW_FILE, env=env)
    shows(c, db.value)
    proc = agent(env=env)
    line = proc.wait_line(FAILED.format(db.name) + ".*$", 40).group(0)
    assert re.search("InvalidCredentials|AccessDenied", line) and token not in proc.text()
    assert c.read(FILE) == db.value and c.running()
    assert len(proc.lines("^ERROR")) == 1


def test_approle_outlives_its_tokens(dso, agent, docker, vault, db, world):
    """Logs in again by itself: changes still arrive long after the first token ended."""
    role = f"short-{world.id}"
    vault.call("POST", f"auth/approle/role/{role}", {"token_policies": "dso", "token_ttl": "3s", "token_max_ttl": "4s", "secret_id_num_uses": 0})
    role_id = vault.call("GET", f"auth/approle/role/{role}/role-id")["data"]["role_id"]
    secret_id = vault.call("POST", f"auth/approle/role/{role}/secret-id", {})["data"]["secret_id"]
    file = world.home / "secret-id"
    file.write_text(secret_id)
    file.chmod(0o600)
    auth = f"  auth: {{method: approle, params: {{role_id: {role_id}, secret_id_file: {file}}}}}\n"
    dso.config(vault_config(vault, settings=auth))
    c = run(dso, docker, secret=db.name, labels=SIGNAL, options=SHOW_FILE)
    shows(c, db.value)
    proc = agent()
    began = time.monotonic()
    while time.monotonic() - began < 9:  # two lifetimes of the longest-lived token, a change in each
        shows(c, db.change(), 30)
    assert not proc.lines("^ERROR") and secret_id not in proc.text()
    vault.call("DELETE", f"auth/approle/role/{role}")


def test_container_that_vanishes_in_the_middle(dso, agent, docker, vault, db):
    """Removed while it is being restarted: one line, and the other container gets its secret all the same."""
    dso.config(vault_config(vault))
    # ignores SIGTERM, so a restart takes the whole stop timeout
    slow = run(dso, docker, secret=db.name, image="dso-test/busybox:1", labels={"dso.strategy": "restart"}, stem="slow",
               command=("sh", "-c", "trap '' TERM; while :; do sleep 1; done"), env=db.env)
    other = run(dso, docker, secret=db.name, labels=SIGNAL, options=SHOW_FILE, stem="other", env=db.env)
    shows(other, db.value)
    proc = agent(env=db.env)
    new = db.change()
    proc.wait_line(rf"Restarting '{slow.name}'")
    slow.rm()
    shows(other, new, 30)
    newest = db.change()
    shows(other, newest, 60)
    assert proc.running()


def test_engine_that_goes_away_and_comes_back(dso, agent, docker, vault, db, world, wait_until):
    """Cut for this agent alone: it says so once, waits, and then brings the change that came meanwhile."""
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=db.name, labels=SIGNAL, options=SHOW_FILE, env=db.env)
    shows(c, db.value)
    engine = CutSocket(world.tmp / "engine.sock")
    proc = agent(env={**db.env, "DOCKER_HOST": engine.url})
    engine.cut()
    new = db.change()
    proc.wait_line(r"^ERROR: \[Watcher\] .*(engine|docker)", 40)
    assert c.read(FILE) != new and c.running()
    said = len(proc.lines("^ERROR"))
    engine.mend()
    shows(c, new, 60)
    proc.wait_line(r"^INFO: \[Watcher\] The Docker engine answers again")
    assert said <= 2, proc.text()


def test_engine_that_is_not_there_at_the_start(dso, agent, docker, vault, db, world):
    """The agent starts all the same, since it starts before the engine at boot."""
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=db.name, labels=SIGNAL, options=SHOW_FILE, env=db.env)
    shows(c, db.value)
    engine = CutSocket(world.tmp / "engine.sock")
    engine.cut()
    proc = agent(env={**db.env, "DOCKER_HOST": engine.url})
    new = db.change()
    engine.mend()
    shows(c, new, 60)
    assert proc.running()


def engine_started_here():
    pid = places.PEER_STATE / "run" / "engine.pid"
    return pid.exists() and Path(f"/proc/{pid.read_text().split()[0]}").exists()


def test_engine_restart(dso, agent, docker, vault, db):
    """The real thing: dockerd ends and starts again, the container with it, its secret is there and changes still arrive."""
    if not engine_started_here():
        pytest.skip("this engine is not the tests' own")
    dso.config(vault_config(vault))
    c = run(dso, docker, secret=db.name, labels=SIGNAL, options=(*SHOW_FILE, "--restart", "always"), env=db.env)
    shows(c, db.value)
    proc = agent(env=db.env)
    peer("engine.sh", "restart")
    shows(c, db.value, 60)
    shows(c, db.change(), 60)
    assert proc.running()


def test_container_without_its_secret_does_not_start(dso, docker, vault, unique):
    """There before PID 1, or no container at all."""
    dso.config(vault_config(vault))
    name = docker.name("never")
    done = dso("run", "-d", "--name", name, "--secret", unique("nobody"), "dso-test/busybox:1", "sleep", "60", env={"VAULT_TOKEN": vault.token}, check=False)
    assert done.rc == 4 and docker("ps", "-aq", "--filter", f"name={name}").out == ""
    assert dso.scopes() == []
