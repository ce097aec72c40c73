// Where values and passphrases come into the CLI: stdin, a private file or a prompt without echo. Never argv, and never
// memory that is not locked.
#pragma once
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "command.h"

namespace dso::cli {

struct ValueRules {
  bool raw = false;  ///< Keep the line end after a single line of text.
  bool allow_empty = false;
};
/// The value of `name`: a prompt if stdin is a terminal, else all of stdin. Usage: it is empty. InvalidRequest: it is larger than
/// a value of the store may be. Says on stderr when a line end was left out.
Result<SecretBytes> read_value(const Globals& globals, const std::string& name, const ValueRules& rules, std::stop_token stop);

/// For a store that is made: $DSO_STORE_PASSPHRASE_FILE, else asked for twice.
Result<SecretBytes> read_new_passphrase(std::stop_token stop);

}  // namespace dso::cli
