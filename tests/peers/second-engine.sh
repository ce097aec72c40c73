# Sourced by the scripts that start further engines: apart from the main one in network and mount namespaces of their own. (Outside
# of them a second dockerd deletes the first one's bridge.)
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"

# Own network namespace: its docker0, docker_gwbridge, iptables rules and ports cannot meet the main engine's.
# Own mount namespace: own plugin folder, and no copy of the main engine's container mounts (they would keep removed layers and
# unmounted tmpfs alive). A socket file works across network namespaces: an agent of the host listens in $dir/plugins.
second_start() { # key, dockerd, its further arguments...
  local key=$1 bin=$2 dir=$PEERS/$1 sock=$PEERS/$1/docker.sock; shift 2
  peer_running "$key" || engine_wipe "$dir/data"
  mkdir -p "$dir/data" "$dir/exec" "$dir/plugins" /run/docker/plugins
  if ! peer_running "$key"; then
    echo '{}' > "$dir/daemon.json" # else /etc/docker/daemon.json, the main engine's, would apply here too
    rm -f "$sock" "$dir/docker.pid"
    # shellcheck disable=SC2016 # expanded inside
    peer_spawn "$key" env -u TMPDIR -u DOCKER_CONFIG -u DOCKER_HOST unshare --net --mount --propagation slave bash -euc '
      dir=$1; shift
      # /sys/class/net of this network namespace, under the same cgroups
      mkdir -p "$dir/cgroup"; mount --rbind /sys/fs/cgroup "$dir/cgroup"
      mount -t sysfs sysfs /sys; mount --rbind "$dir/cgroup" /sys/fs/cgroup; umount -lR "$dir/cgroup"
      umount -lR "$(dirname "$dir")/engine/data" 2>/dev/null || true
      for n in /run/docker/netns/*; do umount -l "$n" 2>/dev/null || true; done
      mount --bind "$dir/plugins" /run/docker/plugins
      # a containerd of the system would be used, and its container names are the main engine'"'"'s
      mkdir -p /run/containerd; mount -t tmpfs -o mode=711 tmpfs /run/containerd
      ip link set lo up
      until [ -e "$dir/go" ]; do sleep 0.05; done # the network that somebody puts in here first
      exec "$@"' "$key" "$dir" \
      "$bin" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/docker.pid" -H "unix://$sock" \
      --config-file "$dir/daemon.json" --storage-driver overlay2 --cgroup-parent "/dso-$key" --shutdown-timeout 3 "$@"
  fi
}

second_pid() { cut -d' ' -f1 "$PEERS/run/$1.pid"; } # key

second_ready() { # key: its network is as it should be
  touch "$PEERS/$1/go"
  engine_wait "$1" "$PEERS/$1/docker.sock" 60
}

second_stop() { # key
  timeout 20 docker -H "unix://$PEERS/$1/docker.sock" swarm leave --force >/dev/null 2>&1 || true
  engine_stop "$1" "$PEERS/$1/docker.sock"
  rm -f "$PEERS/$1/go"
}
