#!/usr/bin/env bash
# Azure Key Vault and the Entra ID token endpoint in Python, over TLS (no real emulator is to be had from the registries):
#   akv.sh [start|stop|install] [port]
#   akv.sh sdk      Azure's own SDK for Python, in a venv: what the tests ask as an oracle
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cmd=${1:-start} port=${2:-15003} key=akv-${2:-15003}
case $cmd in
  install) ;;
  sdk)
    venv azure-sdk azure-keyvault-secrets==4.11.0 azure-identity==1.25.3
    echo "AZURE_SDK_PYTHON=$PEERS/azure-sdk/bin/python"
    ;;
  stop) peer_stop "$key" ;;
  start)
    tls_init
    one_at_a_time "$key"
    peer_running "$key" || peer_spawn "$key" python3 -B "$HERE/akv.py" --port "$port" --cert "$PEERS/tls/server.pem" --key "$PEERS/tls/server.key"
    peer_wait "$key" 20 --cacert "$PEERS/tls/ca.pem" "https://127.0.0.1:$port/secrets"
    cat <<KV
AZURE_VAULT_URL=https://localhost:$port
AZURE_VAULT_CONTROL=https://localhost:$port/__peer/
AZURE_AUTHORITY_HOST=https://localhost:$port
AZURE_CA_BUNDLE=$PEERS/tls/ca.pem
AZURE_TENANT_ID=22222222-2222-2222-2222-222222222222
AZURE_CLIENT_ID=33333333-3333-3333-3333-333333333333
AZURE_CLIENT_SECRET=peer-client-secret
PEER_PID=$(cut -d' ' -f1 "$PEERS/run/$key.pid")
KV
    ;;
  *) echo "usage: $0 [start|stop|install|sdk] [port]" >&2; exit 2 ;;
esac
