"""What the tests of the Vault provider share: a secret, `dso fetch` of it, the config of a login, a file for root alone."""
import json

import pytest

QUICK_RETRY = "  retry: {attempts: 2, backoff: 10ms}\n"
SHOW_FILE = ("-e", "SHOW_FILE=/run/secrets/password")
SIGNAL = {"dso.strategy": "signal", "dso.signal": "SIGHUP"}


@pytest.fixture
def secret(vault, unique, canary):
    """A secret of KV version 2 and its value."""
    class Secret:
        name, value = unique("v"), canary()

    s = Secret()
    vault.put(s.name, password=s.value)
    yield s
    vault.delete(s.name)


def fetched(dso, name, *args, env=None):
    """The bytes of the field password, and what was said beside it."""
    done = dso("fetch", name, "--field", "password", "--reveal", *args, env=env)
    return done.out, done.err


def failed(dso, name, *args, env=None):
    done = dso("fetch", name, *args, env=env, check=False)
    assert done.out == "" and f"'{name}'" in done.err, done
    return done


def auth(method, **params):
    inner = ", ".join(f"{k}: {json.dumps(str(v))}" for k, v in params.items())
    return f"  auth: {{method: {method}, params: {{{inner}}}}}\n"


def private_file(world, name, text):
    path = world.home / name
    path.write_text(text)
    path.chmod(0o600)
    return path
