"""`dso doctor` about stores, secrets and containers: each trouble is made for real, and its row names it and the way out."""
import json

from harness.rolling import Rolling, config, local, rolling, shows  # noqa: F401
from harness.scenario import BUSYBOX, run, vault_config
from harness.vault_fetch import QUICK_RETRY, secret  # noqa: F401

SLOW = "agent:\n  watch: {polling_interval: 10m, debounce: {quiet: 5m, max: 10m}}\n"


def look(dso, subject, *words, env=None):
    """Check -> row, of the rows about one subject. Other tests' containers have rows too."""
    done = dso("doctor", "--format", "json", *words, check=False, env=env)
    assert done.rc in (0, 1), done
    report = json.loads(done.out)
    assert done.rc == (1 if report["error"] else 0)
    for row in report["rows"]:
        assert row["next"] or row["level"] in ("ok", "info"), row
    found = {row["check"]: row for row in report["rows"] if row["subject"] == subject}
    assert found, report
    return found


def levels(rows):
    return {check: row["level"] for check, row in rows.items()}


def test_a_denied_policy_names_the_exact_path(dso, vault, secret):
    dso.config(vault_config(vault, settings="  mount: secret\n  kv_version: 2\n" + QUICK_RETRY,
                            extra=f"secrets:\n  - name: {secret.name}\n"))
    good = {"VAULT_TOKEN": vault.new_token()}
    assert levels(look(dso, "default", "store", env=good)) == {c: "ok" for c in ("store.provider", "store.identity", "store.reachable", "store.tls",
                                                                              "store.clock")}
    read = look(dso, f"default/{secret.name}", env=good)["secret.fetch"]
    assert read["level"] == "ok" and read["found"].startswith("version 1@") and read["found"].endswith(" ms, vault as token from VAULT_TOKEN")
    denied = look(dso, f"default/{secret.name}", env={"VAULT_TOKEN": vault.new_token(policies=("default",))})["secret.fetch"]
    assert denied["level"] == "error" and "AccessDenied" in denied["found"]
    assert denied["next"] == f'Add to its policy: path "secret/data/{secret.name}" {{ capabilities = ["read"] }}.'
    none = look(dso, "default", "store")
    assert none["store.identity"]["level"] == "error" and "VAULT_TOKEN" in none["store.identity"]["found"] + none["store.identity"]["next"]
    # the store's certificate, then nobody at its address
    dso.config(vault_config(vault, extra=f"secrets:\n  - name: {secret.name}\n").replace(f"  ca_file: {vault.ca}\n", QUICK_RETRY))
    assert look(dso, "default", env=good)["store.tls"]["level"] == "error"
    dso.config(vault_config(vault, address="https://127.0.0.1:1", settings=QUICK_RETRY, extra=f"secrets:\n  - name: {secret.name}\n"))
    assert look(dso, "default", env=good)["store.reachable"]["level"] == "error"
    assert look(dso, f"default/{secret.name}", env=good)["secret.fetch"]["level"] == "info"


def test_containers_that_do_not_follow(dso, agent, docker, local):
    """Without the label, without a delivery, targets that nobody is, and a version that does not come."""
    still = run(dso, docker, secret=local.file, stem="still", options=("-e", "SHOW_FILE=/run/secrets/password"))
    plain = docker.run("sleep", "600", options=("--label", "dso.reloader=true"))
    follows = run(dso, docker, secret=local.file, labels={"dso.strategy": "none"}, stem="follows")
    dso.config(config() + f"secrets:\n  - name: {local.name}\n    targets: {{containers: [dso-test-nobody]}}\n")
    assert look(dso, f"default/{local.name}", "secret")["secret.targets"]["level"] == "warn"
    rows = look(dso, still.name, "container")
    assert levels(rows) == {"container.label": "warn", "container.delivery": "ok", "container.drift": "ok"}
    assert "dso.reloader=true" in rows["container.label"]["found"]
    assert "DSO delivers nothing" in look(dso, plain.name)["container.delivery"]["found"]
    assert levels(look(dso, follows.name)) == {c: "ok" for c in ("container.label", "container.delivery", "container.drift", "container.strategy")}
    local.change()
    behind = look(dso, follows.name)["container.drift"]
    assert behind["level"] == "warn" and "the store has version 2; no agent answers" in behind["found"]
    dso.config(SLOW)
    agent()
    waits = look(dso, follows.name)
    assert waits["container.drift"]["level"] == "info" and waits["container.rotation"]["level"] == "ok"


def test_a_shell_as_pid_1_hears_no_signal(dso, docker, local):
    labels = {"dso.strategy": "signal"}
    shell = run(dso, docker, secret=local.file, labels=labels, image=BUSYBOX, command=("sh", "-c", "sleep 600; true"), stem="shell")
    deaf = run(dso, docker, secret=local.file, labels=labels, image=BUSYBOX, command=("sleep", "600"), stem="deaf")
    trap = run(dso, docker, secret=local.file, labels=labels, image=BUSYBOX, command=("sh", "-c", 'trap "echo again" HUP; while :; do sleep 1; done'),
               stem="trap")
    env = run(dso, docker, secret=local.env, labels=labels, image=BUSYBOX, command=("sleep", "600"), stem="env")
    row = look(dso, shell.name)["container.pid1"]
    assert row["level"] == "error" and "PID 1 is the shell 'sh'" in row["found"] and "`exec`" in row["next"]
    assert look(dso, deaf.name)["container.signal"]["level"] == "error"
    assert look(dso, trap.name)["container.signal"]["level"] == "ok"
    row = look(dso, env.name)["container.strategy"]
    assert row["level"] == "error" and "environment cannot change" in row["found"]


def test_healthcheck_ports_and_data(dso, docker, rolling):
    web = rolling("--health-cmd", "web --probe", "--health-interval", "300ms", "-p", "127.0.0.1::8000")
    rows = look(dso, web.name)
    for check in ("container.healthcheck", "container.health_interval", "container.ports", "container.strategy"):
        assert rows[check]["level"] == "ok", rows[check]
    # the engine keeps five probes, and a slow host may take longer to come here than those
    assert rows["container.start_time"]["level"] in ("ok", "info")
    bare = rolling("--no-healthcheck", "-p", "127.0.0.1::8000", labels={"dso.strategy": "restart"}, healthy=False)
    rows = look(dso, bare.name)
    assert rows["container.healthcheck"]["level"] == "warn" and rows["container.ports"]["level"] == "warn"
    alone = rolling("-v", "/data", labels={"dso.strategy": "rolling", "dso.exclusive": "true"})
    assert look(dso, alone.name)["container.exclusive"]["level"] == "ok"


def test_without_an_engine_the_stores_are_looked_at_all_the_same(dso, local):
    dso.config(config() + f"secrets:\n  - name: {local.name}\n")
    env = {"DOCKER_HOST": "unix:///nowhere.sock"}
    assert look(dso, f"default/{local.name}", env=env)["secret.fetch"]["level"] == "ok"
    unseen = look(dso, "", "container", env=env)["container.delivery"]
    assert unseen["level"] == "info" and "/nowhere.sock" in unseen["found"]
    dso.config("secrets: 7\n")
    assert look(dso, "", "secret", env=env)["secret.fetch"]["found"].startswith("not looked at: the config is not valid")
