"""Attempts to have root (or a user) obey somebody else's config, or what it names: nothing is read, nothing is sent, and the error
says whose it is."""
import json
import os
import socket
import struct
import tempfile
import threading
from pathlib import Path

import pytest
from harness import places

STRANGER = 61234


class Thief:
    """Where the stranger would have a secret sent to: notes whether anybody comes."""

    def __init__(self):
        self.came, self._sock = 0, socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._sock.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        while True:
            try:
                conn, _ = self._sock.accept()
            except OSError:
                return
            self.came += 1
            conn.close()

    def close(self):
        self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        self._thread.join()


@pytest.fixture
def thief():
    t = Thief()
    yield t
    t.close()


@pytest.fixture
def folder(world):
    """folder("name", mode, owner) → made with its dso.yaml's place."""
    def make(name, mode=0o755, owner=0):
        path = world.tmp / name
        path.mkdir()
        path.chmod(mode)
        os.chown(path, owner, owner)
        return path
    return make


def write(path, text, mode=0o644, owner=0):
    path.write_text(text)
    os.chown(path, owner, owner)
    path.chmod(mode)
    return path


@pytest.fixture
def greedy(world, thief):
    """A config that would send a file of root's to the thief."""
    password = write(world.tmp / "password", "for root alone", 0o600)
    return (f"provider: vault\nconfig:\n  address: {thief.address}\n  retry: {{attempts: 1}}\n"
            f"  auth: {{method: userpass, params: {{username: u, password_file: {password}}}}}\nsecrets: [{{name: app}}]\n")


def refused(done, *said, rc=2):
    assert done.rc == rc, done
    for text in said:
        assert text in done.out + done.err, (text, done)


