"""Completion in the real shells: what TAB offers in bash, zsh and fish for a command, an option, its value and a container."""
import os
import pty
import select
import shlex
import shutil
import signal
import time

import pytest


class Shells:
    """`bash("dso sta")`, `zsh(…)`, `fish(…)`: the words that TAB offers behind this line. The scripts lie where scripts/install puts them."""

    def __init__(self, dso):
        self.dso, self.world, self.home = dso, dso.world, dso.world.tmp / "shells"
        self.env = {"PATH": f"{self.home}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": self.home, "XDG_CONFIG_HOME": self.home, "ZDOTDIR": self.home}
        (self.home / "bin").mkdir(parents=True)
        (self.home / "bin" / "dso").symlink_to(dso.bin)
        for shell, path in (("bash", "dso.bash"), ("zsh", "site-functions/_dso"), ("fish", "fish/completions/dso.fish")):
            (self.home / path).parent.mkdir(parents=True, exist_ok=True)
            (self.home / path).write_text(dso("completion", shell).out)

    def bash(self, line):
        """The words as readline takes them apart: at blanks, and at "=" and ":" too."""
        words = [part for word in line.split(" ") for part in word.replace("=", " = ").replace(":", " : ").split(" ") if part or not word]
        script = (f"source ~/dso.bash; COMP_WORDS=({' '.join(shlex.quote(w) for w in words)}); COMP_CWORD={len(words) - 1}; _dso; "
                  f"printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        return self.world.run(["bash", "-c", script], env=self.env).out.split()

    def fish(self, line):
        return [row.split("\t")[0] for row in self.world.run(["fish", "-c", f"complete -C {shlex.quote(line)}"], env=self.env).out.splitlines()]

    def zsh(self, line):
        """At a terminal, for zsh completes nowhere else: what its functions offer is written down on the way."""
        out = self.home / "offered"
        out.write_text("")
        (self.home / ".zshrc").write_text(
            "PS1='ready> '; fpath=(~/site-functions $fpath); autoload -Uz compinit; compinit -u -D\n"
            'compadd() { local -a found; builtin compadd -O found "$@"; (( $#found )) && print -rl -- "$found[@]" >> ~/offered; builtin compadd "$@" }\n'
            "done-now() { print -r -- end >> ~/offered }; zle -N done-now; bindkey '^X' done-now\n")
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(shutil.which("zsh"), ["zsh", "-d", "-i"], {k: str(v) for k, v in (self.world.env(self.env) | {"TERM": "vt100"}).items()})
        try:
            self.until(terminal, lambda shown: b"ready> " in shown)
            os.write(terminal, line.encode() + b"\t\x18")
            self.until(terminal, lambda _: out.read_text().endswith("end\n"))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)
        return list(dict.fromkeys(out.read_text().splitlines()[:-1]))

    @staticmethod
    def until(terminal, done):
        shown, end = b"", time.monotonic() + 20
        while not done(shown):
            assert time.monotonic() < end, shown
            if select.select([terminal], [], [], 0.05)[0]:
                shown += os.read(terminal, 65536)


@pytest.fixture(name="tab", params=["bash", "zsh", "fish"])
def tab_fixture(request, dso):
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed: scripts/deps --test")
    return getattr(Shells(dso), request.param)


def test_tab(tab, docker):
    web, other = docker.name("web"), docker.name("other")
    for name in (web, other):
        docker.run("sleep", "600", name=name)
    assert tab("dso sta") == ["status"]
    assert set(tab("dso secret ")) == {"get", "set", "list", "rm"}
    assert tab("dso status --fo") == ["--format"]
    assert set(tab("dso --format ")) == {"text", "json"}
    assert [word.removeprefix("--format=") for word in tab("dso status --format=j")] == ["json"]
    assert {web, other} <= set(tab("dso rotate "))
    assert tab(f"dso --format=json rotate {web[:-2]}") == [web]
    assert tab("dso nonsense ") == []
