#!/usr/bin/env bash
# The Docker engine the tests use, on /var/run/docker.sock: the one that runs, else a dockerd of Debian started here, with a
# data folder of its own that is empty at each start.
#   engine.sh [start|stop|status|restart]     stop and restart touch only an engine that start started
# DSO_TEST_ENGINE=new: the one of engine-new.sh in its place. DSO_TEST_IMAGES: a data folder that it starts with (lane.sh).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"
key=engine sock=/var/run/docker.sock data=$PEERS/engine/data
kind=${DSO_TEST_ENGINE:-debian} kind_file=$PEERS/run/$key.kind
spawn() {
  local dockerd=(dockerd) built
  if [ "$kind" = new ]; then
    mapfile -t built < <("$HERE/engine-new.sh" install)
    [ ${#built[@]} = 3 ] || { echo "the newest engine could not be built" >&2; return 1; }
    dockerd=("${built[0]}" --feature containerd-snapshotter=false --userland-proxy-path "${built[1]}"
      --add-runtime "runc-new=${built[2]}" --default-runtime runc-new)
    # Debian's docker speaks API 1.41, which this engine refuses by itself
    export DOCKER_MIN_API_VERSION=1.41
  fi
  echo "$kind" > "$kind_file"
  drop_stale_pid /var/run/docker.pid dockerd
  drop_stale_pid /var/run/docker/containerd/containerd.pid containerd
  drop_dead_plugin
  # not with the caller's temporary folder: the engine outlives it, and then could start no terminal and no health check
  peer_spawn "$key" env -u TMPDIR -u DOCKER_CONFIG -u DOCKER_HOST \
    "${dockerd[@]}" --data-root "$data" --storage-driver overlay2 --shutdown-timeout 3
}
# The tests' plugin socket where /run outlived who served it: the engine would ask it, for 15 s, about every name that it does not know.
drop_dead_plugin() {
  local plugin
  for plugin in /run/docker/plugins/dso-test.sock /run/dso-test-plugin.sock; do
    if [ -S "$plugin" ] && ! curl -s --max-time 5 -o /dev/null --unix-socket "$plugin" -X POST http://plugin/Plugin.Activate; then rm -f "$plugin"; fi
  done
}
# Containers whose engine was killed and whose data is gone, and their networks: their addresses would be given out once more. Only
# where that engine was ours, as our record of it says, which a stop removes: another's containers may outlive its engine on purpose.
drop_ghosts() {
  [ -e "$PEERS/run/$key.pid" ] || return 0
  local n task=/var/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby pid
  for n in "$task"/*/init.pid; do
    [ -e "$n" ] || continue
    pid=$(cat "$n")
    if grep -q "$(basename "$(dirname "$n")")" "/proc/$pid/cgroup" 2>/dev/null; then kill -9 "$pid" || true; fi
  done
  for n in /var/run/docker/netns/*; do
    [ -e "$n" ] || continue
    umount -l "$n" 2>/dev/null || true
    rm -f "$n"
  done
}
case ${1:-start} in
  start)
    one_at_a_time "$key"
    # a docker CLI in /usr/local/bin goes before the package's /usr/bin/docker: it keeps working
    need docker.io:dockerd iptables:iptables busybox-static:busybox iproute2:ip curl:curl
    if peer_running "$key" && [ "$(cat "$kind_file" 2>/dev/null || echo debian)" != "$kind" ]; then engine_stop "$key" "$sock"; fi
    if [ "$kind" = new ] && engine_answers "$sock" && ! peer_running "$key"; then
      echo "an engine that is not the tests' own is at $sock: stop it first" >&2
      exit 1
    fi
    if ! engine_answers "$sock"; then
      peer_running "$key" || { engine_wipe "$data"; drop_ghosts; engine_images "$data"; spawn; }
      engine_wait "$key" "$sock" 60
    fi
    engine_kv "$sock"
    ;;
  stop) if peer_running "$key"; then engine_stop "$key" "$sock"; fi ;;
  restart)
    one_at_a_time "$key"
    peer_running "$key" || { echo "the engine was not started by this script: not restarted" >&2; exit 1; }
    kind=$(cat "$kind_file" 2>/dev/null || echo debian)
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
