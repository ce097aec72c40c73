#!/usr/bin/env bash
# clang-tidy, for `scripts/lint --tidy`: of the whole tree, or of the given files.
#   scripts/lib/tidy.sh [FILE...]
# The whole tree is read in unity files, many sources in one: most of the time is Boost's headers, which are then read a tenth as often.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$ROOT"
unity=0 database=build/lint-files
[ $# -gt 0 ] || unity=10 database=build/lint
# the fuzz targets too: gcc compiles them, though it could not link them
CC=gcc CXX=g++ cmake --preset dev -B "$database" -DDSO_UNITY=$unity -DDSO_FUZZ=ON >/dev/null || die "configuring failed" "scripts/deps"
# only what the build compiles has flags
mapfile -t sources < <(python3 - "$database/compile_commands.json" "$@" <<'PY'
import json, os, sys
known = {os.path.relpath(e["file"]) for e in json.load(open(sys.argv[1])) if not e["file"].endswith(".c")}
print("\n".join(sorted(known & set(sys.argv[2:]) if sys.argv[2:] else known)))
PY
)
[ -n "${sources[*]}" ] || exit 0
head_line "clang-tidy: ${#sources[@]} files"
start=$SECONDS rc=0
# A unity file includes sources, which is the point of it.
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "${DSO_LINT_JOBS:-$(nproc)}" clang-tidy -p "$database" --quiet --warnings-as-errors='*' \
  --checks=-bugprone-suspicious-include --extra-arg=-Wno-unknown-warning-option 2> >(grep -v -E 'warnings? generated|Suppressed' >&2) || rc=1
say "clang-tidy: $((SECONDS - start)) s"
exit "$rc"
