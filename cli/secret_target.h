// NAME[#FIELD] and --field, as the `dso secret` commands take them, and the store they work on.
#pragma once
#include <optional>
#include <string>

#include "command.h"
#include "vault/local_store.h"

namespace dso::cli {

struct SecretTarget {
  std::string name;
  std::string field;  ///< Empty: the whole secret.
  std::string text() const { return field.empty() ? name : name + "#" + field; }
};
/// Usage: a name that no secret can have, or a field given twice.
Result<SecretTarget> parse_secret_target(const CommandContext& context, const std::string& argument);

/// Nothing for a store with a key file; prompts where that is possible.
Result<std::optional<SecretBytes>> passphrase_of(const CommandContext& context);
/// Opened for reading. NotFound if there is none.
Result<LocalStore> open_local_store(const CommandContext& context);

}  // namespace dso::cli
