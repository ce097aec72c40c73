# Sourced by engine.sh and images.sh: asking an engine by its socket, compiling static test programs.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A compiler for static programs; musl where it is there: a tenth of the size, and getaddrinfo works in a static program
static_cc() { "$(command -v musl-gcc || command -v gcc)" -O2 -Wall -static -o "$1" "$2" -lpthread; }

engine_answers() { curl -fsS -o /dev/null --max-time 2 --unix-socket "$1" http://engine/_ping 2>/dev/null; } # socket

# Whatever an earlier engine of ours left in its data folder goes. Above all volumes of a plugin: at its start the engine waits 15 s
# for each of them, one after the other, and a machine may keep its disk between two runs.
engine_wipe() { # data folder
  awk -v dir="$1" 'index($5 "/", dir "/") == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r m; do umount -l "$m"; done
  rm -rf --one-file-system "$1"
}

# Images that are there already: layers are links to those of $DSO_TEST_IMAGES, which nobody writes to; databases are written in place, so
# each engine has its own.
engine_images() { # data folder
  [ -n "${DSO_TEST_IMAGES:-}" ] || return 0
  mkdir -p "$(dirname "$1")"
  cp -al "$DSO_TEST_IMAGES" "$1"
  local db
  find "$1" -name '*.db' -type f | while read -r db; do cp -p "$db" "$db.own" && mv "$db.own" "$db"; done
}

# A pid file of a process that is no $2 (the machine was started anew): the engine would take it for a living one.
drop_stale_pid() { # pid file, program
  local pid
  [ -e "$1" ] || return 0
  pid=$(cat "$1")
  if [ -n "$(_born "$pid")" ] && [ "$(cat "/proc/$pid/comm")" = "$2" ]; then return 0; fi
  rm -f "$1"
}

engine_wait() { # key, socket, seconds
  local end=$((SECONDS + $3))
  until engine_answers "$2"; do
    peer_running "$1" || { echo "$1 ended; its log closes:" >&2; tail -n 20 "$PEERS/log/$1.log" >&2; return 1; }
    [ "$SECONDS" -lt "$end" ] || { echo "$1 is not ready; its log closes:" >&2; tail -n 20 "$PEERS/log/$1.log" >&2; return 1; }
    sleep 0.1
  done
}

engine_kv() { # socket: the lines every start prints
  echo "DOCKER_HOST=unix://$1"
  curl -fsS --max-time 5 --unix-socket "$1" http://engine/version |
    python3 -c 'import json,sys; v=json.load(sys.stdin); print("ENGINE_VERSION=" + v["Version"]); print("API_VERSION=" + v["ApiVersion"])'
}

# Ends an engine of ours. Its containers go first: the engine would wait 10 s and more for those that ignore SIGTERM.
engine_stop() { # key, socket
  local h=(docker -H "unix://$2") ids
  if peer_running "$1" && engine_answers "$2"; then
    ids=$("${h[@]}" ps -aq 2>/dev/null || true)
    # shellcheck disable=SC2086
    [ -z "$ids" ] || timeout 30 "${h[@]}" rm -fv $ids >/dev/null 2>&1 || true
  fi
  peer_stop "$1"
  rm -f "$2"
}
