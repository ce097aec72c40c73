# Sourced by the scripts of this folder: where the tree is, how they speak, how long steps show that they live.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those that source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

say() { printf '%s\n' "$*" >&2; }
head_line() { printf '%s==> %s%s\n' "$bold" "$*" "$plain" >&2; }
die() { printf 'error: %s\n' "$1" >&2; shift; for line; do printf '  %s\n' "$line" >&2; done; exit 1; }

# as Debian calls it; another one by its own name
this_architecture() { case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac; }

usage_from_header() { # file: its first comment block is its help
  sed -n '2,/^[^#]/{ s/^# \{0,1\}//p }' "$1"
}

confirm() { # question: yes only if somebody said so
  [ "${assume_yes:-0}" = 1 ] && return 0
  [ -t 0 ] || return 1
  local answer
  read -rp "$1 [y/N] " answer
  case $answer in y | Y | yes) return 0 ;; *) return 1 ;; esac
}

# Runs a long command into a log. A terminal sees its last line and the seconds; a log file sees one line at the end.
step() { # title, log, command...
  local title=$1 log=$2 start=$SECONDS rc=0 pid; shift 2
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  if [ -t 2 ]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\e[K%s  %ss  %s%.70s%s' "$title" $((SECONDS - start)) "$dim" "$(tail -c 200 "$log" | tr -d '\r' | tail -n 1)" "$plain" >&2
      sleep 0.5
    done
    printf '\r\e[K' >&2
  fi
  wait "$pid" || rc=$?
  if [ "$rc" = 0 ]; then
    say "$title: done in $((SECONDS - start)) s"
  else
    say "$title: FAILED after $((SECONDS - start)) s; the end of $log:"
    tail -n 40 "$log" >&2
  fi
  return "$rc"
}
