#!/usr/bin/env python3
"""A program of a reader's host that this one has not (systemctl, vault, aws, az), under its name in a page's PATH: the test that serves
the socket does what it would do (harness/page.py)."""
import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
    s.connect(os.environ["DSO_TEST_HOST_TOOLS"])
    data = "" if os.isatty(0) else sys.stdin.read()
    s.sendall(json.dumps([os.path.basename(sys.argv[0]), os.getcwd(), data, *sys.argv[1:]]).encode() + b"\n")
    code, out = json.loads(s.makefile().read())
(sys.stderr if code else sys.stdout).write(out)
sys.exit(code)
