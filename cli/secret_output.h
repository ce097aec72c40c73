// Putting secret values on stdout when they were asked for, and their masks when not. Values go from locked memory straight to
// write(2), through no stream and no string.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/secret.h"

namespace dso::cli {

struct FetchFacts {
  std::string name, instance, version, identity;
  long long opened_ms = 0, fetched_ms = 0;
};

/// All of it to stdout, by no way that keeps a copy. False: stdout is closed.
bool write_out(std::string_view text);

/// False when stdout is closed.
bool show_secret_json(const FetchFacts& facts, const std::vector<SecretField>& fields, bool reveal);
/// The bytes as they are; a newline after them only on a terminal.
bool show_secret_value(const SecretBytes& value);
bool show_secret_table(const std::string& name, const std::string& version, const std::vector<SecretField>& fields, bool reveal);

}  // namespace dso::cli
