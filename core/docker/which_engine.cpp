// Reads what logic/which_engine decides by: variables, docker's config and a context's file.
#include "docker/which_engine.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.h"
#include "docker/engine.h"

namespace dso {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// Where `docker` has its own: without HOME that of the user's entry.
std::string docker_folder() {
  if (std::string given = variable("DOCKER_CONFIG"); !given.empty()) return given;
  std::string home = variable("HOME");
  if (home.empty())
    if (const passwd* const user = getpwuid(getuid())) home = user->pw_dir;
  return home + "/.docker";
}

constexpr std::size_t kMaxDockerConfig = 4 << 20;

}  // namespace

Result<EngineChoice> choose_engine() {
  const std::string folder = docker_folder();
  SecretBuffer config;
  if (auto read = read_secret_file(folder + "/config.json", kMaxDockerConfig); read.has_value()) config = std::move(*read);
  EngineChoice choice = chosen_engine({variable("DOCKER_HOST"), variable("DOCKER_CONTEXT")}, view(config));
  if (choice.context.empty() || choice.context == "default") return choice;
  const auto meta = read_text_file(folder + "/" + context_file(choice.context), kMaxDockerConfig);
  if (meta.has_error()) return no_context(choice.context);
  DSO_TRY(choice.host, context_host(choice.context, *meta));
  return choice;
}

Result<Engine> Engine::from_environment() {
  DSO_TRY(const EngineChoice choice, choose_engine());
  DSO_TRY(std::string socket, engine_socket(choice));
  return at(std::move(socket));
}

}  // namespace dso
