"""What is done with each kind of block of a page (harness/markdown.py) in the page's session."""
import json
import os

from . import places
from .markdown import blocks

ACCEPT = os.environ.get("DSO_TEST_ACCEPT") == "1"


def where(path):
    return str(path.relative_to(places.ROOT))


def _check_data(page, b, at):
    path = page.file(b.options.get("file", f"block-{b.line}.{b.kind}"))
    path.write_text(page.here(b.text))
    if b.kind == "json":
        json.loads(b.text)
    elif b.kind == "yaml" and "compose" in b.words:
        rc, said = page.run(f"docker compose -f {path} config -q")
        assert rc == 0, f"{at}: {said}"
    elif b.kind == "yaml":
        rc, said = page.run(f"dso validate {path}")
        assert rc == 0 and ("warning" in said) == ("older" in b.words), f"{at}: {said}"


def execute(page, path):
    """All blocks of the page, in order; gives the page as it would be with what came out."""
    text = path.read_text()
    lines, shift = text.splitlines(keepends=True), 0
    for b in blocks(text):
        at = f"{where(path)}:{b.line}"
        assert not b.wrong, f"{at}: {b.wrong}"
        if b.runs and b.kind in ("yaml", "json", "hcl"):
            _check_data(page, b, at)
        elif b.runs and b.kind == "sh":
            rc, said = page.run(b.text)
            assert rc == 0, f"{at}: it ended with {rc}:\n{said}"
        elif b.runs and b.kind == "console":
            came = page.play(b.text)
            assert ACCEPT or came == b.text, f"{at}: it says\n{b.text}\nand this came out:\n{came}"
            lines[b.line + shift:b.last_line - 1 + shift] = came.splitlines(keepends=True)
            shift += len(came.splitlines()) - len(b.text.splitlines())
    return "".join(lines)


def run_page(page, path):
    """Executes it; with DSO_TEST_ACCEPT=1 what came out is written into its transcripts."""
    came = execute(page, path)
    if came != path.read_text():
        path.write_text(came)


def runnable(path):
    """The text that runs, empty if nothing does."""
    return "\n".join(b.text for b in blocks(path.read_text()) if b.runs or b.wrong)
