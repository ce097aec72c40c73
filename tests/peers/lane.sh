#!/usr/bin/env bash
# A lane: a command with an engine of its own, in network, mount and process namespaces of its own. Lanes run side by side and see
# nothing of each other, nor of the machine's own engine; when the command ends, the kernel ends all that it started.
#   lane.sh NAME COMMAND...      inside: DSO_TEST_LANE=NAME, DSO_PEERS=<the lane's own peers>, the engine on /run/docker.sock, no network
#   lane.sh --images [WITH]      makes what every lane's engine starts with, once: the test images; WITH: systemd, that host's image too
# What is built (programs, virtual environments, the test CA, images) is shared; ports, processes, rules and mounts are the lane's own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"
BASE=$PEERS
kind=${DSO_TEST_ENGINE:-debian}

# What decides which images a lane has; of the host with systemd: what made its root.
images_sum() {
  {
    echo "$kind"
    cat "$HERE"/{images.sh,engine-lib.sh,web.c,scratch.c,load.c}
    [ "$1" != systemd ] || cat "$HERE/systemd.sh"
  } | sha256sum | cut -c1-16
}
images_dir() { echo "$BASE/images/$kind-${1:-plain}-$(images_sum "${1:-plain}")"; }

# The best that is there: with the host of systemd if somebody made it.
images_there() {
  local with
  for with in systemd plain; do
    if [ -d "$(images_dir "$with")" ]; then images_dir "$with"; return; fi
  done
}

make_images() { # plain or systemd
  local want; want=$(images_dir "$1")
  (
    one_at_a_time "images-$1"
    if [ ! -d "$want" ]; then
      local lane=$BASE/lanes/images
      # shellcheck disable=SC2016 # expanded inside
      DSO_LANE_KEEP=1 DSO_LANE_EMPTY=1 "${BASH_SOURCE[0]}" images bash -euc '
        "$1/images.sh"; [ "$2" != systemd ] || "$1/systemd.sh" image; "$1/engine.sh" stop' images "$HERE" "$1" >&2
      mkdir -p "$BASE/images"
      rm -rf --one-file-system "$BASE/images/$kind-$1"-*
      mv "$lane/engine/data" "$want"
      rm -rf --one-file-system "$lane"
    fi
  )
  echo "IMAGES=$want"
}

inside() { # name, folder, command...
  local dir=$2; shift 2
  # /sys/class/net of this network namespace, under the machine's control groups
  mkdir -p "$dir/cgroup"
  mount --rbind /sys/fs/cgroup "$dir/cgroup"
  mount -t sysfs sysfs /sys
  mount --rbind "$dir/cgroup" /sys/fs/cgroup
  umount -lR "$dir/cgroup"
  # the engine's socket, its plugins, the locks of iptables, the names of network namespaces: all of them lie here
  mount -t tmpfs -o mode=755,nosuid,nodev lane /run
  mkdir -p /run/lock /run/docker/plugins
  # as on a host with systemd: a mount is seen by those who ask for it, here within the lane alone
  mount --make-rshared /
  ip link set lo up
  "$HERE/engine.sh" start >"$dir/engine.start"
  local rc=0
  # no exec: this shell is the lane's first process and waits for those whose parents are gone
  "$@" 9>&- || rc=$?
  return "$rc"
}

case ${1:-} in
  --images) make_images "${2:-plain}" ;;
  --inside) shift; inside "$@" ;;
  "" | -h | --help) sed -n '2,/^[^#]/{ s/^# \{0,1\}//p }' "${BASH_SOURCE[0]}"; exit 2 ;;
  *)
    name=$1 dir=$BASE/lanes/$1; shift
    one_at_a_time "lane-$name"
    rm -rf --one-file-system "$dir"
    mkdir -p "$dir"
    tls_init
    for shared in bin tls systemd moto azure-sdk aws-vectors; do
      [ ! -e "$BASE/$shared" ] || ln -s "$BASE/$shared" "$dir/$shared"
    done
    images=""
    [ -n "${DSO_LANE_EMPTY:-}" ] || images=$(images_there)
    rc=0
    DSO_PEERS=$dir DSO_TEST_LANE=$name DSO_TEST_IMAGES=$images \
      setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child --mount-proc "${BASH_SOURCE[0]}" --inside "$name" "$dir" "$@" 9>&- || rc=$?
    [ -n "${DSO_LANE_KEEP:-}" ] || rm -rf --one-file-system "$dir/engine"
    exit "$rc"
    ;;
esac
