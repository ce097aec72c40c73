"""A unix socket in front of the real engine that spoils chosen calls: an error, an answer that is lost, one that comes late. A fake
of nothing but the fault: everything else is the engine's own answer."""
import re
import socket
import threading
import time
from pathlib import Path


def kind_of(method, path):
    """"POST start", "DELETE container", "POST connect": what a call does, without names and ids."""
    path = re.sub(r"^/v[\d.]+", "", path.split("?")[0])
    words = [w for w in path.split("/") if w]
    if method == "DELETE":
        return "DELETE container"
    return f"{method} {words[-1]}" if words else method


class BadEngine:
    """`spoil(n, how)`: the n-th changing call from now on (from 0) gets `how`: "error", "lost" (done, but the answer never comes),
    "late" (done after 3 s), "refused" (not done, and the connection ends)."""

    def __init__(self, path: Path, target="/var/run/docker.sock"):
        self.path, self.target = path, target
        self.calls, self._plan, self._lock = [], {}, threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"unix://{self.path}"

    def spoil(self, n, how):
        with self._lock:
            self.calls, self._plan = [], {n: how}

    def watch(self):
        """Forgets what was seen; `calls` are the changing ones from here on."""
        with self._lock:
            self.calls, self._plan = [], {}

    def close(self):
        self._listener.close()
        self.path.unlink()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _read_request(self, near):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = near.recv(65536)
            if not piece:
                return None
            data += piece
        head, body = data.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
        while length and len(body) < int(length[1]):
            body += near.recv(65536)
        return head, body

    def _serve(self, near):
        try:
            request = self._read_request(near)
            if request:
                self._answer(near, *request)
        except OSError:
            pass
        finally:
            try:
                near.shutdown(socket.SHUT_RDWR)  # close alone would wait for the thread that reads it
            except OSError:
                pass
            near.close()

    def _answer(self, near, head, body):
        method, path = head.split(b" ", 2)[:2]
        method, path = method.decode(), path.decode()
        how = None
        if method != "GET" and "/exec" not in path:
            with self._lock:
                how = self._plan.get(len(self.calls))
                self.calls.append(kind_of(method, path))
        if how == "refused":
            return
        if how == "error":
            text = b'{"message":"spoiled: no space left on device"}'
            near.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
            return
        if how == "late":
            time.sleep(3)  # the fault itself: nobody waits for anything here
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as far:
            far.connect(self.target)
            far.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
            threading.Thread(target=self._until_gone, args=(near, far), daemon=True).start()
            while data := far.recv(65536):
                if how != "lost":
                    near.sendall(data)

    def _until_gone(self, near, far):
        """A client that leaves an event stream ends it at the engine too."""
        try:
            while near.recv(4096):
                pass
            far.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
