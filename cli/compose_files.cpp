// The search of compose-go, as its documentation describes it. The .env is left to compose: `config --environment` reads it.
#include "compose_files.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/path.h"
#include "docker_process.h"
#include "logic/compose_model.h"

namespace dso::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array kNames = {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};
constexpr std::array kOverrides = {"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
                                   "docker-compose.override.yaml"};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_file(const fs::path& path) {
  return is_there(path.string()) && !is_folder(path.string());
}

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return out;
}

bool has_env_file(const ComposeArgs& args) {
  if (!args.env_files.empty() || !environment("COMPOSE_ENV_FILES").empty()) return true;
  return is_file(fs::path(args.project_directory.empty() ? "." : args.project_directory) / ".env");
}

Result<std::vector<std::string>> from_env_file(const ComposeArgs& args) {
  DockerCall call;
  call.arguments = {"compose"};
  call.arguments.insert(call.arguments.end(), args.globals.begin(), args.globals.end());
  call.arguments.insert(call.arguments.end(), {"config", "--environment"});
  DSO_TRY(const DockerOutput output, capture_docker(call));
  // What is wrong here is wrong for `config` too, which comes next and shows it.
  if (output.exit_code != 0) return std::vector<std::string>{};
  const std::string separator(listed_value(view(output.out), "COMPOSE_PATH_SEPARATOR"));
  return split(std::string(listed_value(view(output.out), "COMPOSE_FILE")), separator.empty() ? ":" : separator);
}

std::vector<std::string> search(const std::string& from) {
  fs::path folder = absolute_path(from.empty() ? "." : from);
  if (!folder.has_filename()) folder = folder.parent_path();
  while (true) {
    for (const char* name : kNames) {
      if (!is_file(folder / name)) continue;
      std::vector<std::string> out{(folder / name).string()};
      for (const char* extra : kOverrides)
        if (is_file(folder / extra)) {
          out.push_back((folder / extra).string());
          break;
        }
      return out;
    }
    if (folder == folder.parent_path()) return {};
    folder = folder.parent_path();
  }
}

}  // namespace

Result<std::vector<std::string>> compose_files(const ComposeArgs& args) {
  if (!args.files.empty()) return args.files;
  if (const std::string given = environment("COMPOSE_FILE"); !given.empty()) {
    const std::string separator = environment("COMPOSE_PATH_SEPARATOR");
    return split(given, separator.empty() ? ":" : separator);
  }
  if (has_env_file(args)) {
    DSO_TRY(auto files, from_env_file(args));
    if (!files.empty()) return files;
  }
  return search(args.project_directory);
}

}  // namespace dso::cli
