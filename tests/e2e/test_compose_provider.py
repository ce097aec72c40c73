"""A service with `provider: {type: dso}`, which plain `docker compose up` asks for secrets: what it sets, what it refuses."""
import json

import pytest

BUSYBOX = "dso-test/busybox:1"


def compose(options, volume=None):
    mounted = "" if not volume else f"""    volumes: ["files:{options['path']}"]
volumes:
  files: {{driver: {volume}, driver_opts: {{secrets: "{','.join(options['secrets'])}"}}}}
"""
    return f"""
services:
  secrets:
    provider:
      type: dso
      options: {json.dumps(options)}
  app:
    image: {BUSYBOX}
    command: ["sleep", "60"]
    depends_on: [secrets]
{mounted}"""


@pytest.fixture
def up(dso, docker):
    """up(options) is `docker compose up -d` on such a project, as a user without DSO's own commands runs it."""
    dso("init")
    project = docker.project("provider")

    def run(options, volume=None):
        (dso.world.work / "compose.yaml").write_text(compose(options, volume))
        done = docker("compose", "-p", project, "up", "-d", check=False, cwd=dso.world.work, timeout=120)
        ids = docker("ps", "-aq", "--no-trunc", "--filter", f"label=com.docker.compose.project={project}").out.split()
        return done, docker.inspect(*ids) if ids else []

    yield run
    docker("compose", "-p", project, "down", "-t", "0", cwd=dso.world.work, timeout=120)


def environment(container):
    return dict(e.split("=", 1) for e in container["Config"]["Env"])


def test_paths_of_files_and_no_value(up, dso, canary):
    dso.set("myapp/db#password", canary())
    dso.set("myapp/key", canary())
    done, (app,) = up({"secrets": ["myapp/db", "myapp/key"], "path": "/run/s"})
    assert done.rc == 0, done
    found = {k: v for k, v in environment(app).items() if k.startswith("SECRETS_")}
    assert found == {"SECRETS_PASSWORD_FILE": "/run/s/password", "SECRETS_KEY_FILE": "/run/s/key"}


def test_files_by_the_volume_beside_it(up, dso, docker, agent, plugin, canary):
    """As docs/compose.md shows it: plain `docker compose up`, no value in `docker inspect`, the files where the variables say."""
    values = {"password": canary(), "key": canary()}
    dso.set("myapp/db#password", values["password"])
    dso.set("myapp/tls#key", values["key"])
    agent(env=plugin.env)
    done, (app,) = up({"secrets": ["myapp/db", "myapp/tls#key"], "path": "/run/s"}, volume=plugin.driver)
    assert done.rc == 0, done
    for name, value in values.items():
        path = environment(app)[f"SECRETS_{name.upper()}_FILE"]
        assert docker("exec", app["Id"], "cat", path).out == value


def test_values_only_where_they_may_be_seen(up, dso):
    dso.set("myapp/db#password", "to be seen = \"here\"")
    done, (app,) = up({"secrets": "myapp/db", "visible": True})
    assert done.rc == 0, done
    assert environment(app)["SECRETS_PASSWORD"] == "to be seen = \"here\""
    done, _ = up({"secrets": "myapp/db#password:DB_PASSWORD"})
    assert done.rc != 0 and "visible: true" in done.err, done


def test_what_cannot_be_had_starts_nothing(up, dso, canary):
    dso.set("myapp/db#password", canary())
    done, containers = up({"secrets": ["myapp/db", "myapp/nothing"]})
    assert done.rc != 0 and "'myapp/nothing'" in done.err and "NotFound" in done.err, done
    assert containers == []
    done, containers = up({"secret": "myapp/db"})
    assert done.rc != 0 and "secrets" in done.err and containers == [], done
