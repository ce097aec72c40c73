#!/usr/bin/env bash
# An image of a whole Debian 12 host: systemd as PID 1, with an engine, a packet filter and no network. Containers of it are the
# machines that tests/release installs on, reboots and upgrades. (The root is made by debootstrap, once; a minute.)
#   systemd.sh [install|image]     install: makes the root, kept below $DSO_PEERS; image: that, and hands it to the engine
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"
image=dso-test/systemd:1 root=$PEERS/systemd/root.tar
packages=systemd,systemd-sysv,docker.io,iptables,nftables,procps,iproute2,ca-certificates
# this script decides what is in it; a day's newer packages do not
sum=$(sha256sum <"${BASH_SOURCE[0]}" | cut -c1-16)
# where this machine gets its own packages from, which may be a mirror
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
  sed -nE 's/^(deb |URIs: *)(\[[^]]*\] )?(https?:[^ ]*\/debian\/?)( .*|$)/\3/p' | sed -n 1p || true)

# What a container must do before systemd starts, so that it finds what a machine has.
first_program() {
  cat <<'SH'
#!/bin/sh -e
# /run and all else is shared with mount namespaces of services, as the kernel's first systemd makes it
mount --make-rshared /
# control groups of version 2, whatever the machine below has; without controllers, if it is version 1
umount -R /sys/fs/cgroup
mount -o remount,rw /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# the settings of this network namespace, and no other of the machine below
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
umask 022
exec /lib/systemd/systemd
SH
}

make_root() {
  if [ "$(cat "$root.from" 2>/dev/null)" = "$sum" ] && [ -s "$root" ]; then return; fi
  need debootstrap:debootstrap
  local dir; dir=$(mktemp -d "$PEERS/systemd/.root.XXXX")
  # shellcheck disable=SC2064 # now
  trap "rm -rf --one-file-system '$dir'" EXIT
  debootstrap --variant=minbase --include="$packages" bookworm "$dir" "${mirror:-http://deb.debian.org/debian}" >&2
  first_program >"$dir/sbin/dso-test-init"
  chmod 755 "$dir/sbin/dso-test-init"
  # not the business of a container: what sets the machine's own kernel
  ln -sf /dev/null "$dir/etc/systemd/system/systemd-sysctl.service"
  : >"$dir/etc/machine-id" # each container gets its own; without the file systemd would take it for a first boot, and enable all it has
  rm -rf "$dir"/var/cache/apt/archives/*.deb "$dir"/var/lib/apt/lists/* "$dir"/usr/share/{doc,locale,info,man}/*
  tar -C "$dir" --numeric-owner -cf "$root.new" .
  mv "$root.new" "$root"
  echo "$sum" >"$root.from"
}

mkdir -p "$PEERS/systemd"
one_at_a_time systemd
case ${1:-image} in
  install) make_root ;;
  image)
    if [ "$(docker image inspect -f '{{index .Config.Labels "dso-test.sum"}}' "$image" 2>/dev/null)" != "$sum" ]; then
      make_root
      docker import --change "LABEL dso-test.sum=$sum" --change 'ENV container=docker' \
        --change 'CMD ["/sbin/dso-test-init"]' "$root" "$image" >/dev/null
    fi
    echo "SYSTEMD_IMAGE=$image"
    ;;
  *) echo "usage: $0 [install|image]" >&2; exit 2 ;;
esac
