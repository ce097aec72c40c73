// `docker run`'s command line, read just far enough to add secrets to it: which words are flags, which is the image, and the
// flags that matter to delivery. Pure; every flag is kept as it was written, but for --secret, which is ours.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dso {

struct RunArgs {
  std::vector<std::string> flags;    ///< Docker's own, word for word, without --secret and without a closing "--".
  std::vector<std::string> secrets;  ///< What stood behind each --secret.
  std::string image;                 ///< Empty only when `help`.
  std::vector<std::string> command;  ///< Everything behind the image.

  std::optional<std::string> entrypoint;  ///< --entrypoint, which may be "".
  std::string name, user, platform;
  std::string pull = "missing";
  std::map<std::string, std::string> labels;  ///< --label; one without '=' has the value "".
  std::vector<std::string> label_files;
  std::vector<std::string> env_names;  ///< Names set by --env.
  bool detach = false, remove = false, quiet = false, help = false;
};

/// `args`: everything behind `run`. Errors (Usage): no image, a flag without its value, a misspelt --secret.
Result<RunArgs> parse_run_args(const std::vector<std::string>& args);

/// The lines of a --label-file: NAME=value or NAME, '#' starts a comment line.
std::map<std::string, std::string> parse_label_file(std::string_view text);

}  // namespace dso