COMMANDS = [("fetch", "app"), ("validate",), ("config", "show"), ("plan",), ("status",), ("run", "--secret", "app", "busybox"), ("agent",)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_root_in_a_strangers_folder(dso, thief, folder, greedy, command):
    theirs = folder("theirs", owner=STRANGER)
    write(theirs / "dso.yaml", greedy, owner=STRANGER)
    for owner, why in ((STRANGER, f"the folder '{theirs}'"), (0, f"the folder '{theirs}'")):
        os.chown(theirs / "dso.yaml", owner, owner)
        refused(dso(*command, cwd=theirs, check=False), "Cannot use the config 'dso.yaml'", why, f"uid {STRANGER}", "mode 0755")
    assert thief.came == 0


def test_the_doctor_in_a_strangers_folder(dso, thief, folder, greedy):
    theirs = folder("theirs", owner=STRANGER)
    write(theirs / "dso.yaml", greedy, 0o640, owner=STRANGER)
    rows = json.loads(dso("doctor", "--format", "json", cwd=theirs, check=False).out)["rows"]
    config = next(r for r in rows if r["check"] == "host.config")
    assert config["level"] == "error" and f"uid {STRANGER}" in config["found"] and "mode 0755" in config["found"], config
    mine = next(r for r in rows if r["check"] == "host.permission" and r["subject"] == "dso.yaml")
    assert mine["level"] == "error" and f"uid {STRANGER}" in mine["found"], mine
    assert thief.came == 0


@pytest.mark.parametrize("mode", [0o666, 0o602, 0o664, 0o620])
@pytest.mark.parametrize("named_by", ["-c", "DSO_CONFIG", "here"])
def test_a_config_that_others_may_write(dso, thief, folder, greedy, named_by, mode):
    file = write(folder("mine") / "dso.yaml", greedy, mode)
    options = ("-c", file) if named_by == "-c" else ()
    done = dso(*options, "fetch", "app", env={"DSO_CONFIG": file} if named_by == "DSO_CONFIG" else None, cwd=file.parent, check=False)
    refused(done, "Cannot use the config", "dso.yaml", "may write it", "uid 0", f"mode {mode:04o}", "chmod go-w")
    assert thief.came == 0


def test_who_calls_sudo_is_told_what_to_do(dso, thief, folder, greedy):
    theirs = folder("theirs")
    write(theirs / "dso.yaml", greedy, owner=STRANGER)
    done = dso("fetch", "app", cwd=theirs, env={"SUDO_UID": STRANGER, "SUDO_USER": "mallory"}, check=False)
    refused(done, f"it belongs to uid {STRANGER} and has mode 0644", "run it without sudo", "sudo chown root:root 'dso.yaml'")
    assert thief.came == 0


@pytest.mark.parametrize("how", ["owner", "everybody writes", "group writes", "folder's owner", "folder writable", "folder above", "link in /tmp"])
def test_a_file_that_the_config_names(dso, folder, how):
    """By the kind that reads a JSON file: any setting that ends in _file."""
    deep = folder("above") / "named"
    deep.mkdir()
    file = write(deep / "secrets.json", json.dumps({"app": {"password": "no secret"}}))
    named = file
    dso.config(f"provider: file\nconfig: {{secrets_file: {named}}}\n")
    assert dso("fetch", "app", "--reveal", "--field", "password").out.strip() == "no secret"
    if how == "owner":
        os.chown(file, STRANGER, 0)
        said = (f"it belongs to uid {STRANGER} and has mode 0644",)
    elif how in ("everybody writes", "group writes"):
        file.chmod(0o666 if how == "everybody writes" else 0o664)
        said = ("may write it", f"mode 0{file.stat().st_mode & 0o777:o}")
    elif how == "folder's owner":
        os.chown(deep, STRANGER, 0)
        said = (f"the folder '{deep}'", f"uid {STRANGER}")
    elif how in ("folder writable", "folder above"):
        opened = deep if how == "folder writable" else deep.parent
        opened.chmod(0o777)
        said = (f"the folder '{opened}'", "mode 0777")
    else:
        named = folder("sticky", 0o1777) / "secrets.json"
        named.symlink_to(file)
        os.chown(named, STRANGER, 0, follow_symlinks=False)
        dso.config(f"provider: file\nconfig: {{secrets_file: {named}}}\n")
        said = (f"the link '{named}'", f"uid {STRANGER}")
    refused(dso("fetch", "app", check=False), f"Cannot use the secrets_file '{named}'", *said)
    refused(dso("validate", check=False), "error: providers.default: Cannot use the secrets_file", *said)
    rows = json.loads(dso("doctor", "host.permission", "--format", "json", check=False).out)["rows"]
    assert any(r["level"] == "error" and str(named) in r["found"] and said[0] in r["found"] for r in rows), rows


def test_every_file_by_which_a_store_is_reached(dso, thief, folder, greedy):
    """CAs, a client's certificate, its key (which others may not read either), credentials; named by the config or by a variable."""
    kept = folder("kept")
    files = {name: write(kept / name, "PEM\n", 0o600) for name in ("ca_file", "client_cert", "client_key", "token_file")}
    tls = "".join(f"  {name}: {path}\n" for name, path in files.items() if name != "token_file")
    base = f"provider: vault\nconfig:\n  address: {thief.address}\n  retry: {{attempts: 1}}\n"
    token = f"  auth: {{method: token, params: {{token_file: {files['token_file']}}}}}\n"
    for name, path in files.items():
        dso.config(base + tls + token)
        path.chmod(0o666)
        refused(dso("fetch", "app", check=False), f"Cannot use the {name} '{path}' of 'default'", "mode 0666")
        path.chmod(0o600)
    files["client_key"].chmod(0o644)
    refused(dso("fetch", "app", check=False), f"Cannot use the client_key '{files['client_key']}'", "everybody may read it", "mode 0644")
    files["client_key"].chmod(0o640)  # of root, for a group of root's choice
    assert dso("fetch", "app", check=False).rc != 2
    dso.config(base + token)
    files["ca_file"].chmod(0o666)
    refused(dso("fetch", "app", env={"VAULT_CACERT": files["ca_file"]}, check=False), f"Cannot use the VAULT_CACERT '{files['ca_file']}'")
    assert thief.came == 0


def test_a_profile_of_somebody_else_is_not_passed_over(dso, world):
    """~/.aws, which may name a program: neither obeyed nor taken for missing, which would let another identity in."""
    profiles = world.home / ".aws"
    profiles.mkdir()
    write(profiles / "credentials", "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = nothing\n", owner=STRANGER)
    dso.config("provider: aws\nconfig: {region: eu-west-1, endpoint: 'http://127.0.0.1:9', retry: {attempts: 1}}\n")
    done = dso("fetch", "app", check=False)
    refused(done, f"Cannot use the file '{profiles}/credentials'", f"uid {STRANGER}", rc=3)


def test_what_links_lead_to_is_used_where_nobody_else_can_change_them(dso, folder, world):
    """As Kubernetes projects a volume: links in a folder with the sticky bit; and through a linked folder, as /etc/ssl/certs."""
    volume = folder("volume", 0o1777)
    (volume / "..2026").mkdir()
    write(volume / "..2026" / "secrets.json", json.dumps({"app": {"password": "no secret"}}))
    (volume / "..data").symlink_to("..2026")
    (volume / "secrets.json").symlink_to("..data/secrets.json")
    (world.tmp / "certs").symlink_to(volume)
    for named in (volume / "secrets.json", world.tmp / "certs" / "secrets.json"):
        dso.config(f"provider: file\nconfig: {{secrets_file: {named}}}\n")
        assert dso("fetch", "app", "--reveal", "--field", "password").out.strip() == "no secret"


def test_a_user_obeys_roots_config_and_its_own(world):
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="dso-config-") as top:
        Path(top).chmod(0o755)
        for owner, rc in ((0, 0), (STRANGER, 0), (STRANGER + 1, 2)):
            folder = Path(top) / str(owner)
            folder.mkdir(0o755)
            os.chown(folder, owner, owner)
            file = write(folder / "dso.yaml", "secrets: []\n", owner=owner)
            done = world.run(["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", places.DSO_BIN, "validate", file],
                             check=False, cwd="/", env={"HOME": "/nonexistent"})
            assert done.rc == rc, done


