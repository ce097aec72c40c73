#!/usr/bin/env python3
"""Inside a lane (tests/peers/lane.sh): runs what tests/lanes.py sends, one program after the other. A line of JSON in
({"argv", "env", "log", "limit"}), a line of JSON out ({"rc"}: null where it did not end within its limit)."""
import json
import os
import signal
import subprocess
import sys


def run(argv, env, log, limit):
    with open(log, "wb") as out:
        proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **env}, start_new_session=True)
        try:
            return proc.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(proc.pid, signal.SIGKILL)
            proc.wait()
            return None


print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    print(json.dumps({"rc": run(**json.loads(line))}), flush=True)
