#!/usr/bin/env bash
# A real HashiCorp Vault (v1.14.1, MPL-2.0, built from vault-server/) for the tests: TLS, in-memory, initialised, unsealed.
#   vault.sh [start|stop|install] [port]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cmd=${1:-start} port=${2:-15004} key=vault-${2:-15004}
install() {
  one_at_a_time vault-build
  local sum; sum=$(cat "$HERE"/vault-server/{main.go,go.mod,go.sum} | sha256sum)
  [ -x "$PEERS/bin/vault-server" ] && [ "$(cat "$PEERS/bin/.vault-server.sum" 2>/dev/null)" = "$sum" ] && return 0
  need_go Vault
  (cd "$HERE/vault-server" && go build -trimpath -ldflags "-s -w" -o "$PEERS/bin/.vault-server.new" .) >&2
  mv "$PEERS/bin/.vault-server.new" "$PEERS/bin/vault-server"
  printf %s "$sum" > "$PEERS/bin/.vault-server.sum"
}
api() { curl -sS --fail-with-body --cacert "$PEERS/tls/ca.pem" -H "X-Vault-Token: ${TOKEN:-}" -X "$1" "https://127.0.0.1:$port/v1/$2" ${3:+-d "$3"}; }
field() {
  python3 -c 'import functools,json,sys
print(functools.reduce(lambda d,k: d[int(k) if k.isdigit() else k], sys.argv[1].split("."), json.load(sys.stdin)))' "$1"
}
case $cmd in
  install) install ;;
  stop) peer_stop "$key"; rm -f "$PEERS/run/$key.init" ;;
  start)
    install; tls_init
    one_at_a_time "$key"
    if ! peer_running "$key"; then
      rm -f "$PEERS/run/$key.init"
      # SSL_CERT_FILE: it asks the AWS peer whether a login is good
      peer_spawn "$key" env "SSL_CERT_FILE=$PEERS/tls/ca.pem" "$PEERS/bin/vault-server" -addr "127.0.0.1:$port" \
        -cert "$PEERS/tls/server.pem" -key "$PEERS/tls/server.key"
    fi
    peer_wait "$key" 60 --cacert "$PEERS/tls/ca.pem" "https://127.0.0.1:$port/v1/sys/health"
    if [ ! -s "$PEERS/run/$key.init" ]; then
      (umask 077; api PUT sys/init '{"secret_shares":1,"secret_threshold":1}' > "$PEERS/run/$key.init")
      api PUT sys/unseal "{\"key\":\"$(field keys.0 < "$PEERS/run/$key.init")\"}" >/dev/null
      TOKEN=$(field root_token < "$PEERS/run/$key.init")
      for _ in $(seq 50); do api GET sys/health >/dev/null 2>&1 && break; sleep 0.1; done
      api POST sys/mounts/secret '{"type":"kv","options":{"version":"2"}}'
      api POST sys/mounts/kv1 '{"type":"kv","options":{"version":"1"}}'
      api POST sys/mounts/leased '{"type":"leased-kv"}'
      for a in approle userpass cert jwt; do api POST "sys/auth/$a" "{\"type\":\"$a\"}"; done
      api PUT sys/policies/acl/dso '{"policy":"path \"secret/*\" { capabilities=[\"read\",\"list\"] }\npath \"kv1/*\" { capabilities=[\"read\",\"list\"] }"}'
      api POST auth/approle/role/dso '{"token_policies":"dso","token_ttl":"60s","token_max_ttl":"10m","secret_id_num_uses":0}'
      api POST auth/userpass/users/dso '{"password":"peer-password","token_policies":"dso"}'
      api POST auth/cert/certs/dso "$(python3 -c 'import json,sys
print(json.dumps({"certificate": open(sys.argv[1]).read(), "token_policies": "dso"}))' "$PEERS/tls/ca.pem")"
      # KV v2 answers 400 until its upgrade ends
      for _ in $(seq 50); do api GET secret/config >/dev/null 2>&1 && break; sleep 0.1; done
    fi
    TOKEN=$(field root_token < "$PEERS/run/$key.init")
    cat <<KV
VAULT_ADDR=https://127.0.0.1:$port
VAULT_CACERT=$PEERS/tls/ca.pem
VAULT_TOKEN=$TOKEN
VAULT_UNSEAL_KEY=$(field keys.0 < "$PEERS/run/$key.init")
VAULT_CLIENT_CERT=$PEERS/tls/client.pem
VAULT_CLIENT_KEY=$PEERS/tls/client.key
APPROLE_ROLE_ID=$(api GET auth/approle/role/dso/role-id | field data.role_id)
APPROLE_SECRET_ID=$(api POST auth/approle/role/dso/secret-id '{}' | field data.secret_id)
USERPASS=dso:peer-password
PEER_PID=$(cut -d' ' -f1 "$PEERS/run/$key.pid")
KV
    ;;
  *) echo "usage: $0 [start|stop|install] [port]" >&2; exit 2 ;;
esac
