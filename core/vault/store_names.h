// What may be the name of a secret or of a field, how large a value may be, and which name was probably meant. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dso::vault {

inline constexpr std::size_t kMaxNameBytes = 512;
inline constexpr std::size_t kMaxValueBytes = 1024 * 1024;

/// 1..512 bytes of UTF-8 without control characters or '#', not starting with '-' (an option) or '/' (a path).
/// InvalidRequest otherwise.
Result<void> check_secret_name(std::string_view name);
Result<void> check_field_name(std::string_view field);
/// At most 1 MiB; InvalidRequest otherwise, with the limit and the size.
Result<void> check_value_size(std::string_view name, std::size_t bytes);

/// The name among `names` that `wanted` is probably a misspelling of; empty if none is close.
std::string similar_name(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace dso::vault
