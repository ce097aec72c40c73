"""What a test leaves behind in its lane: what engine, kernel and /run show before and after it. Only in a lane, where nobody else makes
anything; what is left fails the test that left it."""
import json
import os
import subprocess
import time
from pathlib import Path

from . import places
from .plugin import ask

ENGINE = Path("/run/docker.sock")
SETTLES = 5.0  # seconds that the engine may still need for what it was told to remove
# what a lane has and does on its own: the engine, its helpers, the peers and the stand-in for a plugin
PROGRAMS = ("dockerd", "containerd", "containerd-shim", "vault-server", "moto_server", "resting_plugin.py", "imds.py", "akv.py",
            "faultproxy.py", "second-engine")


def in_a_lane():
    return "DSO_TEST_LANE" in os.environ


def _engine():
    if not ENGINE.exists():
        return
    _, containers = ask(ENGINE, "GET", "/containers/json?all=1")
    for c in containers:
        yield f"container {c['Names'][0]}"
    _, networks = ask(ENGINE, "GET", "/networks")
    for n in networks:
        yield f"network {n['Name']}"
    # of this driver alone: another's would be asked, for 15 s where nobody serves it
    _, volumes = ask(ENGINE, "GET", f"/volumes?filters={json.dumps({'driver': ['local']})}".replace(" ", "").replace('"', "%22"))
    for v in volumes["Volumes"] or []:
        yield f"volume {v['Name']}"
    _, images = ask(ENGINE, "GET", "/images/json")
    for i in images:
        yield f"image {(i['RepoTags'] or [i['Id']])[0]}"


def _kernel():
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        where = line.split()[4]
        if not where.startswith((str(places.PEER_STATE), "/run/docker/")):
            yield f"mount {where}"
    for line in subprocess.run(["nft", "list", "tables"], stdout=subprocess.PIPE, check=False).stdout.decode().splitlines():
        if "dso" in line:
            yield f"rules {line}"
    for p in Path("/proc").glob("[0-9]*"):
        try:
            argv = (p / "cmdline").read_bytes().decode(errors="replace").split("\0")
            parent = int((p / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if argv[0] and parent == 1 and not any(os.path.basename(word).startswith(PROGRAMS) for word in argv[:3]):
            yield f"process {p.name} {' '.join(argv)[:80]}"


def _files():
    for folder in ("/run", "/run/docker/plugins"):
        for p in Path(folder).iterdir() if Path(folder).is_dir() else ():
            yield f"file {p}"


KEPT = {"file /run/dso-test-plugin.sock", "file /run/dso-test-plugin.lock", "file /run/docker/plugins/dso-test.sock", "file /run/netns",
        "file /run/containerd", "file /run/mount", "file /run/xtables.lock", "mount /run/netns", "file /run/runc",
        "file /run/docker.pid", "file /run/docker.sock"}


def look():
    return {*_engine(), *_kernel(), *_files()} - KEPT


def more_than(before):
    """What is there now and was not before, once the engine has had its time."""
    end = time.monotonic() + SETTLES
    while (left := look() - before) and time.monotonic() < end:
        time.sleep(0.05)
    return sorted(left)