@pytest.mark.parametrize(("members", "rc"), [("", 0), ("mallory", 2), ("first", 2), ("list", 2)])
def test_a_users_own_group_is_nobody_else(world, members, rc):
    """umask 0002, as most distributions have it for users whose group is theirs alone: `members` besides the user by the group's line,
    as the first group of another user, by the file's access list."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="dso-config-") as top:
        folder = Path(top)
        file = write(folder / "dso.yaml", "secrets: []\n", 0o664, STRANGER)
        os.chown(folder, STRANGER, STRANGER)
        folder.chmod(0o775)
        if members == "list":
            entries = ((1, 6, -1), (2, 6, STRANGER + 1), (4, 6, -1), (16, 6, -1), (32, 4, -1))  # owner, mallory, group, mask, others
            os.setxattr(file, "system.posix_acl_access",
                        struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, rights, uid & 0xffffffff) for tag, rights, uid in entries))
        users = f"alice:x:{STRANGER}:{STRANGER}::/:/bin/sh\nmallory:x:{STRANGER + 1}:{STRANGER if members == 'first' else 1}::/:/bin/sh\n"
        passwd = write(world.tmp / "passwd", "root:x:0:0::/:/bin/sh\n" + users)
        group = write(world.tmp / "group", f"root:x:0:\nalice:x:{STRANGER}:{members if members == 'mallory' else ''}\n")
        script = (f"mount --bind {passwd} /etc/passwd && mount --bind {group} /etc/group && "
                  f"exec setpriv --reuid={STRANGER} --regid={STRANGER} --clear-groups {places.DSO_BIN} validate {file}")
        done = world.run(["unshare", "-m", "sh", "-c", script], check=False, cwd="/", env={"HOME": "/nonexistent"})
        assert done.rc == rc and ("its group may write it" in done.err) == (rc == 2), done
