"""A machine of its own for a test: Debian 12 under a real systemd, with an engine and no network, in a container. DSO is installed on it as
a user would, from a folder with the layout of a bundle; it can be rebooted, and lose its power."""
import json
import shutil
import subprocess

from harness import places
from harness.stores import peer
from harness.wait import wait_until

TREE, BUNDLE = places.ROOT, "/root/bundle"
FAST = "agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"
WEB, BUSYBOX = "dso-test/web:1", "dso-test/busybox:1"
FILE = "/run/secrets/password"


def bundle(folder, built=places.DSO_BIN):
    """What scripts/bundle unpacks to, of what scripts/build built; unsigned, and listed where it is installed from."""
    for part in ("bin", "include", "lib"):
        (folder / part).mkdir(parents=True)
    shutil.copy(built, folder / "bin" / "dso")
    shutil.copytree(places.PROVIDERS, folder / "providers", ignore=lambda d, names: [n for n in names if not n.endswith(".so")])
    shutil.copytree(TREE / "core" / "sdk" / "dso", folder / "include" / "dso")
    shutil.copytree(TREE / "scripts" / "systemd", folder / "systemd")
    shutil.copytree(TREE / "docs", folder / "docs")
    for script in ("install", "setup", "uninstall"):
        shutil.copy(TREE / "scripts" / script, folder)
    for script in (TREE / "scripts" / "lib").glob("*.sh"):
        shutil.copy(script, folder / "lib")
    return folder


class Host:
    """`host("systemctl", "status", …)` runs a program on it as root; what it wrote is in .out and .err."""

    def __init__(self, world, first_program=None):
        """`first_program`: a script that makes it another kind of host, and becomes systemd in the end."""
        self.world, self.docker, self.docker_program = world, world.docker, places.DOCKER
        image = peer("systemd.sh", "image")["SYSTEMD_IMAGE"]
        self.name, self.data = self.docker.name("host"), self.docker.name("data")
        self.docker.volumes.append(self.data)
        self.docker("volume", "create", self.data)
        # SYS_PTRACE is the inner engine's need: runc looks at the processes of its containers
        self.docker("run", "-d", "--name", self.name, "--hostname", "host", "--network", "none", "--cgroupns", "private", "--stop-signal", "SIGRTMIN+3",
                    "--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--cap-add", "SYS_PTRACE", "--security-opt", "seccomp=unconfined", "--security-opt",
                    "apparmor=unconfined", "--tmpfs", "/run", "--tmpfs", "/run/lock", "-v", f"{self.data}:/var/lib/docker", image,
                    *(["sh", "-ec", first_program] if first_program else []))
        self.up()

    def __call__(self, *args, input=None, **kw):
        flags = ["-i"] if input is not None else []
        return self.docker("exec", *flags, self.name, *args, input=input, **kw)

    def sh(self, script, **kw):
        return self("sh", "-ec", "umask 022\n" + script, **kw)

    def up(self):
        """systemd says that it has started what it was to start; nothing may have failed."""
        state = wait_until(lambda: (s := self("systemctl", "is-system-running", check=False).out.strip()) in ("running", "degraded") and s, 60,
                           "the host is up")
        assert state == "running", self("systemctl", "--failed", "--no-legend", check=False).out

    def with_images(self):
        """The test images, in its engine."""
        saved = subprocess.run([places.DOCKER, "save", WEB, BUSYBOX], stdout=subprocess.PIPE, check=True).stdout
        self("docker", "load", "-q", input=saved)
        return self

    def copy(self, folder, target=BUNDLE):
        self("rm", "-rf", target)
        self.docker("cp", "-q", folder, f"{self.name}:{target}")

    def install(self, *args, folder=BUNDLE, **kw):
        """From what its maker has just listed and did not sign."""
        self.sh(f"cd {folder}; rm -f SHA256SUMS; find . -type f -printf '%P\\0' | sort -z | xargs -0 sha256sum > /root/sums; mv /root/sums SHA256SUMS")
        return self.sh(f"exec {folder}/install --unsigned {' '.join(args)}", timeout=120, **kw)

    def config(self, text=FAST):
        self.sh("mkdir -p /etc/dso; cat > /etc/dso/dso.yaml", input=text)

    def store(self, name, value):
        self("dso", "secret", "set", name, input=value)

    def run(self, name, *options, image=WEB, command=(), secret=f"app#password={FILE}", labels=()):
        flags = [f"--label={label}" for label in ("dso.reloader=true", *labels)]
        self("docker", "dso", "run", "-d", "--name", name, *flags, "--secret", secret, *options, image, *command)

    def inspect(self, name):
        return json.loads(self("docker", "inspect", name).out)[0]

    def replaced(self, name, old, deadline=90.0):
        """Another container than `old` has the name, and is healthy. In the middle of a rolling update nobody may have it for a moment."""
        def other():
            done = self("docker", "inspect", name, check=False)
            found = json.loads(done.out)[0] if done.rc == 0 else None
            return found and found["Id"] != old and found["State"].get("Health", {}).get("Status") == "healthy"
        wait_until(other, deadline, f"{name} is replaced")

    def reads(self, name, value, deadline=20.0):
        """The file inside the running container has the value."""
        wait_until(lambda: self("docker", "exec", name, "cat", FILE, check=False).out == value, deadline,
                   f"{FILE} in {name} begins {value[:15]}")

    def property(self, unit, name):
        return self("systemctl", "show", "-P", name, unit).out.strip()

    def agent_pid(self):
        return int(self.property("dso-agent", "MainPID"))

    def log(self, unit="dso-agent"):
        return self("journalctl", "-u", unit, "--no-pager", "-o", "cat").out

    def logged(self, text, deadline=20.0, since=0):
        """A line of the agent's journal behind the first `since` characters."""
        wait_until(lambda: text in self.log()[since:], deadline, f"the agent says {text!r}")

    def reboot(self):
        """All units are stopped in their order, /run is emptied, all units are started."""
        self.docker("restart", "-t", "60", self.name, timeout=120)
        self.up()

    def lose_power(self):
        self.docker("kill", self.name)
        self.docker("start", self.name)
        self.up()

    def files(self):
        """A line for every file of the host, with its mode and sum, and every unit of DSO's; not the engine's, systemd's and logs' files."""
        left_out = " -o ".join(f"-path {p}" for p in ("/var/lib/docker", "/var/lib/containerd", "/var/log", "/var/lib/systemd", "/root", "/proc",
                                                      "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/etc/docker"))
        script = (f"find / -xdev \\( {left_out} \\) -prune -o -not -name '*-' -printf '%y %#m %u:%g %l %p\\n'; "
                  "find /run/dso -maxdepth 1; find /etc /usr/local -type f -not -name '*-' -exec sha256sum {} +; "
                  "systemctl list-unit-files --no-legend 'dso*' 'run-dso*'")
        return set(self("sh", "-c", script, check=False).out.splitlines())
