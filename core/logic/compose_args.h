// `dso up`, `dso down` and `dso compose`: splits what was typed into compose's global flags, its files, the command's own flags
// and the services. Pure. Everything is kept word for word.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "logic/compose_model.h"

namespace dso {

/// `up` stands for those that take its flags too (create, scale, watch).
enum class ComposeCommand { up, down, run, exec };

/// What `dso compose` was given: globals, the command's name, what follows it.
struct ComposeLine {
  std::vector<std::string> globals, words;
  std::string verb;  ///< Empty: none.
};
ComposeLine split_compose_line(const std::vector<std::string>& args);
/// Docker Compose calls us by the protocol of providers (logic/compose_provider.h), not a person: `metadata`, or what has our
/// options of a provider, or, alike for both, what Compose's own process started.
bool is_provider_call(const std::vector<std::string>& args, std::string_view parent);

struct ComposeArgs {
  std::vector<std::string> globals;  ///< Without --file and its values.
  std::vector<std::string> files;    ///< --file, as given; "-" is stdin.
  std::vector<std::string> command;  ///< Flags and services, in order.
  std::vector<std::string> services;
  std::string project_directory;
  std::vector<std::string> env_files;  ///< --env-file
  std::string pull;                    ///< --pull of `up`, may be empty.
  bool build = false, no_build = false, dry_run = false, help = false, compatibility = false, no_deps = false;
  // Of `run` and `exec` alone:
  std::string user;
  std::vector<std::string> env;                                        ///< As given by --env.
  std::vector<std::string> env_from_files;                             ///< --env-from-file
  std::optional<std::pair<std::size_t, std::size_t>> entrypoint = {};  ///< Its value: a word of `command`, and where it begins.
  std::size_t behind_service = 0;                                      ///< Of `command`: where the program's own words begin.
};

/// `words`: what stands behind `up` or `down`, where `globals` may be too; else what stands behind the command's name. Errors
/// (Usage): a flag without its value.
Result<ComposeArgs> parse_compose_args(const std::vector<std::string>& words, ComposeCommand command,
                                       const std::vector<std::string>& globals = {});
/// The program of `run` or `exec` is to have this one before it: before --entrypoint's, or before the command's.
void put_before_entrypoint(ComposeArgs& args, const std::string& program);
void put_before_command(ComposeArgs& args, const std::string& program);
/// The services that are started: all that compose's model has, but with --no-deps those that are named.
bool is_started(const ComposeArgs& args, const std::string& service);

/// What must happen before an image can be looked at.
enum class ImageStep { none, build, pull, missing };
/// `local`: the engine has the image. `missing`: it has not, and flags or pull_policy forbid to get it.
ImageStep image_step(const ComposeArgs& args, const ComposeService& service, bool local);

/// The image's name where the service gives none: compose names what it builds after project and service.
std::string image_name(const ComposeArgs& args, const ComposeModel& model, const ComposeService& service);

}  // namespace dso
