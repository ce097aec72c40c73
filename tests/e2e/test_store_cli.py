"""The local store as people use it: many writers at once, crashes in the middle, nothing readable on disk."""
import json
import os
import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

FULL = os.environ.get("DSO_TEST_FULL") == "1"


@pytest.fixture
def store(dso):
    dso("init")
    return dso


def names(dso):
    return {s["name"]: s for s in json.loads(dso("secret", "list", "--format", "json").out)}


def test_fifty_at_once_lose_nothing(store, canary):
    values = {f"app/s{n}": canary() for n in range(50)}
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda kv: store.set(*kv), values.items()))
    assert set(names(store)) == set(values)
    for name in random.sample(sorted(values), 8):
        assert store("secret", "get", name).out.rstrip("\n") == values[name]


def test_fifty_fields_of_one_secret_at_once(store, canary):
    values = {f"f{n}": canary() for n in range(50)}
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda kv: store.set(f"app/one#{kv[0]}", kv[1]), values.items()))
    assert sorted(names(store)["app/one"]["fields"]) == sorted(values)


def test_killed_at_any_moment_leaves_old_or_new(store, canary):
    """kill -9 at a random moment of a write, again and again."""
    current = canary()
    store.set("a", current)
    start = time.monotonic()
    store.set("b", "x")
    usual, rng, killed = time.monotonic() - start, random.Random(7), 0
    for _ in range(150 if FULL else 25):
        new = canary()
        proc = subprocess.Popen([store.bin, "secret", "set", "a"], env=store.world.env(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        proc.stdin.write(new.encode())
        proc.stdin.close()
        time.sleep(rng.uniform(0, usual * 1.2))  # the moment of the crash is what is tried, nothing is waited for
        proc.send_signal(signal.SIGKILL)
        killed += proc.wait() == -signal.SIGKILL
        got = store("secret", "get", "a").out.rstrip("\n")
        assert got in (current, new)
        current = got
    assert killed > 3, "hardly any was killed in time: this tried nothing"
    store.set("b", "y")  # a write takes away what a killed one left, and the last one was killed too
    assert sorted(p.name for p in store.store_dir.iterdir()) == ["store.enc", "store.key", "store.lock"], "temporary files were left"


def test_value_in_the_arguments_is_refused_and_not_kept(store):
    """Not a canary: it stands in the arguments on purpose."""
    done = store("secret", "set", "myapp/db", "hunter2hunter2", check=False)
    assert done.rc == 2 and "hunter2" not in done.out + done.err
    assert names(store) == {}


@pytest.mark.parametrize("value", ["päßwörd ☃ with spaces", "line one\nline two", "'\"\\$(x)`y`\t%s", "x" * 60000, '{"looks": "like json"}'],
                         ids=["unicode", "lines", "shell", "60000 bytes", "json text"])
def test_any_text_comes_back_as_it_was(store, value):
    store.set("a#f", value)
    assert store("secret", "get", "a#f").out == value


def test_bytes_come_back_as_they_were(store):
    value = bytes(range(1, 256)) * 4
    store.set("a#f", value)
    done = subprocess.run([store.bin, "secret", "get", "a#f"], env=store.world.env(), stdout=subprocess.PIPE, check=True)
    assert done.stdout == value


def test_another_key_opens_nothing_and_breaks_nothing(store, canary, tmp_path):
    value = canary()
    store.set("a", value)
    key = store.store_dir / "store.key"
    good = key.read_bytes()
    other = tmp_path / "other"
    store("init", env={"DSO_STORE": other})
    key.write_bytes((other / "store.key").read_bytes())
    done = store("secret", "get", "a", check=False)
    assert done.rc == 1 and value not in done.out and str(store.store_dir) in done.err
    # by whichever way it is asked: of several instances with a store each, the text says whose key it is
    for asked in (done, store("fetch", "a", check=False)):
        assert f"its key file '{key}' holds another store's key" in asked.err, asked
    assert store("secret", "set", "a", input="x", check=False).rc != 0
    key.write_bytes(good)
    assert store("secret", "get", "a").out.rstrip("\n") == value


def test_every_cut_of_the_file_is_told_and_never_believed(store, canary):
    value = canary()
    store.set("a", value)
    data = store.store_dir / "store.enc"
    whole = data.read_bytes()
    for cut in sorted({0, 1, len(whole) // 2, len(whole) - 1}):
        data.write_bytes(whole[:cut])
        done = store("secret", "get", "a", check=False)
        assert done.rc != 0 and str(data) in done.err and value not in done.out + done.err
    for at in range(0, len(whole), max(1, len(whole) // 12)):
        data.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        assert store("secret", "get", "a", check=False).rc != 0, f"byte {at} was changed and nobody noticed"
    data.write_bytes(whole)
    assert store("secret", "get", "a").out.rstrip("\n") == value


def test_passphrase_instead_of_a_key_file(dso, canary, tmp_path):
    value, passphrase = canary(), tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    passphrase.chmod(0o600)
    env = {"DSO_STORE_PASSPHRASE_FILE": passphrase}
    dso("init", "--passphrase", env=env)
    assert not (dso.store_dir / "store.key").exists()
    dso.set("a", value, env=env)
    assert dso("secret", "get", "a", env=env).out.rstrip("\n") == value
    passphrase.write_text("wrong horse\n")
    done = dso("secret", "get", "a", env=env, check=False)
    assert done.rc != 0 and "passphrase" in done.err.lower() and "horse" not in done.err
