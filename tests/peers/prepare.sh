#!/usr/bin/env bash
# Makes all that a lane cannot make, since it has no network: programs built from source, virtual environments, the test CA, images.
#   prepare.sh [plain|systemd]     systemd: with the image of a whole host, which tests/release needs
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
with=${1:-plain}
tls_init
[ "${DSO_TEST_ENGINE:-}" != new ] || "$HERE/engine-new.sh" install
"$HERE/compose.sh" install
"$HERE/vault.sh" install
"$HERE/moto.sh" install
"$HERE/akv.sh" sdk
[ "$with" != systemd ] || "$HERE/systemd-engine.sh"
"$HERE/lane.sh" --images "$with"
