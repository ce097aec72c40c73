#!/usr/bin/env bash
# The AWS peer: moto (Secrets Manager, STS, IAM, SSM, KMS), in memory, over TLS.
#   moto.sh [start|stop|install] [port]
# IAM policies and SigV4 signatures are checked once a test posts 0 to /moto-api/reset-auth.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cmd=${1:-start} port=${2:-15001} key=moto-${2:-15001}
install() { venv moto 'moto[secretsmanager,sts,ssm,iam]==5.2.5' flask flask-cors; }
case $cmd in
  install) install ;;
  stop) peer_stop "$key" ;;
  start)
    install; tls_init
    one_at_a_time "$key"
    # credentials of its own: moto is a client of itself, and must not find the machine's
    peer_running "$key" || peer_spawn "$key" env AWS_ACCESS_KEY_ID=moto AWS_SECRET_ACCESS_KEY=moto AWS_EC2_METADATA_DISABLED=true \
      "$PEERS/moto/bin/moto_server" -H 127.0.0.1 -p "$port" -c "$PEERS/tls/server.pem" -k "$PEERS/tls/server.key"
    peer_wait "$key" 90 --cacert "$PEERS/tls/ca.pem" "https://127.0.0.1:$port/moto-api/data.json"
    cat <<KV
AWS_ENDPOINT_URL=https://127.0.0.1:$port
AWS_CA_BUNDLE=$PEERS/tls/ca.pem
AWS_REGION=us-east-1
AWS_ACCESS_KEY_ID=AKIATESTTESTTESTTEST
AWS_SECRET_ACCESS_KEY=test-secret-key
PEER_PID=$(cut -d' ' -f1 "$PEERS/run/$key.pid")
KV
    ;;
  *) echo "usage: $0 [start|stop|install] [port]" >&2; exit 2 ;;
esac
