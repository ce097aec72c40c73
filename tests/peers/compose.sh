#!/usr/bin/env bash
# Docker Compose v2, built from its module, for the tests' own DOCKER_CONFIG. No server: start = install + version.
#   compose.sh [start|stop|install]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
version=v2.40.3
install() {
  one_at_a_time compose
  [ -x "$PEERS/bin/docker-compose" ] && return 0
  need_go "Docker Compose"
  # cmd/ cannot be had with `go install` (exclude directives): built as a tool of a tiny module
  (cd "$HERE/compose" && CGO_ENABLED=0 go build -trimpath -o "$PEERS/bin/.docker-compose.new" \
    -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$version" github.com/docker/compose/v2/cmd) >&2
  mv "$PEERS/bin/.docker-compose.new" "$PEERS/bin/docker-compose"
}
case ${1:-start} in
  install) install ;;
  stop) ;;
  start) install; echo "COMPOSE_BIN=$PEERS/bin/docker-compose"; echo "COMPOSE_VERSION=$("$PEERS/bin/docker-compose" version --short)" ;;
  *) echo "usage: $0 [start|stop|install]" >&2; exit 2 ;;
esac
