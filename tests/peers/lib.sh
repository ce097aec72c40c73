# Sourced by every peer script: where the state lies, the test CA, starting and stopping processes of our own. Everything
# listens on 127.0.0.1 only, and a process is ended by its recorded pid and start time, never by name.
# shellcheck shell=bash
PEERS=${DSO_PEERS:-$HOME/.cache/dso-peers}
# shellcheck disable=SC2034 # used by the scripts that source this
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin # a non-login root may lack them, and dockerd calls iptables by name
mkdir -p "$PEERS/run" "$PEERS/tls" "$PEERS/bin" "$PEERS/log"

one_at_a_time() { exec 9>"$PEERS/run/$1.lock"; flock 9; } # key: what starts in parallel gets one and the same peer

need() { # package:program...: installs the packages whose program is missing
  local p missing=()
  for p; do command -v "${p#*:}" >/dev/null || missing+=("${p%%:*}"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  # RUNLEVEL=1: the package's init script does not start an engine of its own with other settings
  local get=(env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}")
  "${get[@]}" >&2 2>/dev/null || { apt-get update -qq >&2; "${get[@]}" >&2; }
}

need_go() { # what it is for: a Go that can build it, or a message that says what to install
  command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
  local minor
  minor=$(go env GOVERSION 2>/dev/null | sed -nE 's/^go1\.([0-9]+).*/\1/p')
  [ "${minor:-0}" -ge 21 ] && return 0
  echo "$1 is built from source and needs Go 1.21 or newer (found: $(go version 2>/dev/null || echo none))." >&2
  echo "Install golang-go of Debian 13 or of bookworm-backports, or put another Go in PATH." >&2
  return 1
}

# One test CA and one leaf for 127.0.0.1, localhost and *.localhost, shared by all TLS peers, and one client certificate.
tls_init() (
  cd "$PEERS/tls" || exit
  exec 8>.lock && flock 8
  [ -s ca.pem ] && openssl x509 -in server.pem -checkend 86400 -noout >/dev/null 2>&1 && exit 0
  umask 077
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=peers test CA' \
    -keyout ca.key -out ca.pem -addext 'basicConstraints=critical,CA:TRUE' \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
  leaf() { # name, subject, extensions
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf '%s\n' "$3" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  }
  leaf server /CN=localhost "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:*.localhost
extendedKeyUsage=serverAuth"
  leaf client /CN=peer-client "subjectAltName=DNS:peer-client
extendedKeyUsage=clientAuth"
)

# A process's start time: a pid that was reused is never mistaken for ours, nor one that ended and was not yet waited for.
_born() { awk '{ sub(/^.*\) /, ""); if ($1 != "Z") print $20 }' "/proc/$1/stat" 2>/dev/null || true; }

peer_running() { # key
  local pid born
  [ -s "$PEERS/run/$1.pid" ] || return 1
  read -r pid born < "$PEERS/run/$1.pid"
  [ -n "$pid" ] && [ "$(_born "$pid")" = "$born" ]
}

peer_spawn() { # key, command...: in a session of its own, without our lock
  local key=$1 pid; shift
  setsid "$@" >"$PEERS/log/$key.log" 2>&1 </dev/null 9>&- &
  pid=$!
  printf '%s %s\n' "$pid" "$(_born "$pid")" > "$PEERS/run/$key.pid"
}

peer_stop() { # key
  local pid born
  if peer_running "$1"; then
    read -r pid born < "$PEERS/run/$1.pid"
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do [ "$(_born "$pid")" = "$born" ] || break; sleep 0.1; done
    if [ "$(_born "$pid")" = "$born" ]; then kill -9 "$pid" 2>/dev/null || true; fi
  fi
  rm -f "$PEERS/run/$1.pid"
}

peer_wait() { # key, seconds, curl arguments...: until the server answers anything over HTTP
  local key=$1 end=$((SECONDS + $2)); shift 2
  until curl -sS -o /dev/null --max-time 2 "$@" 2>/dev/null; do
    peer_running "$key" || { echo "$key ended; its log closes:" >&2; tail -n 20 "$PEERS/log/$key.log" >&2; return 1; }
    [ "$SECONDS" -lt "$end" ] || { echo "$key is not ready, see $PEERS/log/$key.log" >&2; return 1; }
    sleep 0.2
  done
}

venv() { # name, pip requirements...: made once, again only when the requirements change
  local dir=$PEERS/$1 want; shift; want="$*"
  (
    exec 7>"$dir.lock" && flock 7
    [ -f "$dir/.want" ] && [ "$(cat "$dir/.want")" = "$want" ] && exit 0
    python3 -m venv "$dir" >&2
    "$dir/bin/pip" install -q --disable-pip-version-check "$@" >&2
    printf '%s' "$want" > "$dir/.want"
  )
}
