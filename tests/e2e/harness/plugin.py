"""The one plugin name that tests have in the engine, lent to one test at a time."""
import fcntl
import http.client
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from .wait import wait_until

DRIVER = "dso-test"
SOCKET = Path(f"/run/docker/plugins/{DRIVER}.sock")
RESTING = Path("/run/dso-test-plugin.sock")  # the stand-in's, while a test's agent has SOCKET
LOCK = Path("/run/dso-test-plugin.lock")


def answers(path):
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.connect(str(path))
        return True
    except OSError:
        return False


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("plugin", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)  # without a timeout: with one a full queue refuses instead of letting it wait
        self.sock.settimeout(60)


def ask(path, method, target, body=None):
    """Status and parsed JSON of one request over a unix socket."""
    connection = UnixConnection(path)
    try:
        try:
            connection.request(method, target, None if body is None else json.dumps(body))
        except BrokenPipeError:
            pass  # the server has answered before it read all
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


class Plugin:
    """`env` gives it to the test's agent; `driver` is what the engine calls it; `call("VolumeDriver.List")` asks as the engine does."""
    driver, socket = DRIVER, SOCKET
    env = {"DSO_PLUGIN_SOCKET": SOCKET}

    def call(self, method, **body):
        status, answer = ask(SOCKET, "POST", "/" + method, body)
        assert status == 200, (status, answer)
        return answer


def nobody_waits_for_it():
    """Before the first test: a socket left by a process that is gone would cost 15 s for each name that the engine does not know."""
    if SOCKET.exists() and not answers(SOCKET):
        with Lent():
            pass


class Lent:
    def __enter__(self):
        SOCKET.parent.mkdir(parents=True, exist_ok=True)
        self.lock = open(LOCK, "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        if answers(SOCKET):
            os.rename(SOCKET, RESTING)  # a socket file can be moved while somebody listens on it
        elif not answers(RESTING):
            with open(os.devnull, "r+b") as null:
                # it stays, as long as the engine that remembers the name
                subprocess.Popen([sys.executable, str(Path(__file__).with_name("resting_plugin.py")), str(RESTING)], stdin=null, stdout=null,
                                 stderr=null, start_new_session=True, close_fds=True, cwd="/")
            wait_until(lambda: answers(RESTING), 10, "the resting plugin listens")
        SOCKET.unlink(missing_ok=True)
        return Plugin()

    def __exit__(self, *_):
        os.replace(RESTING, SOCKET)
        self.lock.close()
