#!/usr/bin/env bash
# HTTP faults (status, headers, body, delay, drop) on demand, over TLS, in front of another peer:
#   faultproxy.sh [start|stop|install] [port] [upstream URL]     AWS_SHAPE=1 in front of moto: the real services' errors
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cmd=${1:-start} port=${2:-15006} key=faultproxy-${2:-15006} upstream=${3:-https://127.0.0.1:15004}
case $cmd in
  install) ;;
  stop) peer_stop "$key" ;;
  start)
    tls_init
    one_at_a_time "$key"
    peer_running "$key" || peer_spawn "$key" python3 -B "$HERE/faultproxy.py" --port "$port" --upstream "$upstream" --ca "$PEERS/tls/ca.pem" \
      --aws "${AWS_SHAPE:-0}" --cert "$PEERS/tls/server.pem" --key "$PEERS/tls/server.key"
    peer_wait "$key" 20 --cacert "$PEERS/tls/ca.pem" "https://127.0.0.1:$port/__peer/log"
    cat <<KV
FAULTPROXY_URL=https://127.0.0.1:$port
FAULTPROXY_CONTROL=https://127.0.0.1:$port/__peer/
PEER_PID=$(cut -d' ' -f1 "$PEERS/run/$key.pid")
KV
    ;;
  *) echo "usage: $0 [start|stop|install] [port] [upstream]" >&2; exit 2 ;;
esac
