// The folder of keys that may sign providers (/etc/dso/provider-keys/*.pem): opened, measured as everything is that DSO loads
// code by, and read. Decides nothing else; provider_signature.cpp judges.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "provider/provider_signature.h"

namespace dso {

inline constexpr const char* kProviderKeys = "/etc/dso/provider-keys";

/// Unset: there is no such folder, signatures are not asked for. One that cannot be read or that others may change, and a file
/// `*.pem` that is no such key, are errors: what may run is no place to guess.
Result<std::optional<ProviderKeys>> read_provider_keys(const std::string& folder, std::uint32_t user);

/// The content of FILE.sig, unset if there is none.
Result<std::optional<std::string>> read_signature_of(const std::string& file);

}  // namespace dso
