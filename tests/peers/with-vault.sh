#!/usr/bin/env bash
# Runs a program that finds the test Vault by the variables which vault.sh prints: with-vault.sh COMMAND...
set -euo pipefail
facts=$("$(dirname "${BASH_SOURCE[0]}")/vault.sh" start)
while IFS='=' read -r name value; do
  case $name in VAULT_* | APPROLE_*) export "$name=$value" ;; esac
done <<<"$facts"
exec "$@"
