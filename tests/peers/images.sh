#!/usr/bin/env bash
# The test images, made of local files by `docker import` (there is no registry), in the engine of $DOCKER_HOST.
#   images.sh     prints their names; an image whose sources did not change stays
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/engine-lib.sh"
one_at_a_time images
need gcc:gcc docker.io:docker busybox-static:busybox curl:curl
# busybox by file: another package's dynamic busybox may be first in PATH and would not run in an image
box=""
for b in /bin/busybox /usr/bin/busybox "$(command -v busybox || true)"; do
  if [ -x "$b" ] && ! ldd "$b" >/dev/null 2>&1; then box=$b; break; fi
done
[ -n "$box" ] || { need busybox-static:/nonexistent; box=/bin/busybox; }

work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
# the content decides: source, busybox and this script; an image's own ID changes with every import (it has a date)
sum=$(cat "$HERE"/{images.sh,engine-lib.sh,web.c,scratch.c,load.c} "$box" | sha256sum | cut -c1-16)

image() { # name, rootfs, --change...
  local name=$1 root=$2; shift 2
  if [ "$(docker image inspect -f '{{index .Config.Labels "dso-test.sum"}}' "$name" 2>/dev/null)" != "$sum" ]; then
    tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c . |
      docker import --change "LABEL dso-test.sum=$sum" "$@" - "$name" >/dev/null
  fi
  echo "$name"
}
all_there() {
  local n
  for n in busybox user scratch web; do
    [ "$(docker image inspect -f '{{index .Config.Labels "dso-test.sum"}}' "dso-test/$n:1" 2>/dev/null)" = "$sum" ] || return 1
  done
}
if all_there; then printf 'dso-test/%s:1\n' busybox user scratch web; exit 0; fi

# a system of applets; `busybox` itself is the file, so no link may take its name
r=$work/busybox
mkdir -p "$r"/{bin,etc,dev,proc,sys,run,root,var,home/app,tmp}
chmod 1777 "$r/tmp"; chmod 0777 "$r/home/app" # tar gives every file to root, and app needs a home
cp "$box" "$r/bin/busybox"; chmod 755 "$r/bin/busybox"
for a in $("$box" --list); do [ "$a" = busybox ] || ln -s busybox "$r/bin/$a"; done
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n' > "$r/etc/passwd"
printf 'root:x:0:\napp:x:1000:\n' > "$r/etc/group"
image dso-test/busybox:1 "$r" --change 'ENV PATH=/bin' --change 'CMD ["sh"]'
image dso-test/user:1 "$r" --change 'ENV PATH=/bin' --change 'CMD ["sh"]' --change 'USER 1000:1000'

mkdir "$work/scratch"
static_cc "$work/scratch/app" "$HERE/scratch.c"
image dso-test/scratch:1 "$work/scratch" --change 'ENTRYPOINT ["/app"]'

# the server on top of busybox, so that `docker exec C touch /tmp/unhealthy` works; load for use inside a network
static_cc "$r/bin/web" "$HERE/web.c"
static_cc "$r/bin/load" "$HERE/load.c"
image dso-test/web:1 "$r" --change 'ENV PATH=/bin' --change 'EXPOSE 8000' --change 'CMD ["web"]' \
  --change 'HEALTHCHECK --interval=1s --timeout=2s --retries=2 CMD ["web","--probe"]'
