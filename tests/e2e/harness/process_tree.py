"""The processes below one, as /proc shows them. Threads and processes may end while it is read: what has ended is left out."""
from pathlib import Path


def read_proc(pid, what):
    """/proc/PID/WHAT as bytes; b"" of a process that has ended."""
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def children(pid):
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in read_proc(pid, f"task/{file.parent.name}/children").split()]


def tree(pid):
    """It, and all below it."""
    return [pid, *(below for child in children(pid) for below in tree(child))]
