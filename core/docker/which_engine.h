// Which engine `docker` would talk to here and now: the same answer for DSO's own calls and for the docker that it starts.
#pragma once
#include "base/result.h"
#include "logic/which_engine.h"

namespace dso {

/// By the variables, docker's config and its contexts; engine_socket() says whether DSO can use it.
Result<EngineChoice> choose_engine();

}  // namespace dso
