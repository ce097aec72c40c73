#!/usr/bin/env bash
# A Swarm of one to three nodes: engines in namespaces of their own on one bridge. Of two the second is a worker, of three all are
# managers (one may fall). Prints DOCKER_HOST_n, PLUGIN_DIR_n and PID_n of each node; the first is the manager to talk to.
#   swarm.sh [start [NODES]|stop]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/second-engine.sh"
switch=dso-swarm bridge=br0 net=10.199.77
sock() { echo "$PEERS/swarm$1/docker.sock"; }
on() { local n=$1; shift; docker -H "unix://$(sock "$n")" "$@"; }
# The bridge has a namespace to itself: in the host's the main engine's filter would stand between the nodes.
wire() { # node: an address on the bridge, inside its namespace
  local n=$1 pid; pid=$(second_pid "swarm$n")
  # a name can outlive its namespace: /run may be on a disk, and the machine was started anew
  if ! ip -n "$switch" link show >/dev/null 2>&1; then
    rm -f "/run/netns/$switch"
    ip netns add "$switch"
    ip -n "$switch" link add "$bridge" type bridge && ip -n "$switch" link set "$bridge" up
  fi
  ip -n "$switch" link del "node$n" 2>/dev/null || true
  # unshare has made the namespace once the process shows another one than ours
  until [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
  ip -n "$switch" link add "node$n" type veth peer name eth0 netns "$pid"
  ip -n "$switch" link set "node$n" master "$bridge" up
  nsenter --net="/proc/$pid/ns/net" sh -c "ip addr add $net.1$n/24 dev eth0 && ip link set eth0 up"
}
case ${1:-start} in
  start)
    nodes=${2:-1}
    one_at_a_time swarm
    need docker.io:dockerd iptables:iptables iproute2:ip curl:curl
    for n in $(seq "$nodes"); do
      peer_running "swarm$n" && [ -e "$PEERS/swarm$n/go" ] && continue
      rm -f "$PEERS/swarm$n/go"
      second_start "swarm$n" dockerd
      wire "$n"
    done
    for n in $(seq "$nodes"); do second_ready "swarm$n"; done
    for n in $(seq "$nodes"); do
      [ "$(on "$n" info -f '{{.Swarm.LocalNodeState}}')" != active ] || continue
      on "$n" swarm leave --force >/dev/null 2>&1 || true
      if [ "$n" = 1 ]; then
        on 1 swarm init --advertise-addr "$net.11" >/dev/null
      else
        role=manager; [ "$nodes" != 2 ] || role=worker
        on "$n" swarm join --advertise-addr "$net.1$n" --token "$(on 1 swarm join-token -q $role)" "$net.11:2377" >/dev/null
      fi
    done
    for n in $(seq "$nodes"); do
      [ -n "$(on "$n" image ls -q dso-test/web:1)" ] || docker save dso-test/busybox:1 dso-test/web:1 | on "$n" load >/dev/null
      echo "DOCKER_HOST_$n=unix://$(sock "$n")"
      echo "PLUGIN_DIR_$n=$PEERS/swarm$n/plugins"
      echo "PID_$n=$(second_pid "swarm$n")"
    done
    ;;
  stop)
    one_at_a_time swarm
    for n in 3 2 1; do if peer_running "swarm$n"; then second_stop "swarm$n"; fi; done
    ip netns del "$switch" 2>/dev/null || true
    ;;
  *) echo "usage: $0 [start [NODES]|stop]" >&2; exit 2 ;;
esac
