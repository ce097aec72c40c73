"""Leased secrets of Vault, what is given back at the end, and its events as an accelerator: with the real Vault and a running agent."""
import json
import time
from pathlib import Path

import pytest
from harness.process_tree import children as children_of
from harness.scenario import run, shows, vault_config
from harness.vault_fetch import QUICK_RETRY, SHOW_FILE, SIGNAL, auth, failed, fetched, secret  # noqa: F401
from harness.wait import wait_until


class Leased:
    """Secrets of an engine whose reads carry a lease of the written ttl."""

    def __init__(self, vault, name):
        self.vault, self.name = vault, name

    def put(self, password, ttl):
        self.vault.call("POST", f"leased/{self.name}", {"password": password, "ttl": ttl})

    def leases(self):
        try:
            return self.vault.call("LIST", f"sys/leases/lookup/leased/{self.name}")["data"]["keys"]
        except AssertionError:
            return []

    def becomes(self, count, what):
        """Vault answers a revocation before it has done it."""
        wait_until(lambda: len(self.leases()) == count, 20, what)

    def revoke(self):
        self.vault.call("PUT", f"sys/leases/revoke-prefix/leased/{self.name}")


@pytest.fixture
def leased(vault, unique):
    one = Leased(vault, unique("leased").replace("/", "-"))
    yield one
    one.revoke()
    vault.call("DELETE", f"leased/{one.name}")


def test_another_engine_is_read(dso, vault, leased, canary):
    """The mount says that it is no KV; the lease is its version. What is Vault's own is never read, whatever the token may."""
    value = canary()
    leased.put(value, "60s")
    env = {"VAULT_TOKEN": vault.token}
    dso.config(vault_config(vault, settings=QUICK_RETRY))
    assert fetched(dso, f"leased/{leased.name}", env=env)[0] == value
    shown = json.loads(dso("fetch", f"leased/{leased.name}", "--format", "json", env=env).out)
    assert shown["version"].startswith("lease-"), shown
    leased.becomes(0, "each call has given its lease back at its end")
    for own in ("auth/token/lookup-self", "sys/mounts", "identity/entity/id", "cubbyhole/x"):
        done = failed(dso, own, env=env)
        assert done.rc in (1, 4) and vault.token not in done.err, done
    plain = vault.new_token(policies=("default",))
    denied = failed(dso, f"leased/{leased.name}", env={"VAULT_TOKEN": plain})
    assert denied.rc == 3, denied


SLOW_POLL = "agent:\n  watch: {polling_interval: 10m, debounce: {quiet: 200ms, max: 2s}}\n"


def test_leases_are_kept_and_renewed_by_the_agent(dso, agent, docker, vault, leased, canary):
    """Far beyond a lease's length, and long before the next poll were due: no new lease at each look, no restart; a lease that is
    lost brings what the engine gives then; the agent's end takes nothing from the container."""
    name, old, env = f"leased/{leased.name}", canary(), {"VAULT_TOKEN": vault.token}
    leased.put(old, "6s")
    dso.config(vault_config(vault, agent=SLOW_POLL))
    c = run(dso, docker, secret=name, labels=SIGNAL, options=SHOW_FILE, env=env)
    shows(c, old)
    started = c.started_at
    proc = agent(env=env)
    began, seen = time.monotonic(), set()
    while time.monotonic() - began < 14:  # more than two lengths of it, looked at all along
        seen.update(leased.leases())
        time.sleep(0.5)
    assert 1 <= len(seen) <= 2, f"one of `dso run`, one of the agent, not one a poll: {seen}"
    assert len(leased.leases()) == 1, "still renewed"
    assert c.started_at == started and not proc.lines("Signal SIGHUP sent")
    new = canary()
    leased.put(new, "60s")
    leased.revoke()
    shows(c, new, 30)
    assert not proc.lines("^ERROR")
    (used,) = leased.leases()
    proc.stop()
    assert leased.leases() == [used], "a container lives on it"


@pytest.fixture
def may_lease(vault, unique):
    """An AppRole that may read leased secrets, with nothing but Vault's default policy beside."""
    name = unique("role").replace("/", "-")
    vault.call("PUT", f"sys/policies/acl/{name}", {"policy": 'path "leased/*" { capabilities = ["read"] }'})
    vault.call("POST", f"auth/approle/role/{name}", {"token_policies": name, "token_ttl": "60s"})
    role_id = vault.call("GET", f"auth/approle/role/{name}/role-id")["data"]["role_id"]
    secret_id = vault.call("POST", f"auth/approle/role/{name}/secret-id", {})["data"]["secret_id"]
    yield lambda **more: auth("approle", role_id=role_id, secret_id=secret_id, **more)
    vault.call("DELETE", f"auth/approle/role/{name}")
    vault.call("DELETE", f"sys/policies/acl/{name}")


def test_what_was_leased_is_given_back(dso, agent, docker, vault, faultproxy, leased, may_lease, canary):
    """By `dso fetch` at its end, by the agent if nobody uses it or the config says so; a Vault that hangs then, or `kill -9`, keeps
    nothing waiting."""
    name, value = f"leased/{leased.name}", canary()
    leased.put(value, "60s")
    dso.config(vault_config(vault, settings=may_lease()))
    assert fetched(dso, name)[0] == value
    leased.becomes(0, "`dso fetch` has given its lease back")
    run(dso, docker, secret=name, labels=SIGNAL, options=SHOW_FILE)
    assert len(leased.leases()) == 1, "delivered: `dso run` has left it"

    dso.config(vault_config(vault, settings=may_lease(revoke_on_close="always")))
    proc = agent()
    leased.becomes(2, "the agent has a lease of its own")
    proc.stop()
    leased.becomes(1, "and has given it back")

    dso.config(vault_config(vault, address=faultproxy.url, settings=may_lease(revoke_on_close="always")))
    proc = agent()
    leased.becomes(2, "the next one has one too")
    faultproxy.fault(match="revoke-self", times=9, delay=30, status=204, body="")
    began = time.monotonic()
    proc.stop()
    assert time.monotonic() - began < 5, "two seconds, and what a sanitized build takes"

    faultproxy.reset()
    proc = agent()
    children = wait_until(lambda: children_of(proc.pid), 20, "its provider's process")
    proc.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 5, "the provider has ended with it")


def test_events_make_a_change_seen_at_once(dso, agent, docker, vault, secret, canary):
    """With ten minutes between polls a write reaches the container in seconds; where Vault does not allow it, one line says so."""
    env = {"VAULT_TOKEN": vault.token}
    dso.config(vault_config(vault, agent=SLOW_POLL, extra="logging: {level: debug}\n"))
    c = run(dso, docker, secret=secret.name, labels=SIGNAL, options=SHOW_FILE, env=env)
    proc = agent(env=env)
    proc.wait_line("listening to the store's events", 20)
    new = canary()
    began = time.monotonic()
    vault.put(secret.name, password=new)
    shows(c, new, 15)
    print(f"a change was shown after {time.monotonic() - began:.2f} s")
    proc.stop()

    proc = agent(env={"VAULT_TOKEN": vault.new_token()})
    proc.wait_line("No events from provider 'default', it is polled alone: .*403", 20)
    assert not proc.lines("^ERROR|^WARN.*events")
