"""What a store is asked by the first full fetch and by the polls of the real agent, counted at the peer."""
import http.client
import json
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlparse

from .process_tree import children, read_proc
from .scenario import BUSYBOX, run
from .wait import wait_until

SECRETS = 500
# two polls are told apart by the quiet between them
INTERVAL, QUIET = "2s", 1.0
AGENT = f"agent:\n  watch: {{polling_interval: {INTERVAL}, debounce: {{quiet: 200ms, max: 2s}}}}\n"
AT_ONCE = 8


def in_bulk(url, ca, requests):
    """Sends (method, path, headers, body) over eight kept connections; every answer has to be a success."""
    there, tls, local = urlparse(url), ssl.create_default_context(cafile=ca), threading.local()

    def one(request):
        method, path, headers, body = request
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPSConnection(there.hostname, there.port, context=tls, timeout=30)
        local.connection.request(method, path, body=json.dumps(body), headers=headers)
        answer = local.connection.getresponse()
        text = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text.decode()}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, requests))


def polls_in(log):
    """The requests of each poll; the last one may be under way still. That of Vault's events comes when it likes, and is no poll."""
    out = []
    for request in sorted((r for r in log if not r["p"].startswith("/v1/sys/events/")), key=lambda r: r["t"]):
        if not out or request["t"] - out[-1][-1]["t"] > QUIET:
            out.append([])
        out[-1].append(request)
    return out


def provider_children(pid):
    """Command lines of the process's own provider children."""
    lines = [read_proc(p, "cmdline").split(b"\0") for p in children(pid)]
    return [line for line in lines if b"provider-host" in line]


class Watched:
    """A container that uses all `names` of one instance, and an agent that polls for it. What is asked: `first` by the fetch that
    fills it, `polls` by the agent's polls, of which the last is one that found nothing changed; `most`: at once."""

    def __init__(self, dso, agent, docker, store, names, env):
        store.reset()
        run(dso, docker, secret=names, labels={"dso.strategy": "none"}, image=BUSYBOX, command=("sleep", "600"), env=env)
        self.first, self.most = store.log(), store.most()
        store.reset()
        self.agent = agent(env=env)
        wait_until(lambda: len(polls_in(store.log())) > 2, 60, "the agent has polled twice")
        self.polls = polls_in(store.log())[:2]
        self.most = max(self.most, store.most())
        assert len(provider_children(self.agent.pid)) == 1, "one provider process for one instance"
        assert not self.agent.lines("^ERROR"), self.agent.text()
