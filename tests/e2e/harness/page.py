"""A page of the docs, executed: its blocks in order, in one folder with a DSO of its own, as a reader would type them on a host
of his. What the host of a reader has and this one has not is here, by name: images, the unit dso-agent, /etc/dso."""
import json
import os
import re
import socketserver
import subprocess
import threading
from pathlib import Path

from . import places
from .markdown import commands
from .process import SANITIZER

# what a page calls them, and what they are here, where there is no registry
IMAGES = {"repo/api:2": "dso-test/web:1", "busybox:1.36": "dso-test/busybox:1"}
NAME = re.compile(r"(?:--name[ =]|container_name: *)([\w.-]+)")
LOOSE = [(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{16}|[0-9a-f]{12})\b", "<id>"), (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?\b", "<time>"),
         (r"\b(?:just now|\d+ ?(?:seconds?|minutes?|hours?|s|m)(?: ago)?)(?=\W|$)", "<age>"), (r"\b\d+(?:\.\d+)? ?ms\b", "<N> ms"),
         (r"(_ms\": ?)\d+(?:\.\d+)?", r"\1<N>"), (r"\bpid \d+", "pid <N>"), (r"(\"(?:pid|mtime_ns|size|inode)\": ?)\d+", r"\1<N>"),
         (r"\b\d{13}\b", "<ms>"), (r"[ \t]+", " "), (r" *$", "")]


def loose(text):
    for pattern, name in LOOSE:
        text = re.sub(pattern, name, text, flags=re.M)
    return text


def matches(wanted, got):
    """Line by line, but for ages, ids and blanks. `…` stands for anything within its line, alone on it for any lines."""
    parts = []
    for line in wanted:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(piece) for piece in loose(line).split("…")) + r"\n")
    return re.fullmatch("".join(parts), "".join(loose(line) + "\n" for line in got)) is not None


class Page:
    """`run(script)`: one block. Exported variables and the working folder go on to the next. `tools`: name → function of (folder,
    standard input, arguments) that gives the output of that program; `env`: what the reader's host has set; `project`: the name that
    compose gives to what runs in the reader's folder."""

    def __init__(self, world, docker, agent, text, *, tools=None, env=None, project="myapp"):
        self.world, self.docker, self.agent, self.running = world, docker, agent, None
        self.work, self.state, self.count, self.project = world.work, world.tmp / "session", 0, project
        self.bin = world.tmp / "bin"
        self.bin.mkdir()
        (self.bin / "dso").symlink_to(places.DSO_BIN)
        self.tools = {"systemctl": self._systemctl, **(tools or {})}
        for name in self.tools:
            (self.bin / name).symlink_to(Path(__file__).with_name("host_tool.py"))
        (self.work / "etc" / "dso").mkdir(parents=True)
        self.server = self._serve_tools()
        self.env = {"PATH": f"{self.bin}:{Path(places.DOCKER).parent}:{world.env()['PATH']}", "COMPOSE_PROJECT_NAME": docker.project("docs"),
                    "DSO_TEST_HOST_TOOLS": self.server.server_address, **(env or {})}
        self.state.write_text(f"cd {self.work}\n")
        for name in set(NAME.findall(text)):
            names = [f"{name}{end}" for end in ("", "_dso_new", "_dso_old")]
            there = docker("ps", "-aq", *(x for n in names for x in ("--filter", f"name=^/{n}$"))).out
            assert not there, f"a container {name} is there already, and the page would make one"
            docker.containers += [f"{n}$" for n in names]
        for name, image in IMAGES.items():
            if name in text and docker("image", "inspect", name, check=False).rc != 0:
                docker("tag", image, name)
                docker.images.append(name)

    def here(self, text):
        return text.replace("/etc/dso/", f"{self.work}/etc/dso/")

    def as_read(self, text):
        """What came out, as it would on a reader's host."""
        for path, name in ((f"{self.work}/etc/dso", "/etc/dso"), (f"{self.work}/", ""), (self.work, "."), (self.world.store, "/etc/dso/store"),
                           (self.world.run_dir, "/run/dso"), (self.world.state, "/var/lib/dso"), (self.env["COMPOSE_PROJECT_NAME"], self.project),
                           (places.PROVIDERS, "/usr/local/lib/dso/providers")):
            text = text.replace(str(path), name)
        return text

    def variables(self):
        config = self.work / "etc" / "dso" / "dso.yaml"
        return {**self.env, **({"DSO_CONFIG": config} if config.exists() else {})}

    def file(self, name):
        path = Path(self.here(name))
        return path if path.is_absolute() else self.work / path

    def run(self, script, timeout=60):
        """Exit code, and what came on stdout and stderr together. Into a file: a program that goes on in the background keeps it open."""
        self.count += 1
        path, out = (self.world.logs / f"page-{self.count:02}.{end}" for end in ("sh", "out"))
        path.write_text(f"set -eo pipefail\n. {self.state}\ntrap '{{ export -p; printf \"cd %q\\n\" \"$PWD\"; }} > {self.state}' EXIT\n{self.here(script)}")
        with open(out, "wb") as f:
            rc = subprocess.run(["bash", str(path)], stdin=subprocess.DEVNULL, stdout=f, stderr=f, env=self.world.env(self.variables()),
                                cwd=self.work, timeout=timeout, check=False).returncode
        text = out.read_text(errors="replace")
        assert not SANITIZER.search(text), text
        return rc, self.as_read(text)

    def play(self, transcript):
        """The transcript as it came out, the same text where it matches."""
        out = []
        for command, wanted in commands(transcript):
            _, text = self.run(command)
            got = text.splitlines()
            out += [f"$ {command}", *(wanted if matches(wanted, got) else got)]
        return "".join(line + "\n" for line in out)

    def _serve_tools(self):
        page = self

        class Call(socketserver.StreamRequestHandler):
            def handle(self):
                name, folder, data, *args = json.loads(self.rfile.readline())
                try:
                    answer = [0, page.tools[name](Path(folder), data, *args) or ""]
                except (AssertionError, ValueError, TypeError, OSError) as e:
                    answer = [1, f"{name} {' '.join(args)}: {e}\n"]
                self.wfile.write(json.dumps(answer).encode())

        server = socketserver.UnixStreamServer(f"/tmp/dso-page-{self.world.id}", Call)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def _systemctl(self, _folder, _data, verb, unit):
        """The agent as its unit starts it. What the unit does under a real systemd is for tests/release."""
        assert unit == "dso-agent" and verb in ("start", "restart", "stop"), "this systemctl knows no such thing"
        if self.running and self.running.running() and verb != "start":
            self.running.stop()
        if verb != "stop" and not (self.running and self.running.running()):
            self.running = self.agent(env=self.variables())

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        os.unlink(self.server.server_address)
