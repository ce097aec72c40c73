// `docker run`'s command line, read just far enough to add secrets to it: which words are flags, which is the image, and the
// flags that matter to delivery. Pure; every flag is kept as it was written, but for --secret, which is ours.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "logic/mount_clash.h"
#include "logic/run_variables.h"

namespace dso {

/// A --env-file, and which of the flags holds its path, behind what stands before it there ("--env-file=").
struct RunEnvFlag {
  std::string path;
  std::size_t flag = 0;
};

struct RunArgs {
  /// Docker's own, word for word, without --secret, without a closing "--", and without an --env that is a reference.
  std::vector<std::string> flags;
  std::vector<std::string> secrets;  ///< What stood behind each --secret.
  std::string image;                 ///< Empty only when `help`.
  std::vector<std::string> command;  ///< Everything behind the image.

  std::optional<std::string> entrypoint;  ///< --entrypoint, which may be "".
  std::string name, user, platform;
  std::string pull = "missing";
  std::map<std::string, std::string> labels;  ///< --label; one without '=' has the value "".
  std::vector<std::string> label_files;
  std::vector<OwnMount> mounts;  ///< --volume, --mount, --tmpfs.
  std::vector<Lender> lenders;   ///< --volumes-from.
  std::optional<std::string> health_command;
  bool no_healthcheck = false;
  std::vector<RunVariable> variables;  ///< By --env, in order.
  std::vector<RunEnvFlag> env_files;   ///< In order; docker takes them before every --env.
  bool detach = false, remove = false, quiet = false, help = false, interactive = false, tty = false;
};

/// `args`: everything behind `run`. Errors (Usage): no image, a flag without its value, a misspelt --secret, a reference
/// (dso://, dsofile://) where it would be passed on as text: anywhere but as a variable's value.
Result<RunArgs> parse_run_args(const std::vector<std::string>& args, VariableLookup lookup = nullptr);
/// Has another file in the place of that one.
void replace_env_file(RunArgs& args, const RunEnvFlag& which, const std::string& path);

/// The lines of a --label-file: NAME=value or NAME, '#' starts a comment line.
std::map<std::string, std::string> parse_label_file(std::string_view text);

}  // namespace dso
