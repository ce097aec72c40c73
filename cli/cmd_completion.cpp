// `dso completion SHELL`, and the hidden `__complete` that the scripts and Docker's own completion ask for candidates.
#include "command.h"
#include "complete.h"
#include "docker/engine.h"
#include "render.h"

namespace dso::cli {
namespace {

// Candidates are lines "word<TAB>description"; the last line is ":N" as Docker's command line library has it: 4 for these words
// alone, 0 for file names as well.
constexpr const char* kBash = R"SH(# bash completion for dso, by `dso completion bash`
_dso() {
  local line directive=4 word i words=() at=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  # the shell takes --format=json and app:NAME apart, and puts in what follows the last "=" or ":"
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if [[ ${#words[@]} -gt 0 && (${COMP_WORDS[i]} == [=:] || ${COMP_WORDS[i - 1]} == [=:]) ]]; then
      words[${#words[@]} - 1]+=${COMP_WORDS[i]}
    else
      words+=("${COMP_WORDS[i]}")
    fi
  done
  local whole=${words[${#words[@]} - 1]}
  [[ $at != [=:] ]] || at=""
  while IFS= read -r line; do
    case $line in
      :*) directive=${line#:} ;;
      *) word=${line%%$'\t'*}; COMPREPLY+=("${word#"${whole%"$at"}"}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
  if [ "$directive" = 0 ] && [ ${#COMPREPLY[@]} = 0 ]; then compopt -o default 2>/dev/null; fi
}
complete -F _dso dso)SH";

constexpr const char* kZsh = R"SH(#compdef dso
# zsh completion for dso, by `dso completion zsh`
_dso() {
  local -a candidates
  local line directive=4 tab=$'\t'
  for line in ${(f)"$(${words[1]} __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    case $line in
      :*) directive=${line#:} ;;
      *) candidates+=("${${line%%$tab*}//:/\\:}:${line#*$tab}") ;;
    esac
  done
  if (( ${#candidates} )); then _describe 'dso' candidates; elif [[ $directive == 0 ]]; then _files; fi
}
# a file of $fpath is run at the first TAB; one that is sourced says what it is for
if [[ $funcstack[1] == _dso ]]; then _dso "$@"; else compdef _dso dso; fi)SH";

constexpr const char* kFish = R"SH(# fish completion for dso, by `dso completion fish`
function __dso_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (command dso __complete $words[2..] 2>/dev/null)
  if test "$lines[-1]" = ":0" -a (count $lines) = 1
    __fish_complete_path (commandline -ct)
  else
    string match -v -r '^:' -- $lines
  end
end
complete -c dso -f -a '(__dso_complete)')SH";

/// Names of all containers; none where the engine does not answer at once: a shell waits for this.
std::vector<std::string> container_names(std::stop_token stop) {
  std::vector<std::string> out;
  const auto engine = Engine::from_environment();
  if (engine.has_error()) return out;
  const auto listed = engine->list({}, Deadline::in(std::chrono::seconds(2)), stop);
  if (listed.has_value())
    for (const Container& c : *listed) out.push_back(c.name);
  return out;
}

}  // namespace

CommandResult cmd_completion(CommandContext& ctx) {
  const std::string& shell = ctx.arguments[0];
  const char* const script = shell == "bash" ? kBash : shell == "zsh" ? kZsh : shell == "fish" ? kFish : nullptr;
  if (!script) return make_error(ErrorClass::usage, "There is no completion for '" + shell + "'", "it is for bash, zsh and fish");
  print(script);
  return 0;
}

CommandResult cmd_complete(CommandContext& ctx) {
  const Completion completion = complete(command_table(), ctx.arguments);
  std::string out;
  for (const Candidate& c : completion.candidates) out += c.text + "\t" + c.description + "\n";
  if (completion.also == Completion::Also::containers)
    for (const std::string& name : container_names(ctx.stop))
      if (name.starts_with(completion.prefix)) out += name + "\tcontainer\n";
  print(out + (completion.also == Completion::Also::files ? ":0" : ":4"));
  return 0;
}

}  // namespace dso::cli
