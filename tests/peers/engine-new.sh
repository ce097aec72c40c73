#!/usr/bin/env bash
# A newer engine than Debian's (moby v2 = Docker 29, API 1.5x), for `scripts/test --engine new`: engine.sh starts it instead when
# DSO_TEST_ENGINE=new. There is no package of it: dockerd, docker-proxy and runc are built from their Go modules (15 minutes on two
# processors the first time). containerd and docker-init are Debian's.
#   engine-new.sh [install]     prints the three files
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"
moby=v2.0.0-beta.24 runc=v1.5.2

build() { # result, main package@version, go flags...
  local out=$PEERS/bin/$1 pkg=$2 tmp; shift 2
  if [ ! -x "$out" ] || [ "$(cat "$out.from" 2>/dev/null)" != "$pkg" ]; then
    tmp=$(mktemp -d "$PEERS/bin/.build.XXXX")
    GOBIN=$tmp GOTOOLCHAIN=auto go install -trimpath "$@" "$pkg" >&2
    mv "$tmp"/* "$out"; rmdir "$tmp"
    printf %s "$pkg" > "$out.from"
  fi
  echo "$out"
}

[ "${1:-install}" = install ] || { echo "usage: $0 [install]" >&2; exit 2; }
one_at_a_time engine-new
need_go "the newest engine"
CGO_ENABLED=0 build dockerd-new "github.com/moby/moby/v2/cmd/dockerd@$moby" \
  -tags 'exclude_graphdriver_btrfs exclude_graphdriver_zfs no_systemd' \
  -ldflags "-s -w -X github.com/moby/moby/v2/dockerversion.Version=29.${moby##*-}"
# Debian's docker-proxy and runc 1.1 do not know the arguments that this engine gives them
CGO_ENABLED=0 build docker-proxy-new "github.com/moby/moby/v2/cmd/docker-proxy@$moby" -ldflags '-s -w'
[ -e /usr/include/seccomp.h ] || need libseccomp-dev:/nonexistent gcc:gcc pkgconf:pkg-config
CGO_ENABLED=1 build runc-new "github.com/opencontainers/runc@$runc" -tags seccomp -ldflags "-s -w -X main.version=${runc#v}"
