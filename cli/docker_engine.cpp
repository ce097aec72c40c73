// By DOCKER_HOST, since that is what every docker program and plugin asks first.
#include "docker_engine.h"

#include <cstdlib>

namespace dso::cli {

Result<Engine> engine_of_docker() {
  DSO_TRY(Engine engine, Engine::from_environment());
  setenv("DOCKER_HOST", ("unix://" + engine.socket_path()).c_str(), 1);
  unsetenv("DOCKER_CONTEXT");
  return engine;
}

}  // namespace dso::cli
