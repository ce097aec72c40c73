// What a container asks on the read socket, and the answer. Pure; the answer lies in secret memory.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "model/secret.h"

namespace dso {

/// NAME of "/v1/secrets/NAME", percent-decoded; NotFound for another path, InvalidRequest for bad escapes.
Result<std::string> secret_of_target(std::string_view target);

/// {"name":…,"version":…,"fields":{…}}. A field that is not UTF-8 is under "fields_base64" instead.
SecretBuffer secret_answer(const SecretValue& value);

/// Those of a container that a name can mean: its own name, or with the provider before it.
std::vector<SecretKey> named_secrets(const std::vector<SecretKey>& own, std::string_view name);

}  // namespace dso
