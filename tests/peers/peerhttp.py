"""Small base of the HTTP peers written in Python: threads, HTTP/1.1, optional TLS, a queue of faults, a request log.

POST /__peer/fault  {"match":"regex on 'METHOD path'","status":429,"headers":{},"body":"..","times":2,"delay":0.5,"drop":false,
                     "body_mb":200,"truncate":10}   without "status" the delay alone
GET  /__peer/log    the last requests (when they came, method, path, status; header names only, never values)
GET  /__peer/most   how many were under way at once since the last reset
POST /__peer/reset  clears faults, log and that number
"""
import argparse
import collections
import json
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOCK, FAULTS, LOG = threading.RLock(), [], collections.deque(maxlen=10000)
UNDER_WAY = {"now": 0, "most": 0}
MEGABYTE = b"x" * (1 << 20)


class Handler(BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version = "HTTP/1.1", "peer", ""
    wbufsize, disable_nagle_algorithm = 65536, True  # one segment an answer; http.server flushes after each request

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", headers=None, filler_mb=0, missing=0):
        """`filler_mb` megabytes follow the body; `missing` bytes of what Content-Length promises are never sent."""
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        elif isinstance(body, str):
            body = body.encode()
        self.status = status
        self.send_response(status)
        for k, v in (headers or {}).items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(body) + filler_mb * len(MEGABYTE)))
        self._no_longer_under_way()  # before the client can have the answer, and with its next request overtake our counting
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[:len(body) - missing] if missing else body)
        try:
            for _ in range(filler_mb):
                self.wfile.write(MEGABYTE)
        except OSError:  # the client had enough, which is what a test of it wants
            self.close_connection = True
        if missing:
            self.wfile.flush()
            self.close_connection = True

    under_way = 0  # 1 while this handler's request is counted

    def _no_longer_under_way(self):
        with LOCK:
            UNDER_WAY["now"] -= self.under_way
            self.under_way = 0

    def _fault(self):
        line = f"{self.command} {self.path}"
        with LOCK:
            for f in FAULTS:
                if re.search(f.get("match", "."), line) and f.get("times", 1) > 0:
                    f["times"] = f.get("times", 1) - 1
                    break
            else:
                return False
        time.sleep(f.get("delay", 0))
        if f.get("drop"):
            self.close_connection = True
            self.connection.close()
            return True
        if "status" not in f:
            return False  # a delay alone: answer as usual
        self.reply(f["status"], f.get("body", ""), f.get("headers"), f.get("body_mb", 0), f.get("truncate", 0))
        return True

    def _any(self):
        self.status = self.under_way = 0
        n = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(n) if n else b""
        if self.path.startswith("/__peer/"):
            with LOCK:
                if self.path == "/__peer/fault":
                    FAULTS.append(json.loads(self.body))
                    return self.reply(204)
                if self.path == "/__peer/reset":
                    FAULTS.clear()
                    LOG.clear()
                    UNDER_WAY["most"] = UNDER_WAY["now"]
                    return self.reply(204)
                if self.path == "/__peer/most":
                    return self.reply(200, {"most": UNDER_WAY["most"]})
                if self.path == "/__peer/log":
                    return self.reply(200, list(LOG))
            return self.reply(404)
        came = time.time()
        with LOCK:
            self.under_way = 0 if self.path.startswith("/v1/sys/events/") else 1  # a subscription is not one of the requests at once
            UNDER_WAY["now"] += self.under_way
            UNDER_WAY["most"] = max(UNDER_WAY["most"], UNDER_WAY["now"])
        try:
            if not self._fault():
                self.handle_request()
        finally:
            self._no_longer_under_way()
            LOG.append({"t": came, "m": self.command, "p": self.path, "s": self.status,
                        "h": sorted(k.lower() for k in self.headers)})

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = do_LIST = _any


def serve(handler, **extra):
    ap = argparse.ArgumentParser()
    ap.add_argument("--port", type=int, required=True)
    ap.add_argument("--cert")
    ap.add_argument("--key")
    for k, v in extra.items():
        ap.add_argument("--" + k.replace("_", "-"), default=v)
    a = ap.parse_args()
    handler.opt = a
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.request_queue_size = 256
    s = ThreadingHTTPServer(("127.0.0.1", a.port), handler)
    if a.cert:
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(a.cert, a.key)
        # handshake in the connection's thread: one silent client must not block accept()
        s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)
    s.serve_forever()
