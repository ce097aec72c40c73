"""The engine's own calls for bench/rotation, without a docker process for each: what a rotation cannot be faster than."""
import http.client
import json
import os
import socket
import time


class BareEngine:
    def __init__(self):
        self.path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        self._connection = None

    def _connect(self):
        far = http.client.HTTPConnection("localhost", timeout=60)
        far.sock = socket.socket(socket.AF_UNIX)
        far.sock.connect(self.path)
        return far

    def call(self, method, target, body=None, missing=False):
        """The answer's JSON; with `missing`, None for what is not there."""
        self._connection = self._connection or self._connect()
        self._connection.request(method, target, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.will_close:
            self._connection = None
        if answer.status == 404 and missing:
            return None
        assert answer.status < 400, f"{method} {target}: {answer.status} {text!r}"
        return json.loads(text) if text.strip() else {}

    def inspect(self, name):
        return self.call("GET", f"/containers/{name}/json", missing=True)

    def sequence(self, like, docker):
        """Seconds to make a container of `like`'s image (an inspect answer), network and ports beside another one, see it healthy, and
        end the other."""
        network = next(iter(like["NetworkSettings"]["Networks"]))
        ports = {p: [{"HostIp": "127.0.0.1", "HostPort": ""}] for p in like["HostConfig"].get("PortBindings") or {}}
        body = {"Image": like["Image"], "Env": ["PASSWORD=bare", "SHOW=PASSWORD"], "HostConfig": {"NetworkMode": network, "PortBindings": ports}}
        old = self._make(docker.name("bare"), body)
        self._wait_healthy(old)
        began = time.monotonic()
        new = self._make(docker.name("bare"), body)
        self._wait_healthy(new)
        self.call("POST", f"/containers/{old}/stop")
        self.call("DELETE", f"/containers/{old}")
        took = time.monotonic() - began
        self.call("DELETE", f"/containers/{new}?force=1")
        return took

    def _make(self, name, body):
        ident = self.call("POST", f"/containers/create?name={name}", body)["Id"]
        self.call("POST", f"/containers/{ident}/start")
        return ident

    def _wait_healthy(self, ident, deadline=60):
        end = time.monotonic() + deadline
        while self.inspect(ident)["State"]["Health"]["Status"] != "healthy":
            assert time.monotonic() < end, f"{ident} is not healthy"
            time.sleep(0.005)  # between two looks, no synchronisation


def answers(address, port, value):
    """Whether the test's web server there serves this value now."""
    try:
        with socket.create_connection((address, port), timeout=2) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            text = b""
            while piece := s.recv(4096):
                text += piece
            return value.encode() in text
    except OSError:
        return False
