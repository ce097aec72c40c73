"""The engine's API, asked directly. Each start of the docker CLI costs some 40 ms of processor, and a wait asks fifty times a second; what
the CLI makes of it (formats, tables) is asked from the CLI."""
import http.client
import json
import os
import socket
from urllib.parse import quote


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("docker", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def get(path):
    """The parsed answer; None where the engine has no such thing."""
    where = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
    connection = _Connection(where)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
    except OSError as e:
        raise AssertionError(f"the engine at {where} does not answer GET {path}: {e}") from e
    finally:
        connection.close()
    assert answer.status in (200, 404), f"GET {path}: {answer.status} {text.decode(errors='replace')}"
    return json.loads(text) if answer.status == 200 else None


def inspect(container):
    """By name or id; None: there is none."""
    return get(f"/containers/{quote(container, safe='')}/json")


def filters(**wanted):
    """As a query's value: `filters(name=["^/web"], label=["a=b"])`."""
    return quote(json.dumps(wanted))


def containers(**wanted):
    """All of them, running or not: `containers(name=["^/web"], label=["a=b"])`. `Names` without the slash."""
    listed = get(f"/containers/json?all=1&filters={filters(**wanted)}")
    for c in listed:
        c["Names"] = [n.removeprefix("/") for n in c["Names"]]
    return listed


def names(**wanted):
    """The names of `containers`: of each the one that is no link's."""
    return [next(n for n in c["Names"] if "/" not in n) for c in containers(**wanted) if c["Names"]]
