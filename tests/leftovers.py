"""What a run of the tests leaves behind: what this machine shows before and after, of names that are ours."""
import subprocess
from pathlib import Path

FOLDERS = ("/run", "/tmp", "/etc", "/var/lib", "/var/run/docker/plugins", "/usr/local/bin", "/root")


def _lines(*argv):
    try:
        return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode(errors="replace").splitlines()
    except OSError:
        return []  # no such program here: then nothing of it was left either


class Machine:
    """One look at it. What runs in a lane ends with the lane, so a process here is one that got out of its lane."""

    def __init__(self):
        self.things = {f"file {p}" for d in FOLDERS if Path(d).is_dir() for p in Path(d).iterdir() if "dso" in p.name}
        self.things |= {f"mount {line.split()[4]}" for line in Path("/proc/self/mountinfo").read_text().splitlines() if "dso" in line.split()[4]}
        self.things |= {f"rule {line}" for line in _lines("nft", "list", "tables") if "dso" in line}
        self.things |= {f"network {line.split(':')[1].strip()}" for line in _lines("ip", "-o", "link")}
        self.things |= {f"network namespace {line.split()[0]}" for line in _lines("ip", "netns")}
        self.things |= {f"process {comm}" for comm in self._processes()}

    @staticmethod
    def _processes():
        for p in Path("/proc").glob("[0-9]*"):
            try:
                name = (p / "comm").read_text().strip()
            except OSError:
                continue
            if name.startswith(("dso", "dockerd", "containerd", "vault-server", "moto_server", "docker-proxy")):
                yield f"{name} ({p.name})"

    def more_than(self, before):
        return sorted(self.things - before.things)
