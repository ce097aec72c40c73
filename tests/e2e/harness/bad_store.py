"""A TLS server that fails below HTTP, in the way that its `how` says: for what a store's network may do to a fetch.

    reset      the connection is reset once the request has come        silent     nobody takes the connection: it never is
    cut off    the answer ends before the length that it promised       trickle    a byte now and then, without end
    other CA, other name, expired: the certificate that it shows
"""
import socket
import ssl
import struct
import subprocess
import threading
import time

from . import places

TLS = places.PEER_STATE / "tls"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"


def certificate(folder, *, name="localhost", days=2, own_ca=False):
    """(certificate, key) of the test CA, or of one that nobody knows."""
    key, request, cert, extensions = (folder / f"bad.{end}" for end in ("key", "csr", "pem", "ext"))
    extensions.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\n")

    def openssl(*args):
        subprocess.run(["openssl", *(str(a) for a in args)], check=True, capture_output=True)
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
    signer = ("-signkey", key) if own_ca else ("-CA", TLS / "ca.pem", "-CAkey", TLS / "ca.key", "-set_serial", "1")
    openssl("x509", "-req", "-in", request, *signer, "-days", days, "-extfile", extensions, "-out", cert)
    return cert, key


CERTIFICATES = {"other CA": {"own_ca": True}, "other name": {"name": "other.example"}, "expired": {"days": -1}}


class BadStore:
    def __init__(self, how, folder):
        self.how, self.tries, self._lock = how, 0, threading.Lock()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0 if how == "silent" else 64)
        self.port = self._listener.getsockname()[1]
        self.address = f"https://localhost:{self.port}"
        self._ended, self._fillers = threading.Event(), []
        if how == "silent":
            self._fill()
            return
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if how in CERTIFICATES:
            self._context.load_cert_chain(*certificate(folder, **CERTIFICATES[how]))
        else:
            self._context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
        threading.Thread(target=self._accept, daemon=True).start()

    def _fill(self):
        """Until the queue of those who wait to be accepted is full: the kernel then answers nobody."""
        for _ in range(16):
            s = socket.socket()
            s.settimeout(0.2)
            self._fillers.append(s)
            try:
                s.connect(("127.0.0.1", self.port))
            except TimeoutError:
                return
        raise AssertionError("the queue of a listener does not fill up here")

    def close(self):
        self._ended.set()
        for s in (self._listener, *self._fillers):
            s.close()

    def _accept(self):
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with self._lock:
            self.tries += 1
        try:
            with self._context.wrap_socket(client, server_side=True) as tls:
                tls.recv(65536)
                if self.how == "reset":
                    tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif self.how == "cut off":
                    tls.sendall(HEAD + b'{"data":')
                    tls.unwrap()
                elif self.how == "trickle":
                    tls.sendall(HEAD)
                    while not self._ended.is_set():
                        tls.sendall(b" ")
                        time.sleep(0.05)  # what is tested: slowness
        except OSError:
            pass  # the client had enough
