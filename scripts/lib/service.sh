# Sourced by install: the group, the units, and the agent under systemd. Each change has its way back (lib/changes.sh).
# shellcheck shell=bash
# shellcheck disable=SC2154 # places.sh and install set them

add_group() {
  if getent group "$group" >/dev/null; then
    # remembered if it was us, at an earlier time
    ! grep -qxF "group - $group" "$manifest" 2>/dev/null || lines+=("group - $group")
    return 0
  fi
  act groupadd --system "$group"
  if [ "$dry_run" = 0 ]; then undo groupdel "$group"; fi
  lines+=("group - $group")
}

# "" or what a kernel without noswap (before 6.4) needs: with an unknown option it would mount nothing
without_noswap() {
  local version; version=$(uname -r)
  [ "$(printf '%s\n6.4\n' "${version%%-*}" | sort -V | head -n 1)" != 6.4 ] || return 0
  sed -nE 's/^Options=(.*),noswap$/\1/p' "$1"
}
# True where the rules of the engine were made by iptables-legacy: it needs a raw socket to read them.
legacy_iptables() { grep -qsx filter /proc/net/ip_tables_names /proc/net/ip6_tables_names; }

put_units() { # folder with the units
  local unit options
  keep_folder
  for unit in "$1"/*; do
    sed "s|/usr/local/bin/dso|$program|g" "$unit" >"$keeping/unit"
    put 0644 "$keeping/unit" "$units/${unit##*/}"
  done
  options=$(without_noswap "$1/run-dso-secrets.mount")
  if [ -n "$options" ]; then
    put_text "$units/run-dso-secrets.mount.d/10-swap.conf" "# this kernel ($(uname -r)) cannot keep a tmpfs out of swap
[Mount]
Options=
Options=$options"
  fi
  if legacy_iptables; then
    put_text "$units/dso-agent.service.d/10-iptables-legacy.conf" "# the engine's rules are iptables-legacy's
[Service]
CapabilityBoundingSet=CAP_NET_RAW
RestrictAddressFamilies=AF_INET AF_INET6"
  fi
}

# Before anything changes: how it all is now, and how it is put back so. Undone last, when all files are as they were.
touched=0
note_service() {
  [ "$dry_run" = 0 ] || return 0
  local path
  for path in "$volatile" "${kept[@]}"; do [ -e "$path" ] || undo rm -rf --one-file-system "$path"; done
  systemctl -q is-active run-dso-secrets.mount || undo unmount_secrets
  if systemctl -q is-active dso-agent.service; then undo restart_what_was_touched; fi
  undo systemctl daemon-reload
}
restart_what_was_touched() { [ "$touched" = 0 ] || systemctl restart dso-agent.service; }
unmount_secrets() {
  local path
  for path in readonly secrets; do ! mountpoint -q "$volatile/$path" || umount "$volatile/$path"; done
}
start_service() { # 1: what runs is not what was put
  act systemctl daemon-reload
  if ! systemctl -q is-enabled dso-agent.service 2>/dev/null; then
    if [ "$dry_run" = 0 ]; then undo systemctl -q disable --now dso-agent.service; fi
    act systemctl -q enable dso-agent.service
  fi
  # an agent that runs the old binary is replaced; containers do not notice (their files are on tmpfs)
  touched=1
  if [ "$1" = 1 ]; then
    act systemctl restart dso-agent.service
  else
    act systemctl start dso-agent.service
  fi || die "the agent did not start" "why: journalctl -u dso-agent -n 20"
}
