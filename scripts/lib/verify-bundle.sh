#!/usr/bin/env bash
# Checks an unpacked bundle before anything of it is installed: who signed it, that every file is as signed, and that no file is there
# which the list does not name. Says what it trusts; changes nothing; fails on the first doubt. Needs openssl (3.0 or newer).
#   lib/verify-bundle.sh [--key FILE] [--unsigned] FOLDER
#     --key FILE   the Ed25519 public key to trust (PEM). Without it: /etc/dso/release.pub if it is there; else the key inside the
#                  bundle, which proves only that the bundle is whole
#     --unsigned   takes a bundle that nobody signed, too
# install calls it first, for every bundle (one without a list of checksums too: that is refused here), and passes both options on:
#   "$folder/lib/verify-bundle.sh" "${options[@]}" "$folder" || exit 1
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export LC_ALL=C

pinned=/etc/dso/release.pub key="" unsigned=0 folder=""
while [ $# -gt 0 ]; do
  case $1 in
    --key) key=${2:?--key needs a file}; shift ;;
    --unsigned) unsigned=1 ;;
    -h | --help) usage_from_header "$0"; exit 0 ;;
    -*) say "unknown option $1"; usage_from_header "$0" >&2; exit 2 ;;
    *) folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || { usage_from_header "$0" >&2; exit 2; }
refuse() { local why=$1; shift; die "the bundle in $folder is refused: $why" "$@" "Nothing was changed."; }
fetch_anew="Fetch the bundle anew, and compare its SHA-256 with the one that its maker published."

for program in sha256sum find sort openssl; do
  command -v "$program" >/dev/null || refuse "it cannot be checked without the program $program" "Install it from this host's own medium."
done
# as `dso provider list` shows keys: the SHA-256 of their DER form
fingerprint() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -c1-64; }
is_ed25519() { openssl pkey -pubin -in "$1" -noout -text 2>/dev/null | head -n 1 | grep -q '^ED25519 '; }

if [ -n "$key" ]; then
  [ -r "$key" ] || refuse "the key $key cannot be read" "--key names an Ed25519 public key, in PEM."
  key=$(realpath "$key")
fi
cd "$folder"
sums=SHA256SUMS signature=SHA256SUMS.sig
if [ ! -f "$sums" ] || [ -L "$sums" ]; then refuse "it has no list of checksums ($sums)" "$fetch_anew"; fi

# what is checked here must still be that when it is installed
loose=$(find . \( -perm /022 -o ! -uid 0 ! -uid "$EUID" ! -uid "${SUDO_UID:-$EUID}" \) ! -type l -print -quit)
[ -z "$loose" ] || refuse "others than you and root may change ${loose#./}" "Unpack it into a folder of your own, without tar's -p: then: chmod -R go-w ."

trusts=""
if [ -n "$key" ]; then
  trusts="the key in $key"
elif [ -e "$pinned" ]; then
  key=$pinned trusts="the key in $pinned"
  if [ "$(stat -L -c %u "$pinned")" != 0 ] || [ $((0$(stat -L -c %a "$pinned") & 022)) != 0 ]; then
    refuse "others than root may change $pinned" "Look at the key, then: chown root:root $pinned; chmod 0644 $pinned"
  fi
fi
if [ ! -e "$signature" ]; then
  [ "$unsigned" = 1 ] || refuse "nobody signed it" \
    "${trusts:+You trust $trusts. }If you know where it comes from: the option --unsigned takes it, checksums checked."
  [ -z "$trusts" ] || refuse "nobody signed it, and you trust $trusts" "Without --key and without $pinned the option --unsigned takes it."
  say "unsigned: nobody vouches for this bundle; it is only checked to be whole"
else
  [ -n "$key" ] || key=release.pub
  if [ ! -r "$key" ] || ! is_ed25519 "$key"; then refuse "$key is no Ed25519 public key" "It is made by: openssl pkey -in PRIVATE.pem -pubout"; fi
  if ! openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$sums" -sigfile "$signature" >/dev/null 2>&1; then
    if [ -z "$trusts" ]; then refuse "its signature does not fit its list of checksums" "$fetch_anew"; fi
    inside="it names no key"
    [ ! -r release.pub ] || ! is_ed25519 release.pub || inside="it says itself that it was signed by $(fingerprint release.pub)"
    refuse "it is not signed by $trusts, SHA-256 $(fingerprint "$key"); $inside" \
      "If its maker has a new key, have that confirmed from another side, then name it: --key FILE"
  fi
fi

# only plain names below the folder: sha256sum is to open nothing else
bad=$(grep -nvE '^[0-9a-f]{64}  [A-Za-z0-9_+][A-Za-z0-9._+-]*(/[A-Za-z0-9_+][A-Za-z0-9._+-]*)*$' "$sums" | head -n 1 || true)
[ -z "$bad" ] || refuse "line ${bad%%:*} of $sums is not a checksum and a name below this folder" "$fetch_anew"
declare -A listed=()
while read -r _ name; do listed[$name]=1; done <"$sums"
while IFS= read -r -d '' name; do
  case $name in "$sums" | "$signature") continue ;; esac
  [ -n "${listed[$name]:-}" ] || refuse "$(printf %q "$name") is in the folder and not in its list" "Remove it, or unpack the bundle into an empty folder."
  if [ ! -f "$name" ] || [ -L "$name" ]; then refuse "$name is no ordinary file" "$fetch_anew"; fi
done < <(find . -mindepth 1 ! -type d -printf '%P\0')
if ! wrong=$(sha256sum --check --strict --quiet "$sums" 2>&1); then refuse "not every file is as its maker left it" "$wrong" "$fetch_anew"; fi

say "bundle: ${#listed[@]} files, all as in $sums and no other"
if [ -n "$trusts" ]; then
  say "signed: by $trusts, SHA-256 $(fingerprint "$key")"
elif [ -e "$signature" ]; then
  say "signed: by the key inside the bundle, SHA-256 $(fingerprint "$key")"
  say "  This proves only that the bundle is whole, not who made it: there is no $pinned on this host, and no --key was given."
  say "  Compare the fingerprint with the one that the maker published; then: install -D -m 0644 release.pub $pinned"
fi
