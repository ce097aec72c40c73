#!/usr/bin/env bash
# Fetches the public test vectors that the tests read, by cargo: the v4 signing suite of aws-sigv4 1.6.4, and the profile-parser
# and clock-skew cases of aws-runtime 1.10.2 (Apache-2.0, data only; nothing of them is compiled or kept in this repository).
#   vectors.sh      prints the folder that has aws-sigv4-1.6.4/ and aws-runtime-1.10.2/
set -euo pipefail
dir=${DSO_PEERS:-$HOME/.cache/dso-peers}/aws-vectors
mkdir -p "$dir"
exec 9>"$dir/.lock"
flock 9
if [ ! -d "$dir/aws-sigv4-1.6.4" ] || [ ! -d "$dir/aws-runtime-1.10.2" ]; then
  command -v cargo >/dev/null || PATH=$PATH:$HOME/.cargo/bin
  command -v cargo >/dev/null || { echo "cargo is not there to fetch the test vectors with" >&2; exit 1; }
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/src"
  : > "$work/src/lib.rs"
  cat > "$work/Cargo.toml" <<'TOML'
[package]
name = "vectors"
version = "0.0.0"
edition = "2021"
[dependencies]
aws-sigv4 = { version = "=1.6.4", default-features = false }
aws-runtime = { version = "=1.10.2", default-features = false }
TOML
  (cd "$work" && CARGO_HOME="$work/home" timeout 240 cargo fetch -q >&2)
  for p in aws-sigv4-1.6.4 aws-runtime-1.10.2; do
    rm -rf "${dir:?}/$p"
    cp -r "$work"/home/registry/src/*/"$p" "$dir/$p"
  done
fi
echo "$dir"
