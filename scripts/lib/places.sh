# Sourced by install and uninstall: what lies where, in a system and in a user installation.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those that source this
set_places() { # system|user, prefix ("" for the default)
  units="" group="" trial=0
  if [ "$1" = system ]; then
    prefix=${2:-/usr/local}
    program=$prefix/bin/dso                      # the binary itself
    links=()                                     # further names of it
    plugin=$prefix/lib/docker/cli-plugins/docker-dso
    kept=(/etc/dso /var/lib/dso)                 # config and store; names of scopes
    volatile=/run/dso
    if [ -z "${2:-}" ]; then units=/etc/systemd/system group=dso; fi
  else
    prefix=${2:-$HOME/.local}
    program=$prefix/lib/dso/dso                  # providers are found beside the binary
    links=("$prefix/bin/dso")
    plugin=${2:+$2/lib/docker/cli-plugins/docker-dso} # a trial below another prefix is not seen by Docker
    plugin=${plugin:-${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins/docker-dso}
    kept=("$HOME/.config/dso" "$HOME/.local/state/dso")
    volatile=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/dso
  fi
  providers=$prefix/lib/dso/providers
  headers=$prefix/include/dso
  docs=$prefix/share/doc/dso
  manpage=$prefix/share/man/man1/dso.1
  declare -gA completions=(
    [bash]=$prefix/share/bash-completion/completions/dso
    [zsh]=$prefix/share/zsh/site-functions/_dso
    [fish]=$prefix/share/fish/vendor_completions.d/dso.fish)
  manifest=$prefix/lib/dso/installed             # what install put there, a line each; uninstall goes by it alone
  # what lies below another prefix is a package's staging or a trial: no service, no group, no data of its own
  if [ -n "${2:-}" ]; then trial=1 kept=() volatile=""; fi
}
systemd_runs() { [ -d /run/systemd/system ]; }
act() { # command...: says it, and does it unless this is a rehearsal
  say "  $*"
  [ "${dry_run:-0}" = 1 ] || "$@"
}
