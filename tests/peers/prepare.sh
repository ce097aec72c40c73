#!/usr/bin/env bash
# Makes all that a lane cannot make, since it has no network: programs built from source, virtual environments, the test CA, images.
#   prepare.sh [plain|systemd]     systemd: with the image of a whole host, which tests/release needs
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
with=${1:-plain}
jobs=()
# side by side: each of them waits for the network half of its time
job() { "$@" & jobs+=($!); }
all_done() { local j; for j in "${jobs[@]}"; do wait "$j"; done; jobs=(); }

# without cargo the tests that read them skip, which CI does not accept
vectors() { "$HERE/../unit/provider_aws/vectors.sh" || echo "the public test vectors of AWS could not be fetched"; }

tls_init
[ "${DSO_TEST_ENGINE:-}" != new ] || job "$HERE/engine-new.sh" install
job "$HERE/vault.sh" install
job "$HERE/compose.sh" install
job "$HERE/moto.sh" install
job "$HERE/akv.sh" sdk
job vectors
[ "$with" != systemd ] || job "$HERE/systemd-engine.sh"
all_done
"$HERE/lane.sh" --images "$with"
