#!/usr/bin/env bash
# A newer engine for the machines of systemd.sh, as packages: those of the next Debian (docker.io 26.1 for Debian 12's 20.10), picked by
# apt for what that root has and changed in nothing. Kept below $DSO_PEERS; 30 MB once.
#   systemd-engine.sh     prints the folder of the packages
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
"$HERE/systemd.sh" install
root=$PEERS/systemd/root.tar dir=$PEERS/systemd/engine suite=trixie
sum=$(cat "$root.from" "${BASH_SOURCE[0]}" | sha256sum | cut -c1-16)

one_at_a_time systemd-engine
if [ "$(cat "$dir/from" 2>/dev/null)" != "$sum" ]; then
  new=$(mktemp -d "$PEERS/systemd/.engine.XXXX")
  # shellcheck disable=SC2064 # now
  trap "rm -rf '$new'" EXIT
  chmod 755 "$new"
  mkdir -p "$new"/{lists,archives}/partial
  tar -C "$new" -xf "$root" ./var/lib/dpkg/status ./etc/apt/sources.list
  sed -i "s/ bookworm / $suite /; s|^deb |&[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |" "$new/etc/apt/sources.list"
  of_root=(-o APT::Sandbox::User=root -o "Dir::State::status=$new/var/lib/dpkg/status" -o "Dir::State::lists=$new/lists" -o "Dir::Cache=$new"
    -o "Dir::Etc::sourcelist=$new/etc/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Debug::NoLocking=1)
  apt-get -qq "${of_root[@]}" update >&2
  apt-get -qq -y "${of_root[@]}" install --download-only --no-install-recommends docker.io docker-cli >&2
  rm -rf "$dir"
  mkdir "$dir"
  mv "$new"/archives/*.deb "$dir"
  echo "$sum" >"$dir/from"
fi
echo "ENGINE_PACKAGES=$dir"
