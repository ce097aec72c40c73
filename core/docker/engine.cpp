// Each call of the engine's API: its path, what it is called in errors, how its answer is read.
#include "docker/engine.h"

#include <cstdlib>

#include "docker/engine_call.h"
#include "docker/engine_connection.h"
#include "docker/log_frames.h"
#include "docker/process_start.h"
#include "logic/container_list.h"

namespace dso {
namespace {

using engine_call::container_path;
using engine_call::named;
using engine_call::usable_name;

constexpr const char* kDefaultSocket = "/var/run/docker.sock";
/// One event is some hundred bytes; labels can make it some KB.
constexpr std::size_t kMaxEventLine = 1024 * 1024;

std::string filter_query(const std::map<std::string, std::vector<std::string>>& filters) {
  return filters.empty() ? "" : "&filters=" + percent_encode(filters_json(filters));
}

Result<void> post_action(EngineConnection& connection, const std::string& id, const std::string& action, const std::string& what,
                         const Deadline& d, const std::stop_token& s) {
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_CHECK(connection.call({"POST", path + action, what}, d, s));
  return {};
}

}  // namespace

Result<Engine> Engine::from_environment() {
  const char* const host = std::getenv("DOCKER_HOST");
  if (!host || !*host) return at(kDefaultSocket);
  const std::string_view text = host;
  constexpr std::string_view kScheme = "unix://";
  if (text.starts_with(kScheme) && text.size() > kScheme.size() && text[kScheme.size()] == '/')
    return at(std::string(text.substr(kScheme.size())));
  return make_error(ErrorClass::engine_unreachable, "Failed to use DOCKER_HOST '" + std::string(text) + "'",
                    "only the engine on this host is supported, by its unix socket",
                    "Unset DOCKER_HOST, or set it to unix:///path/to/docker.sock.");
}

Engine Engine::at(std::string socket_path) {
  return Engine(std::make_shared<EngineConnection>(std::move(socket_path)));
}

const std::string& Engine::socket_path() const {
  return connection_->socket_path();
}

Result<EngineVersion> Engine::version(const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to ask the engine for its version";
  DSO_TRY(const HttpResponse answer, connection_->call({"GET", "/version", what}, d, s));
  return named(what, parse_version(view(answer.body)));
}

Result<std::vector<Container>> Engine::list(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                                            std::stop_token s) const {
  const std::string what = "Failed to list containers";
  ContainerListReader reader;
  DSO_CHECK(connection_->read(
      {"GET", "/containers/json?all=1" + filter_query(filters), what}, [&](std::string_view piece) { return reader.feed(piece); },
      d, s));
  return named(what, reader.finish());
}

Result<Container> Engine::inspect(const std::string& id_or_name, const Deadline& d, std::stop_token s) const {
  DSO_TRY(const SecretBuffer text, inspect_text(id_or_name, d, s));
  return read_inspect(id_or_name, text);
}

Result<Container> Engine::read_inspect(const std::string& id_or_name, const SecretBuffer& text) {
  auto container = named("Failed to inspect container '" + id_or_name + "'", parse_container_inspect(view(text)));
  if (container.has_value()) container->started_boot_ms = process_started_boot_ms(container->pid, container->id);
  return container;
}

Result<ImageConfig> Engine::inspect_image(const std::string& reference, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to inspect image '" + reference + "'";
  std::string path = "/images";
  for (std::size_t at = 0; at <= reference.size();) {  // a reference's slashes are the path's
    const std::size_t slash = std::min(reference.find('/', at), reference.size());
    const std::string_view segment = std::string_view(reference).substr(at, slash - at);
    if (!usable_name(segment)) return make_error(ErrorClass::invalid_request, what, "it is no image's name");
    path += "/" + percent_encode(segment);
    at = slash + 1;
  }
  DSO_TRY(const HttpResponse answer, connection_->call({"GET", path + "/json", what}, d, s));
  return named(what, parse_image_inspect(view(answer.body)));
}

Result<void> Engine::restart(const std::string& id, std::chrono::seconds stop_timeout, const Deadline& d,
                             std::stop_token s) const {
  return post_action(*connection_, id, "/restart?t=" + std::to_string(stop_timeout.count()),
                     "Failed to restart container '" + id + "'", d, s);
}

Result<void> Engine::start(const std::string& id, const Deadline& d, std::stop_token s) const {
  return post_action(*connection_, id, "/start", "Failed to start container '" + id + "'", d, s);
}

Result<void> Engine::kill(const std::string& id, const std::string& signal, const Deadline& d, std::stop_token s) const {
  return post_action(*connection_, id, "/kill?signal=" + percent_encode(signal),
                     "Failed to send " + signal + " to container '" + id + "'", d, s);
}

Result<SecretBuffer> Engine::logs_tail(const std::string& id, int lines, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to read the log of container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_TRY(const HttpResponse answer,
          connection_->call({"GET", path + "/logs?stdout=1&stderr=1&tail=" + std::to_string(lines), what}, d, s));
  return demultiplex_logs(view(answer.body));
}

Result<void> Engine::events(const std::map<std::string, std::vector<std::string>>& filters,
                            const std::function<bool(const EngineEvent&)>& on_event, std::stop_token stop,
                            std::int64_t since_ns) const {
  const std::string what = "Failed to follow the engine's events";
  std::string since;
  if (since_ns > 0) {
    const std::string fraction = std::to_string(since_ns % 1'000'000'000);
    since = "since=" + std::to_string(since_ns / 1'000'000'000) + "." + std::string(9 - fraction.size(), '0') + fraction;
  }
  std::string line;
  std::optional<Error> broken;
  auto streamed = connection_->stream(
      {"GET", "/events?" + since + filter_query(filters), what},
      [&](std::string_view piece) {
        while (!piece.empty()) {
          const std::size_t end = piece.find('\n');
          line += piece.substr(0, end);
          piece.remove_prefix(end == std::string_view::npos ? piece.size() : end + 1);
          if (end == std::string_view::npos) break;
          if (line.empty() || line == "\r") continue;
          auto event = named(what, parse_event(line));
          line.clear();
          if (event.has_error()) {
            broken = event.error();
            return false;
          }
          if (stop.stop_requested() || !on_event(*event)) return false;
        }
        if (line.size() <= kMaxEventLine) return true;
        broken = make_error(ErrorClass::engine_error, what, "an event is longer than 1 MiB");
        return false;
      },
      stop);
  if (broken) return *broken;
  if (stop.stop_requested()) return {};
  return streamed;
}

}  // namespace dso
