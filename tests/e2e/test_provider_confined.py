"""A provider's process that cannot be confined does not run: it is never the host's root."""
import json

import pytest
from harness import places


@pytest.mark.parametrize("right", ["setgid", "setuid"])
def test_root_that_cannot_be_given_up(dso, world, right):
    file = world.tmp / "secrets.json"
    file.write_text(json.dumps({"app": {"password": "no secret"}}))
    dso.config(f"provider: file\nconfig: {{secrets_file: {file}}}\n")
    assert dso("fetch", "app", "--reveal", "--field", "password").out.strip() == "no secret"
    refused = world.run(["setpriv", f"--bounding-set=-{right}", places.DSO_BIN, "fetch", "app"], check=False)
    assert refused.rc == 1 and "its process could not be confined" in refused.err, refused
