# Sourced by install: every change with its way back. What a step replaces is kept until all steps are done; if one fails, all of
# it is put back, the last change first. What was put is remembered for uninstall in the manifest.
#   file SHA256 PATH · link TARGET PATH · provider NAME PATH · folder - PATH · group - NAME
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2015 # set or used by install; `a && b || die` is meant
undo_steps=() lines=() committed=0 changed=0 keeping=""

undo() { local line; printf -v line '%q ' "$@"; undo_steps+=("$line"); } # command...: what takes the next change back
undo_all() {
  local i failed=0
  trap - EXIT INT TERM
  if [ "$committed" = 0 ] && [ ${#undo_steps[@]} -gt 0 ]; then
    say "a step failed: putting everything back"
    for ((i = ${#undo_steps[@]} - 1; i >= 0; i--)); do
      say "  ${undo_steps[i]}"
      eval "${undo_steps[i]}" || failed=1
    done
    if [ "$failed" = 0 ]; then
      say "nothing was changed"
    else
      say "some of it could not be put back: see above; what was replaced lies in $keeping"
      keeping=""
    fi
  fi
  [ -z "$keeping" ] || rm -rf "$keeping"
}
begin_changes() { # from here on an error, or Ctrl-C, ends in undo_all
  trap undo_all EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}
keep_folder() { [ -n "$keeping" ] || keeping=$(mktemp -d "${TMPDIR:-/tmp}/dso-install.XXXXXX"); }

folder() { # path: made, with those above it; each that is new is ours
  local missing=() path=$1
  while [ ! -d "$path" ]; do missing=("$path" "${missing[@]}"); path=$(dirname "$path"); done
  for path in ${missing[@]+"${missing[@]}"}; do
    case " ${lines[*]-} " in *" folder - $path "*) continue ;; esac # a rehearsal makes none
    act mkdir -m 0755 "$path"
    if [ "$dry_run" = 0 ]; then undo rmdir --ignore-fail-on-non-empty "$path"; fi
    lines+=("folder - $path")
  done
}
keep() { # path: what is there now comes back if a later step fails
  [ "$dry_run" = 0 ] || return 0
  if [ -e "$1" ] || [ -L "$1" ]; then
    keep_folder
    local copy=$keeping/${#undo_steps[@]}
    cp -a "$1" "$copy"
    undo put_back "$copy" "$1"
  else
    undo rm -rf "$1"
  fi
}
put_back() { # copy, path: beside it and renamed, for it may run
  [ -d "$1" ] && [ ! -L "$1" ] && rm -rf "$2"
  cp -a "$1" "$2.back.$$" && mv -Tf "$2.back.$$" "$2"
}
same() { [ -f "$2" ] && [ ! -L "$2" ] && cmp -s "$1" "$2" && [ "$(stat -c %a "$2")" = "${3#0}" ]; } # source, target, mode

# beside the old file, then renamed over it: a process that runs the old one keeps it, and nobody ever sees half a file
put() { # mode, source, target
  folder "$(dirname "$3")"
  lines+=("file $(sha256sum "$2" | cut -d' ' -f1) $3")
  if same "$2" "$3" "$1"; then say "  $3 is up to date"; return; fi
  say "  install -m $1 $2 $3"
  changed=1
  [ "$dry_run" = 0 ] || return 0
  keep "$3"
  install -m "$1" "$2" "$3.new.$$" && mv -Tf "$3.new.$$" "$3" || { rm -f "$3.new.$$"; die "$3 could not be written"; }
}
put_text() { # target, text
  keep_folder
  printf '%s\n' "$2" >"$keeping/text"
  put 0644 "$keeping/text" "$1"
}
link() { # target, name
  folder "$(dirname "$2")"
  lines+=("link $1 $2")
  if [ "$(readlink "$2" 2>/dev/null)" = "$1" ]; then say "  $2 is up to date"; return; fi
  say "  ln -s $1 $2"
  [ "$dry_run" = 0 ] || return 0
  keep "$2"
  ln -s "$1" "$2.new.$$" && mv -Tf "$2.new.$$" "$2" || { rm -f "$2.new.$$"; die "$2 could not be written"; }
}
# What the last installation put and this one does not; folders stay remembered, for they may still be in use.
drop_what_is_no_longer_shipped() {
  local kind value path
  [ -e "$manifest" ] || return 0
  while read -r kind value path; do
    printf '%s\n' "${lines[@]}" | awk -v path="$path" '{ sub(/^[^ ]+ [^ ]+ /, "") } $0 == path { found = 1 } END { exit !found }' && continue
    case $kind in
      folder | group) [ "$kind" = group ] || [ ! -d "$path" ] || lines+=("$kind $value $path") ;;
      provider) changed=1; keep "$providers"; DSO_PROVIDER_DIR=$providers act "$program" --quiet provider remove --force "$value" >/dev/null ;;
      file | link) changed=1; if [ -e "$path" ] || [ -L "$path" ]; then keep "$path"; act rm -f "$path"; fi ;;
    esac
  done <"$manifest"
}
write_manifest() {
  [ "$dry_run" = 0 ] || return 0
  folder "$(dirname "$manifest")"
  keep "$manifest"
  printf '%s\n' "${lines[@]}" | sort -u >"$manifest.new.$$"
  mv -f "$manifest.new.$$" "$manifest"
}
