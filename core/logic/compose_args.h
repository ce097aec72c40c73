// `dso up` and `dso down`: splits what was typed into compose's global flags, its files, the command's own flags and the
// services. Pure. Globals may stand anywhere; everything is kept word for word.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "logic/compose_model.h"

namespace dso {

enum class ComposeCommand { up, down };

struct ComposeArgs {
  std::vector<std::string> globals;  ///< Without --file and its values.
  std::vector<std::string> files;    ///< --file, as given; "-" is stdin.
  std::vector<std::string> command;  ///< Flags and services, in order.
  std::vector<std::string> services;
  std::string project_directory;
  std::vector<std::string> env_files;  ///< --env-file
  std::string pull;                    ///< --pull of `up`, may be empty.
  bool build = false, no_build = false, dry_run = false, help = false, compatibility = false;
};

/// `args`: everything behind `up` or `down`. Errors (Usage): a flag without its value.
Result<ComposeArgs> parse_compose_args(const std::vector<std::string>& args, ComposeCommand command);

/// What must happen before an image can be looked at.
enum class ImageStep { none, build, pull, missing };
/// `local`: the engine has the image. `missing`: it has not, and flags or pull_policy forbid to get it.
ImageStep image_step(const ComposeArgs& args, const ComposeService& service, bool local);

/// The image's name where the service gives none: compose names what it builds after project and service.
std::string image_name(const ComposeArgs& args, const ComposeModel& model, const ComposeService& service);

}  // namespace dso
