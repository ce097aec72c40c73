// Fields of a secret as lines of an env file, so that reading them again gives the same bytes. Pure; the text is in secret
// memory.
#pragma once
#include <vector>

#include "base/result.h"
#include "model/secret.h"

namespace dso {

enum class EnvSyntax {
  compose,  ///< As Compose reads .env and env_file: quotes where they are needed.
  raw,      ///< As `docker run --env-file` reads it: everything behind '=' as it stands.
};
/// "NAME=value\n" a field, in the order given. InvalidRequest names the first field that a line cannot hold: its name is no
/// variable's, or its value has a line break or a NUL, or is no UTF-8 text.
Result<SecretBuffer> env_lines(const SecretValue& secret, EnvSyntax syntax);

}  // namespace dso
