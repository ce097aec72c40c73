"""A reverse proxy that answers with queued faults (see peerhttp.py) and keeps client connections alive, so that a test can
make a real store misbehave on demand. Passes everything else through unchanged."""
import http.client
import ssl
from urllib.parse import urlparse

from peerhttp import Handler, serve

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}


class Proxy(Handler):
    def upstream(self):
        u = urlparse(self.opt.upstream)
        if u.scheme == "https":
            return http.client.HTTPSConnection(u.hostname, u.port, timeout=60, context=ssl.create_default_context(cafile=self.opt.ca))
        return http.client.HTTPConnection(u.hostname, u.port, timeout=60)

    def handle_request(self):
        c = self.upstream()
        c.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for k, v in self.headers.items():
            if k.lower() not in ("connection", "keep-alive"):
                c.putheader(k, v)
        c.endheaders(self.body)
        r = c.getresponse()
        body = r.read()
        c.close()
        self.reply(r.status, body, {k: v for k, v in r.getheaders() if k.lower() not in HOP_BY_HOP})


serve(Proxy, upstream="http://127.0.0.1:1", ca=None)
