// What the files with the engine's calls share: paths that cannot leave where they should point, and whose fault an unreadable
// answer is. For core/docker/engine*.cpp only.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "docker/engine_connection.h"

namespace dso::engine_call {

/// An answer that could not be read is the engine's fault, and the error names the call.
template <class T>
Result<T> named(const std::string& what, Result<T> parsed) {
  if (parsed.has_value()) return parsed;
  return make_error(ErrorClass::engine_error, what, "the engine's answer cannot be read: " + parsed.error().cause,
                    "Is what listens there really the Docker engine?");
}

/// "." and ".." would leave the path that we mean, and so would a slash, which the engine decodes before it looks for them.
inline bool usable_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

inline EngineConnection::Call post(std::string target, const std::string& what, std::string_view body = {}) {
  EngineConnection::Call call{"POST", std::move(target), what};
  append(call.body, body);
  return call;
}

/// "/containers/<id>", or InvalidRequest.
Result<std::string> container_path(const std::string& id, const std::string& what);

}  // namespace dso::engine_call
