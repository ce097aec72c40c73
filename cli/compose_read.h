// What Docker Compose makes of a file, for commands that only read: as JSON in secret memory. Its messages are never passed on,
// for they quote what they stumble over, values too.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso::cli {

struct ComposeRead {
  SecretBuffer json;
  bool unset = false;  ///< A `$NAME` in it names a variable that is not set: compose has put nothing there.
};

/// `docker compose config` of a compose file, with every profile. Config: compose refuses it, with the line where it says one.
Result<ComposeRead> read_compose_file(const std::string& path);
/// The same of a text that would lie in `folder` and is `like` that file.
Result<ComposeRead> read_compose_text(std::string_view text, const std::string& folder, const std::string& like);

/// A project of one service "env", whose variables are those of an env file with this content. `raw`: as `docker run --env-file`
/// takes it.
Result<ComposeRead> read_env_file(const SecretBuffer& content, const std::string& name, bool raw);

}  // namespace dso::cli
