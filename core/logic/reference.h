// References to secrets as people write them: "[provider/]name[#field]", in compose values, labels and flags.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/config.h"
#include "model/secret.h"

namespace dso {

struct Reference {
  SecretKey key;
  std::string field;  ///< Empty: the whole secret (its one field, where one is needed).
};

/// The first segment names a provider only if an instance of that name is configured: "prod/db" may be a secret's own name.
Result<Reference> parse_reference(std::string_view text, const Config& config);

}  // namespace dso
