#!/usr/bin/env bash
# Open-loop HTTP load, see load.c for the options and what the JSON means. Builds the tool when its source changed.
#   load.sh HOST PORT SECONDS RATE CONCURRENCY [--keepalive] [--dns] [--path=/] [--timeout=MS]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"
bin=$PEERS/bin/load-$(sha256sum "$HERE/load.c" | cut -c1-16)
if [ ! -x "$bin" ]; then
  need gcc:gcc
  static_cc "$bin.$$" "$HERE/load.c"
  mv "$bin.$$" "$bin" # several tests may build at once
fi
exec "$bin" "$@"
