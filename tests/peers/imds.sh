#!/usr/bin/env bash
# Identity endpoints peer: EC2 IMDSv2, ECS/EKS container credentials, Azure IMDS / App Service / Arc.
#   imds.sh [start|stop] [port]      PEER_AWS_KEY=ID:SECRET the access key that EC2 and containers get, else one made up
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cmd=${1:-start} port=${2:-15002} key=imds-${2:-15002}
case $cmd in
  install) ;;
  stop) peer_stop "$key" ;;
  start)
    one_at_a_time "$key"
    (umask 077 # no newline at the end: SDKs refuse a token with CR or LF in it
     for f in auth.token arc.key; do [ -s "$PEERS/run/$f" ] || printf %s "$(openssl rand -hex 16)" > "$PEERS/run/$f"; done)
    peer_running "$key" || peer_spawn "$key" python3 -B "$HERE/imds.py" --port "$port" \
      --auth-token-file "$PEERS/run/auth.token" --arc-key-file "$PEERS/run/arc.key" --aws-key "${PEER_AWS_KEY:-}"
    peer_wait "$key" 20 "http://127.0.0.1:$port/__peer/log"
    u=http://127.0.0.1:$port
    cat <<KV
AWS_EC2_METADATA_SERVICE_ENDPOINT=$u
AWS_CONTAINER_CREDENTIALS_FULL_URI=$u/v1/credentials
AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$PEERS/run/auth.token
ECS_FULL_URI_NO_TOKEN=$u/v2/credentials/task
AZURE_POD_IDENTITY_AUTHORITY_HOST=$u
APPSERVICE_IDENTITY_ENDPOINT=$u/msi/token
APPSERVICE_IDENTITY_HEADER=peer-identity-header
ARC_IDENTITY_ENDPOINT=$u/arc/metadata/identity/oauth2/token
ARC_KEY_DIR=$PEERS/run
PEER_PID=$(cut -d' ' -f1 "$PEERS/run/$key.pid")
KV
    ;;
  *) echo "usage: $0 [start|stop|install] [port]" >&2; exit 2 ;;
esac
