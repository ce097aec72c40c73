// Which compose files count, found as compose itself finds them: adding a file of ours with -f turns its own search off.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "logic/compose_args.h"

namespace dso::cli {

/// From --file, else $COMPOSE_FILE (also of the .env that compose reads), else compose.yaml, compose.yml, docker-compose.yml or
/// docker-compose.yaml here or in the nearest folder above, with its override file. Empty: none; compose says so itself.
Result<std::vector<std::string>> compose_files(const ComposeArgs& args);

}  // namespace dso::cli
