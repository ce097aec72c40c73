"""A reverse proxy that answers with queued faults (see peerhttp.py) and keeps client connections alive, so that a test can
make a real store misbehave on demand. Passes everything else through unchanged, but with --aws 1 it gives moto's errors the
status and JSON shape that the real AWS JSON services send."""
import http.client
import json
import re
import ssl
from urllib.parse import urlparse

from peerhttp import Handler, serve

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}
# what the real service says where moto uses IAM's XML
AWS_CODES = {"AccessDenied": "AccessDeniedException", "InvalidClientTokenId": "UnrecognizedClientException",
             "SignatureDoesNotMatch": "InvalidSignatureException", "AuthFailure": "UnrecognizedClientException"}


def as_aws(status, head, body):
    """moto's not-found is a 404 and its authentication errors are a 403 in XML; the real answers are 400 and JSON."""
    status = 400 if status < 500 else status
    m = re.search(rb"<Code>(.*?)</Code>\s*<Message>(.*?)</Message>", body, re.S)
    if not m:
        return status, head, body
    code = AWS_CODES.get(m[1].decode(), m[1].decode())
    return status, {**head, "Content-Type": "application/x-amz-json-1.1"}, json.dumps({"__type": code, "Message": m[2].decode()}).encode()


class Proxy(Handler):
    def upstream(self):
        u = urlparse(self.opt.upstream)
        if u.scheme == "https":
            return http.client.HTTPSConnection(u.hostname, u.port, timeout=60, context=ssl.create_default_context(cafile=self.opt.ca))
        return http.client.HTTPConnection(u.hostname, u.port, timeout=60)

    def ask(self):
        """The connection upstream is kept as long as the client's; one that upstream has closed meanwhile is made anew."""
        kept = getattr(self, "kept", None)
        for c in (kept, None) if kept else (None,):
            self.kept = c or self.upstream()
            try:
                self.kept.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for k, v in self.headers.items():
                    if k.lower() not in ("connection", "keep-alive"):
                        self.kept.putheader(k, v)
                self.kept.endheaders(self.body)
                r = self.kept.getresponse()
                return r, r.read()
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                self.kept.close()
                self.kept = None
                if c is None:
                    raise

    def handle_request(self):
        r, body = self.ask()
        if r.will_close:
            self.kept.close()
            self.kept = None
        status, head = r.status, {k: v for k, v in r.getheaders() if k.lower() not in HOP_BY_HOP}
        if self.opt.aws == "1" and self.headers.get("X-Amz-Target") and status >= 400:
            status, head, body = as_aws(status, head, body)
        self.reply(status, body, head)


serve(Proxy, upstream="http://127.0.0.1:1", ca=None, aws="0")
