"""The code blocks of a Markdown page, and what the words behind its fence say of each. Pure: text in, blocks out; also used by the
house check, which has neither engine nor binary."""
import re
import shlex
from dataclasses import dataclass, field

# kind: what tests/e2e/test_docs.py does with it
KINDS = {
    "sh": "run, as one script",
    "console": "a transcript: what stands behind `$ ` is run, and what came out is compared",
    "yaml": "a dso.yaml (`yaml older`: with warnings), or with `yaml compose` a compose file: checked",
    "json": "parsed",
    "hcl": "written to its file",
    "text": "output, or a picture: not run",
}
WORDS = {"yaml": {"older", "compose"}}
OPTIONS = {"not-run", "file"}
FENCE = re.compile(r"^( *)(```+)(.*)$")
NAMED_TEST = re.compile(r"tests/[\w/.-]+\w")


@dataclass
class Block:
    """`hidden`: stands in a comment, `<!--sh` to `-->`: what a page's commands need and its reader has."""
    line: int
    kind: str
    text: str = ""
    words: list = field(default_factory=list)
    options: dict = field(default_factory=dict)
    hidden: bool = False
    last_line: int = 0
    wrong: str = None

    @property
    def runs(self):
        return self.kind != "text" and "not-run" not in self.options


def _opened(line, info, hidden):
    try:
        words = shlex.split(info)
    except ValueError as e:
        return Block(line, "", wrong=f"'{info}': {e}")
    b = Block(line, words[0] if words else "", hidden=hidden)
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if equals and name in OPTIONS and value:
            b.options[name] = value
        elif not equals and word in WORDS.get(b.kind, ()):
            b.words.append(word)
        else:
            b.wrong = f"'{word}' means nothing there"
    if not b.kind:
        b.wrong = "it says not what it is"
    elif b.kind not in KINDS:
        b.wrong = f"'{b.kind}' is none of {', '.join(KINDS)}"
    elif b.kind == "hcl" and not b.options:
        b.wrong = "hcl wants file=NAME or not-run=REASON"
    return b


def blocks(page):
    """All code blocks of the page, in order."""
    out, lines, indent, end = [], page.splitlines(), 0, None
    before, in_list = "", False
    for number, line in enumerate(lines, 1):
        if end:
            if line.strip() == end:
                out[-1].last_line, end = number, None
            else:
                out[-1].text += line[min(indent, len(line) - len(line.lstrip(" "))):] + "\n"
            before = line
            continue
        fence = FENCE.match(line)
        if fence:
            indent, end = len(fence[1]), fence[2]
            out.append(_opened(number, fence[3], False))
        elif line.strip() == "<!--sh":
            indent, end = 0, "-->"
            out.append(_opened(number, "sh", True))
        elif line.startswith("    ") and not before.strip() and not in_list:
            out.append(Block(number, "", wrong="an indented block: it wants a fence that says what it is"))
        elif line.strip() and not line.startswith(" "):
            in_list = bool(re.match(r"([-*+]|\d+\.) ", line))
        before = line
    if end:
        out[-1].wrong = "it has no end"
    return out


def problems(name, page, exists):
    """What is wrong with the page's blocks, a line each; `exists(path)` says whether a named test is there."""
    out = []
    for b in blocks(page):
        if b.wrong:
            out.append(f"{name}:{b.line}: {b.wrong}")
        out += [f"{name}:{b.line}: there is no {test}" for test in NAMED_TEST.findall(b.options.get("not-run", "")) if not exists(test)]
    return out


def commands(transcript):
    """[(command, the lines that it printed)] of a console block. A command goes on after a `\\` at its line's end."""
    out = []
    for line in transcript.splitlines():
        if line.startswith("$ "):
            out.append((line[2:], []))
        elif out and not out[-1][1] and out[-1][0].endswith("\\"):
            out[-1] = (out[-1][0] + "\n" + line, [])
        elif out:
            out[-1][1].append(line)
    return out
