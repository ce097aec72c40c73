"""The engine as a test uses it: the docker CLI, and containers with unique names that are removed whatever happens."""
import json
import re
import secrets
import subprocess

from . import engine_api, places
from .wait import wait_until


class NobodyHasTheName(AssertionError):
    """No container is called so now: in the middle of a rolling update that is so for a moment. Who waits goes on waiting."""


class Docker:
    """`docker("ps", "-a")` runs the CLI with the test's own DOCKER_CONFIG, in which `docker dso` and `docker compose` exist."""

    def __init__(self, world):
        self.world, self.containers, self.projects, self.images, self.volumes, self.networks = world, [], [], [], [], []

    def __call__(self, *args, **kw):
        return self.world.run([places.DOCKER, *args], **kw)

    def name(self, stem="c"):
        """A name that no other test has; whatever container gets it is removed at the end."""
        name = f"dso-test-{self.world.id}-{stem}-{secrets.token_hex(2)}"
        self.containers.append(name)
        return name

    def project(self, stem="p"):
        """A Compose project name; its containers, networks and volumes are removed at the end."""
        name = f"dsotest{self.world.id}{stem}"
        self.projects.append(name)
        return name

    def run(self, *args, image="dso-test/busybox:1", name=None, options=(), **kw):
        """`docker run -d` of a container of this test; returns it."""
        name = name or self.name()
        self("run", "-d", "--name", name, *options, image, *args, **kw)
        return Container(self, name)

    def container(self, name):
        """A container that something else makes under this name: removed at the end too."""
        if name not in self.containers:
            self.containers.append(name)
        return Container(self, name)

    def inspect(self, *names):
        shown = [engine_api.inspect(name) for name in names]
        if all(shown):
            return shown
        # an image's, a volume's, a network's name, or nobody's
        done = self("inspect", *names, check=False)
        if done.rc != 0 and "No such object" in done.err:
            raise NobodyHasTheName(repr(done))
        assert done.rc == 0, repr(done)
        return json.loads(done.out)

    def ids_of_test(self):
        """Ids of all containers that are this test's, running or not."""
        by_name = engine_api.containers(name=[f"^/{name}" for name in self.containers]) if self.containers else []
        by_project = [c for p in self.projects for c in engine_api.containers(label=[f"com.docker.compose.project={p}"])]
        return sorted({c["Id"] for c in by_name + by_project})

    def _volumes_without_a_name(self, ids):
        """Those of these containers. One that a successor took over is the engine's named volume to it: `rm -v` leaves it."""
        shown = self("inspect", "-f", "{{range .Mounts}}{{.Name}}\n{{end}}", *ids, check=False).out.split() if ids else []
        return sorted({name for name in shown if re.fullmatch("[0-9a-f]{64}", name)})

    def remove_all(self):
        ids = self.ids_of_test()
        unnamed = self._volumes_without_a_name(ids)
        if ids:
            self("rm", "-fv", *ids, check=False)
        if unnamed:
            self("volume", "rm", "-f", *unnamed, check=False)
        for project in self.projects:
            for kind in ("network", "volume"):
                left = self(kind, "ls", "-q", "--filter", f"label=com.docker.compose.project={project}", check=False).out.split()
                if left:
                    self(kind, "rm", *left, check=False)
        for kind, names in (("image", self.images), ("volume", self.volumes), ("network", self.networks)):
            for name in names:
                self(kind, "rm", name, check=False)


class Container:
    """One container by name; every question asks the engine anew."""

    def __init__(self, docker, name):
        self.docker, self.name = docker, name

    def inspect(self):
        return self.docker.inspect(self.name)[0]

    @property
    def id(self):
        return self.inspect()["Id"]

    @property
    def pid(self):
        return self.inspect()["State"]["Pid"]

    @property
    def started_at(self):
        return self.inspect()["State"]["StartedAt"]

    def running(self):
        shown = engine_api.inspect(self.name)
        return shown is not None and shown["State"]["Running"]

    def health(self):
        try:
            return self.inspect()["State"].get("Health", {}).get("Status")
        except NobodyHasTheName:
            return None

    def wait_healthy(self, deadline=20.0):
        wait_until(lambda: self.health() == "healthy", deadline, f"{self.name} healthy")
        return self

    def exec(self, *args, **kw):
        return self.docker("exec", self.name, *args, **kw)

    def read(self, path):
        """What a process in it reads from a file right now."""
        return self.exec("cat", path).out

    def logs(self):
        done = self.docker("logs", self.name)
        return done.out + done.err

    def address(self):
        networks = self.inspect()["NetworkSettings"]["Networks"]
        return next(n["IPAddress"] for n in networks.values() if n["IPAddress"])

    def rm(self):
        self.docker("rm", "-fv", self.name, check=False)


def host_address():
    """An address of the host that is none of 127/8: that of the engine's own bridge, whose gateway not every engine shows."""
    shown = json.loads(subprocess.run(["ip", "-j", "-4", "addr", "show", "docker0"], stdout=subprocess.PIPE, check=True).stdout)
    return shown[0]["addr_info"][0]["local"]
