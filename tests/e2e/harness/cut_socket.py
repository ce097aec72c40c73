"""A unix socket in front of the engine's that can be cut and mended: an engine that goes away and comes back, for one test alone."""
import os
import socket
import threading
from pathlib import Path


class CutSocket:
    def __init__(self, path: Path, target="/var/run/docker.sock"):
        self.path, self.target = path, target
        self._open, self._lock, self._listener = set(), threading.Lock(), None
        self.connections = 0
        self.asked = bytearray()  # all that clients have sent
        self.mend()

    @property
    def url(self):
        return f"unix://{self.path}"

    def mend(self):
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self):
        """Every connection ends at once and no new one can be made."""
        os.unlink(self.path)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for s in self._open:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                far.connect(self.target)
            except OSError:
                near.close()
                continue
            with self._lock:
                self.connections += 1
                self._open |= {near, far}
            for a, b, sent in ((near, far, self.asked), (far, near, None)):
                threading.Thread(target=self._pump, args=(a, b, sent), daemon=True).start()

    def _pump(self, a, b, sent):
        try:
            while data := a.recv(65536):
                if sent is not None:
                    with self._lock:
                        sent += data
                b.sendall(data)
        except OSError:
            pass
        for s, how in ((b, socket.SHUT_WR), (a, socket.SHUT_RD)):
            try:
                s.shutdown(how)
            except OSError:
                pass
        with self._lock:
            done = {s for s in (a, b) if s.fileno() < 0}
            self._open -= done
