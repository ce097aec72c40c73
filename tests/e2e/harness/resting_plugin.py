"""A stand-in for a Docker plugin whose agent is gone. The engine remembers every plugin that it ever spoke to, and `docker volume
ls` or `compose down -v` then wait 15 s for one that does not answer, in every test, until the engine restarts. So all tests share one
plugin name; while no test's agent has its socket, this process does.

    resting_plugin.py SOCKET     serves there until it is killed; started once, by harness/plugin.py
"""
import http.server
import json
import os
import re
import socketserver
import sys


OURS = re.compile(r"-vol-|_secrets$|_files$")  # what tests call the volumes that they make with the driver


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = json.loads(body).get("Name", "") if body.strip() else ""
        # the engine asks for names of every kind (`docker inspect x`, a local volume that is to be made): those are not ours
        strange = self.path == "/VolumeDriver.Get" and not OURS.search(name)
        data = json.dumps({
            "Implements": ["secretprovider", "VolumeDriver"], "Err": "no such volume" if strange else "", "Volumes": [], "Mountpoint": "",
            "Capabilities": {"Scope": "local"}, **({} if strange else {"Volume": {"Name": name, "Mountpoint": ""}}),
        }).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")  # or the engine would keep asking here when an agent has the name
        self.end_headers()
        self.wfile.write(data)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        sock, _ = super().get_request()
        return sock, ("engine", 0)


if __name__ == "__main__":
    path = sys.argv[1]
    if os.path.exists(path):
        os.unlink(path)
    Server(path, Handler).serve_forever()
