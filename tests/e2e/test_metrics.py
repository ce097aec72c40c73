"""What a monitoring system reads from the agent: a store that is down, values that may be stale, changes and reloads; no secret's name."""
import base64
import re
import socket
import urllib.error
import urllib.request

import pytest
from harness.scenario import FAST, run, shows, vault_config

SIGNAL = {"dso.strategy": "signal", "dso.signal": "SIGHUP"}
FILE = "/run/secrets/password"


@pytest.fixture
def address():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{s.getsockname()[1]}"


def scrape(address):
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode()


def numbers(address):
    return {name: float(value) for name, value in re.findall(r"^(dso_\S+) (\S+)$", scrape(address), re.M)}


def test_a_store_that_goes_and_comes_back(dso, agent, docker, plugin, vault, faultproxy, unique, canary, address, wait_until):
    name, old, new = unique("db"), canary(), canary()
    vault.put(name, password=old)
    dso.config(vault_config(vault, address=faultproxy.url, agent=f"{FAST}  metrics: {{listen: {address}}}\n"))
    env = {"VAULT_TOKEN": vault.token, **plugin.env}
    c = run(dso, docker, secret=name, labels=SIGNAL, options=("-e", f"SHOW_FILE={FILE}"), env=env)
    agent(env=env)
    of = '{provider="default"}'
    wait_until(lambda: numbers(address).get("dso_polls_total" + of, 0) > 1, 20, "polls are counted")
    well = numbers(address)
    assert well["dso_provider_up" + of] == 1 and well["dso_secrets_watched" + of] == 1 and well["dso_poll_failures_total" + of] == 0
    assert well["dso_last_good_poll_timestamp_seconds" + of] > 1.7e9

    vault.put(name, password=new)
    shows(c, new)
    wait_until(lambda: numbers(address).get('dso_reloads_total{result="done"}') == 1, 20, "the reload is counted")
    assert numbers(address)["dso_secret_changes_total" + of] == 1

    def read():
        given = plugin.call("SecretProvider.GetSecret", SecretName="db", SecretLabels={"dso.secret": name, "dso.field": "password"})
        return base64.b64decode(given["Value"]).decode()

    assert read() == new and numbers(address).get("dso_secrets_stale", 0) == 0
    faultproxy.fault(name, times=1000000, status=503)
    assert read() == new
    down = numbers(address)
    assert down["dso_stale_reads_total"] >= 1 and down["dso_secrets_stale"] == 1
    wait_until(lambda: numbers(address)["dso_provider_up" + of] == 0, 20, "the store is seen to be down")
    assert numbers(address)["dso_poll_failures_total" + of] >= 1
    assert name not in scrape(address)
    faultproxy.reset()
    wait_until(lambda: numbers(address)["dso_provider_up" + of] == 1, 60, "the store is seen to be back")
    wait_until(lambda: read() == new and numbers(address)["dso_secrets_stale"] == 0, 20, "reads are fresh again")
    vault.delete(name)


def test_a_port_that_is_taken_stops_nothing(dso, agent, address):
    host, port = address.split(":")
    with socket.socket() as s:
        s.bind((host, int(port)))
        s.listen()
        dso.config(f"agent:\n  metrics: {{listen: {address}}}\n")
        proc = agent()
        proc.wait_line(rf"^WARN: \[Agent\] Failed to listen on {address}: Address already in use.*There are no metrics$")
        assert proc.running()


def test_other_paths_and_methods(dso, agent, address):
    dso.config(f"agent:\n  metrics: {{listen: {address}}}\n")
    agent()
    for path, method, status in (("/", "GET", 404), ("/v1/secrets/x", "GET", 404), ("/metrics", "POST", 405)):
        with pytest.raises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(urllib.request.Request(f"http://{address}{path}", method=method), timeout=10)
        assert e.value.code == status


def test_a_secret_that_is_gone_counts_while_it_is_watched(dso, agent, docker, vault, unique, canary, address, wait_until):
    name, of = unique("db"), '{provider="default"}'
    vault.put(name, password=canary())
    dso.config(vault_config(vault, agent=f"{FAST}  metrics: {{listen: {address}}}\n"))
    env = {"VAULT_TOKEN": vault.token}
    c = run(dso, docker, secret=name, labels=SIGNAL, env=env)
    vault.delete(name)
    agent(env=env)
    wait_until(lambda: numbers(address).get("dso_secrets_refused" + of) == 1, 20, "the refusal is counted")
    assert numbers(address)["dso_provider_up" + of] == 1, "the store has answered"
    docker("rm", "-f", c.name)
    wait_until(lambda: numbers(address)["dso_secrets_refused" + of] == 0, 90, "what nobody uses is not counted")
