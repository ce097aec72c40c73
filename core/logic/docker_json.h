// The engine's JSON to model types and back. Pure; every field read is named by the API version that has it where that matters.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/container.h"

namespace dso {

/// Malformed errors name the member ("State.Pid"); a member that is missing or null counts as empty, one of another type is an
/// error: guessing at a new engine's format could touch the wrong container.
Result<Container> parse_container_inspect(std::string_view json);
Result<ImageConfig> parse_image_inspect(std::string_view json);

struct EngineVersion {
  std::string version, api_version, os, arch, kernel;
};
Result<EngineVersion> parse_version(std::string_view json);

struct EngineEvent {
  std::string type;    ///< container
  std::string action;  ///< start, die, destroy, health_status: healthy, …
  std::string id;
  std::map<std::string, std::string> attributes;
  std::int64_t time_ns = 0;
};
/// One line of the engine's event stream.
Result<EngineEvent> parse_event(std::string_view json);

/// The "Id" of what was made: a container, an exec.
Result<std::string> parse_created_id(std::string_view json);
/// How a container ended, as the wait for it is answered: its exit code.
Result<int> parse_wait_exit(std::string_view json);
/// An exec's exit code; nothing while it runs.
Result<std::optional<int>> parse_exec_exit(std::string_view json);

/// The bodies of two calls. `endpoint`: EndpointSettings as JSON, may be empty.
std::string connect_json(const std::string& container_id, std::string_view endpoint);
std::string exec_json(const std::vector<std::string>& command);

/// {"label":["a=b"]} as the engine takes it; not yet URL-encoded.
std::string filters_json(const std::map<std::string, std::vector<std::string>>& filters);

/// "2026-11-24T12:56:32.684443126Z" or with "+01:00" to Unix milliseconds; the engine's "never" (year 1) is 0.
std::optional<std::int64_t> parse_rfc3339_ms(std::string_view text);

/// The engine's error body {"message": "…"}, or the first line of whatever it is.
std::string parse_engine_message(std::string_view body);

}  // namespace dso
