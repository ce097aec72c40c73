// The engine that `docker` itself would talk to, told from what it would read: DOCKER_HOST, DOCKER_CONTEXT, the current context
// of its config.json and that context's meta.json. Pure; whoever asks reads the files.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace dso {

/// "" is none, as `docker` of today takes it.
struct EngineWords {
  std::string host;     ///< DOCKER_HOST
  std::string context;  ///< DOCKER_CONTEXT
};
struct EngineChoice {
  std::string context;  ///< Its name; "" where DOCKER_HOST counts.
  std::string host;     ///< That of DOCKER_HOST, or of the context once it was read; "" is the engine's usual socket.
};
/// DOCKER_HOST, else DOCKER_CONTEXT, else the config's current context (of one that cannot be read: none), else "default".
EngineChoice chosen_engine(const EngineWords& words, std::string_view config_json);

/// In the folder of docker's config: "contexts/meta/<sha256 of the name>/meta.json".
std::string context_file(std::string_view context);
/// The host that a context's meta.json gives. Config: it gives no engine.
Result<std::string> context_host(std::string_view context, std::string_view meta_json);

/// The socket's path. EngineUnreachable where it is none of this host: names the context or DOCKER_HOST, without a password in
/// it.
Result<std::string> engine_socket(const EngineChoice& choice);
/// There is no such context.
Error no_context(std::string_view context);

}  // namespace dso
