// Composes the calls. A text is handed over as a file in memory, an env file too: neither is written anywhere.
#include "compose_read.h"

#include <cctype>
#include <utility>

#include "docker_process.h"

namespace dso::cli {
namespace {

constexpr std::string_view kUnset = "variable is not set";

/// "line 3" of what compose says, and no more of it.
std::string line_in(std::string_view message) {
  for (std::size_t at = message.find("line "); at != std::string_view::npos; at = message.find("line ", at + 1)) {
    std::size_t end = at + 5;
    while (end < message.size() && std::isdigit(static_cast<unsigned char>(message[end]))) ++end;
    if (end > at + 5) return std::string(message.substr(at, end - at));
  }
  return {};
}

Result<ComposeRead> ask(DockerCall call, std::vector<std::string> globals, const std::string& name, std::string next) {
  call.arguments = {"compose"};
  call.arguments.insert(call.arguments.end(), globals.begin(), globals.end());
  call.arguments.insert(call.arguments.end(), {"config", "--format", "json"});
  DSO_TRY(DockerOutput output, capture_docker(call));
  const std::string_view said = view(output.err);
  if (output.exit_code == 0) return ComposeRead{std::move(output.out), said.find(kUnset) != std::string_view::npos};
  const bool missing =
      said.find("unknown command") != std::string_view::npos || said.find("not a docker command") != std::string_view::npos;
  if (missing)
    return make_error(ErrorClass::config, "Cannot read " + name, "`docker compose` is not there",
                      "Install Docker Compose 2.24 or newer: see `docker compose version`.");
  const std::string line = line_in(said);
  return make_error(ErrorClass::config, "Cannot read " + name, "Docker Compose refuses " + (line.empty() ? "it" : "its " + line),
                    std::move(next));
}

}  // namespace

Result<ComposeRead> read_compose_file(const std::string& path) {
  return ask({}, {"--profile", "*", "-f", path}, "the compose file '" + path + "'",
             "See what it says: docker compose -f " + path + " config --quiet.");
}

Result<ComposeRead> read_compose_text(std::string_view text, const std::string& folder, const std::string& like) {
  DSO_TRY(const UniqueFd fd, memory_file(text));
  DockerCall call;
  call.stdin_fd = fd.get();
  return ask(std::move(call), {"--profile", "*", "--project-directory", folder, "-f", "-"}, "the changed copy of '" + like + "'",
             "Nothing was changed. Please report it, with the shape of the lines that it would have changed.");
}

Result<ComposeRead> read_env_file(const SecretBuffer& content, const std::string& name, bool raw) {
  DSO_TRY(const UniqueFd file, memory_file(view(content)));
  const std::string project = R"({"name":"dso","services":{"env":{"image":"env","env_file":[{"path":")" + fd_path(file.get()) +
                              (raw ? R"(","format":"raw"}]}}})" : R"("}]}}})");
  DSO_TRY(const UniqueFd text, memory_file(project));
  DockerCall call;
  call.stdin_fd = text.get();
  call.inherited = {file.get()};
  // the .env of this folder is another matter
  return ask(std::move(call), {"--env-file", "/dev/null", "-f", "-"}, name,
             "Write it as NAME=value; a value with blanks, $ or # in single quotes.");
}

}  // namespace dso::cli
