"""A fake of the Docker engine for bench/scale: lists any number of containers, says of each that it runs, takes signals and starts
nothing. On a unix socket, HTTP/1.1 with kept connections, one thread a connection; what it was asked is counted."""
import json
import re
import socket
import threading
from collections import Counter
from urllib.parse import unquote


class FakeEngine:
    def __init__(self, path, containers, secrets):
        """`containers`: id → (name, labels); a name is a scope's. `secrets`: the folder of scopes on tmpfs, which they mount."""
        self.path, self.containers, self.secrets, self.asked = path, containers, secrets, Counter()
        self._list = json.dumps([self._summary(i, *c) for i, c in containers.items()]).encode()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"unix://{self.path}"

    @property
    def list_bytes(self):
        return len(self._list)

    def close(self):
        self._listener.close()

    def _mounts(self, ident, name):
        return [{"Type": "bind", "Source": f"{self.secrets}/{name}/files-0123456789abcdef", "Destination": "/run/secrets", "Mode": "ro",
                 "RW": False, "Propagation": "rprivate"},
                {"Type": "volume", "Name": ident, "Source": "", "Destination": "/data", "Driver": "local", "Mode": "", "RW": True,
                 "Propagation": ""}]

    def _summary(self, ident, name, labels):
        """As long as the engine's own: a service of Compose with two ports and two mounts."""
        return {
            "Id": ident, "Names": [f"/{name}"], "Image": "registry.example.com/team/service:1.2.3", "ImageID": f"sha256:{ident}",
            "Command": "/usr/local/bin/docker-entrypoint.sh serve --listen 0.0.0.0:8080", "Created": 1795524992,
            "Ports": [{"IP": ip, "PrivatePort": 8080, "PublicPort": 32768, "Type": "tcp"} for ip in ("0.0.0.0", "::")],
            "Labels": labels, "State": "running", "Status": "Up 3 hours (healthy)", "HostConfig": {"NetworkMode": "shop_default"},
            "NetworkSettings": {"Networks": {"shop_default": {
                "IPAMConfig": None, "Links": None, "Aliases": None, "NetworkID": ident, "EndpointID": ident, "Gateway": "172.18.0.1",
                "IPAddress": "172.18.0.9", "IPPrefixLen": 16, "IPv6Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0,
                "MacAddress": "02:42:ac:12:00:09", "DriverOpts": None}}},
            "Mounts": self._mounts(ident, name)}

    def _whole(self, ident):
        name, labels = self.containers[ident]
        return {"Id": ident, "Name": f"/{name}", "Image": f"sha256:{ident}", "Config": {"Image": "service:1", "Labels": labels},
                "HostConfig": {"NetworkMode": "bridge"}, "Mounts": self._mounts(ident, name),
                "State": {"Status": "running", "Running": True, "Pid": 0, "StartedAt": "2020-01-01T00:00:00Z"}}

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near):
        with near, near.makefile("rb") as lines:
            while request := lines.readline().decode():
                length = 0
                while (line := lines.readline().strip()):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                lines.read(length)
                method, target = request.split()[:2]
                try:
                    self._answer(near, method, re.sub(r"^/v[0-9.]+", "", unquote(target)))
                except OSError:
                    return

    def _answer(self, near, method, target):
        path = target.split("?")[0]
        if path == "/events":
            self.asked["events"] += 1
            near.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
            while near.recv(4096):
                pass
            return
        if path == "/_ping":
            status, body = 200, b"OK"
        elif path == "/version":
            status, body = 200, json.dumps({"Version": "0.0-fake", "ApiVersion": "1.41"}).encode()
        elif path == "/info":
            status, body = 200, json.dumps({"ID": "fake", "Name": "fake", "Swarm": {"LocalNodeState": "inactive"}}).encode()
        elif path == "/containers/json":
            asked = json.loads(target.partition("filters=")[2].split("&")[0] or "{}")
            stopped, some = "exited" in asked.get("status", ()), "volume" in asked or "id" in asked
            self.asked["stopped" if stopped else "some" if some else "list"] += 1
            places = {v.split("/")[-2] for v in asked.get("volume", ())}  # /run/dso/secrets/SCOPE/FOLDER
            chosen = [i for i, (name, _) in self.containers.items() if name in places or i in asked.get("id", ())]
            status, body = 200, b"[]" if stopped else self._list if not some else json.dumps(
                [self._summary(i, *self.containers[i]) for i in chosen]).encode()
        elif (found := re.fullmatch(r"/containers/([^/]+)/json", path)) and found[1] in self.containers:
            self.asked["inspect"] += 1
            status, body = 200, json.dumps(self._whole(found[1])).encode()
        elif path.startswith("/images/"):
            self.asked["image"] += 1
            status, body = 200, json.dumps({"Id": path.split("/")[2], "Config": {}}).encode()
        elif method == "POST" and path.endswith("/kill"):
            self.asked["kill"] += 1
            status, body = 204, b""
        else:
            self.asked[f"other: {method} {path}"] += 1
            status, body = 404, b'{"message":"this engine is a fake"}'
        near.sendall(f"HTTP/1.1 {status} X\r\nApi-Version: 1.41\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
