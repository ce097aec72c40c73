#!/usr/bin/env bash
# clang-tidy, for `scripts/lint --tidy`: of the whole tree, or of the given files.
#   scripts/lib/tidy.sh [FILE...]
# The whole tree is read many sources at a time (cmake/DsoUnity.cmake): most of the work is Boost's headers, which are then read a
# tenth as often.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$ROOT"
together=0 database=build/lint-files
[ $# -gt 0 ] || together=16 database=build/lint
# the fuzz targets too: gcc compiles them, though it could not link them
CC=gcc CXX=g++ cmake --preset dev -B "$database" -DDSO_UNITY=$together -DDSO_FUZZ=ON >/dev/null || die "configuring failed" "scripts/deps"
# Only what the build compiles has flags; of these clang does not know all.
mapfile -t sources < <(python3 - "$database" "$@" <<'PY'
import json, os, sys
database, *wanted = sys.argv[1:]
with open(f"{database}/compile_commands.json") as f:
    entries = [e for e in json.load(f) if e["file"].endswith(".cpp")]
for e in entries:
    e["command"] = e["command"].replace(" -fno-gnu-unique", "").replace(" -flto=auto", "")
os.makedirs(f"{database}/clang", exist_ok=True)
with open(f"{database}/clang/compile_commands.json", "w") as f:
    json.dump(entries, f)
known = {os.path.relpath(e["file"]) for e in entries}
print("\n".join(sorted(known & {os.path.relpath(w) for w in wanted} if wanted else known)))
PY
)
[ -n "${sources[*]}" ] || exit 0
head_line "clang-tidy: ${#sources[@]} files"
start=$SECONDS rc=0
# (a file that includes sources is the point of compiling them together)
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "${DSO_LINT_JOBS:-$(nproc)}" clang-tidy -p "$database/clang" --quiet --warnings-as-errors='*' \
  --checks=-bugprone-suspicious-include --extra-arg=-Wno-unknown-warning-option 2> >(grep -v -E 'warnings? generated|Suppressed' >&2) || rc=1
say "clang-tidy: $((SECONDS - start)) s"
exit "$rc"
