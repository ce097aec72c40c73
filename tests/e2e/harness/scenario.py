"""The scene most tests need: a config that polls fast, and the test images started by `dso run` with a secret in them."""
import urllib.request

from .docker import NobodyHasTheName
from .wait import wait_until

WEB, BUSYBOX = "dso-test/web:1", "dso-test/busybox:1"
FAST = "agent:\n  watch: {polling_interval: 1s, debounce: {quiet: 200ms, max: 2s}}\n"


def vault_config(vault, *, address=None, extra="", agent=FAST, settings=""):
    """dso.yaml for the test Vault; the token comes from VAULT_TOKEN. `settings` go under config:, `extra` at the end."""
    return f"provider: vault\nconfig:\n  address: {address or vault.address}\n  ca_file: {vault.ca}\n{settings}{agent}{extra}"


def run(dso, docker, *, secret, image=WEB, labels=None, options=(), command=(), stem="web", env=None):
    """`dso run -d` of a container of this test; `labels` besides dso.reloader=true, which {} alone gives, None leaves away."""
    name = docker.name(stem)
    flags = [] if labels is None else [f"--label={k}={v}" for k, v in {"dso.reloader": "true", **labels}.items()]
    secrets = [secret] if isinstance(secret, str) else secret
    dso("run", "-d", "--name", name, *flags, *(x for s in secrets for x in ("--secret", s)), *options, image, *command, env=env)
    return docker.container(name)


class StoredSecret:
    """A secret of one field in the local store: its name, and the value that it has now, made by `new_value`."""
    def __init__(self, dso, name, new_value):
        self.dso, self.name, self.new_value = dso, name, new_value
        self.change()

    def change(self, prefix="", field="password"):
        """Gives the secret a new value, which is returned. `field` gets it beside the others."""
        self.value = prefix + self.new_value()
        self.dso.set(f"{self.name}#{field}", self.value)
        return self.value


def shown(container):
    """The value that the web image's process has in memory."""
    with urllib.request.urlopen(f"http://{container.address()}:8000/", timeout=5) as answer:
        return answer.read().decode().split()[0]


def shows(container, value, deadline=20.0):
    def matches():
        try:
            return shown(container) == value
        except (OSError, StopIteration, NobodyHasTheName):
            return False  # it restarts, or is replaced
    wait_until(matches, deadline, f"{container.name} shows the value that begins {value[:15]}")


def reads(container, path, value, deadline=20.0):
    """The file inside a running container has the value, seen by a new process in it."""
    wait_until(lambda: container.docker("exec", container.name, "cat", path, check=False).out == value, deadline,
               f"{path} in {container.name} has the value that begins {value[:15]}")
