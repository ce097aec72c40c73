#!/usr/bin/env bash
# Makes the arm64 sysroot that cmake/toolchain-arm64.cmake builds with: Debian's own arm64 packages, fetched and checked by apt with
# the sources and keys of this machine, unpacked into a folder. Installs nothing; this machine's dpkg hears of no foreign architecture.
#   scripts/lib/sysroot-arm64.sh [--again]     prints the folder (DSO_ARM64_SYSROOT, else arm64-sysroot/root below DSO_PEERS, ~/.cache/dso-peers)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
case ${1:-} in "" | --again) ;; *) usage_from_header "$0"; exit 2 ;; esac

root=${DSO_ARM64_SYSROOT:-${DSO_PEERS:-$HOME/.cache/dso-peers}/arm64-sysroot/root}
if [ -e "$root/.complete" ] && [ "${1:-}" != --again ]; then echo "$root"; exit 0; fi
command -v apt-get >/dev/null || die "the arm64 sysroot is made of Debian packages, and there is no apt-get here"

# an apt with a state of its own, for which this machine is an arm64 one with nothing installed
apt=$root.apt
rm -rf "$root" "$apt"
mkdir -p "$root/var/lib/dpkg/info" "$apt"/{lists/partial,archives/partial}
: >"$apt/status"
cat >"$apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures "arm64";
APT::Sandbox::User "root";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get update -qq >&2

# the libraries that the build needs, with what those need; compilers and tools come from this machine
mapfile -t libraries < <(APT_CONFIG='' "$ROOT/scripts/deps" --list | grep '^lib')
mapfile -t packages < <(apt-get install --print-uris -qq --no-install-recommends "${libraries[@]}" libc6-dev musl-dev |
  sed -nE "s/^'[^']*' ([^_]+)_.*/\1/p" | grep -E '^(libboost|libssl|libyaml-cpp|libc6|libcrypt|libicu|linux-libc-dev|musl)')
[ ${#packages[@]} -gt 10 ] || die "apt knows no arm64 packages of ${libraries[*]}" "do the sources of apt serve arm64?"
say "sysroot: ${#packages[@]} packages for arm64"
(cd "$apt/archives" && apt-get download -qq "${packages[@]}" >&2)

# a dpkg database beside them, so that `dpkg-query --admindir` says which package and version a file is of
info=$root/var/lib/dpkg/info
echo 1 >"$info/format"
for deb in "$apt"/archives/*.deb; do
  dpkg-deb -x "$deb" "$root"
  name=$info/$(dpkg-deb -f "$deb" Package)
  [ "$(dpkg-deb -f "$deb" Multi-Arch)" != same ] || name=$name:arm64
  { echo "Status: install ok unpacked"; dpkg-deb -f "$deb"; echo; } |
    sed '/^Status:/{h;d}; /^Package:/{G}' >>"$root/var/lib/dpkg/status"
  dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -E 's|^\.||; s|/$||; s|^$|/.|' >"$name.list"
  dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./md5sums >"$name.md5sums"
done
# musl's specs name the places that its files have on an arm64 machine
sed -i -E "s|(/usr/(lib\|include)/aarch64-linux-musl)|$root\1|g" "$root/usr/lib/aarch64-linux-musl/musl-gcc.specs"
touch "$root/.complete"
rm -rf "$apt"
say "sysroot: $root, $(du -sh "$root" | cut -f1)"
echo "$root"
