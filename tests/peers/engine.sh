#!/usr/bin/env bash
# The Docker engine the tests use, on /var/run/docker.sock: the one that runs, else a dockerd of Debian started here, with a
# data folder of its own that is empty at each start.
#   engine.sh [start|stop|status|restart]     stop and restart touch only an engine that start started
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"
key=engine sock=/var/run/docker.sock data=$PEERS/engine/data
# not with the caller's temporary folder: the engine outlives it, and then could start no terminal and no health check
spawn() {
  drop_stale_pid /var/run/docker.pid dockerd
  drop_stale_pid /var/run/docker/containerd/containerd.pid containerd
  peer_spawn "$key" env -u TMPDIR -u DOCKER_CONFIG -u DOCKER_HOST \
    dockerd --data-root "$data" --storage-driver overlay2 --shutdown-timeout 3
}
case ${1:-start} in
  start)
    one_at_a_time "$key"
    # a docker CLI in /usr/local/bin goes before the package's /usr/bin/docker: it keeps working
    need docker.io:dockerd iptables:iptables busybox-static:busybox iproute2:ip curl:curl
    if ! engine_answers "$sock"; then
      peer_running "$key" || { engine_wipe "$data"; spawn; }
      engine_wait "$key" "$sock" 60
    fi
    engine_kv "$sock"
    ;;
  stop) if peer_running "$key"; then engine_stop "$key" "$sock"; fi ;;
  restart)
    one_at_a_time "$key"
    peer_running "$key" || { echo "the engine was not started by this script: not restarted" >&2; exit 1; }
    peer_stop "$key"
    spawn
    engine_wait "$key" "$sock" 60
    engine_kv "$sock"
    ;;
  status)
    engine_answers "$sock" || { echo "no engine on $sock" >&2; exit 1; }
    engine_kv "$sock"
    if peer_running "$key"; then echo STARTED_HERE=1; else echo STARTED_HERE=0; fi
    ;;
  *) echo "usage: $0 [start|stop|status|restart]" >&2; exit 2 ;;
esac
