// A store's one value as fields: a JSON object gives a field a member (text as it is, other members as compact JSON), anything
// else is the one field "value". Boost.JSON works in secret memory here.
#pragma once
#include <string_view>
#include <vector>

#include <boost/json/memory_resource.hpp>
#include <boost/json/storage_ptr.hpp>

#include "base/result.h"
#include "model/secret.h"

namespace dso {

/// For boost::json values that hold secrets: memory is locked and wiped. Short strings of a root value would live in the
/// value object itself: keep roots objects or arrays.
boost::json::storage_ptr secret_json_storage();

std::vector<SecretField> split_fields(SecretBytes value);
/// `path` as in mappings: "#a.b" descends into the JSON of the whole secret or of a field ("field#a.b"); else a field's name.
Result<SecretBytes> select_field(const SecretValue& secret, std::string_view path);

/// HMAC over names and values of all fields, in order of name: equal digests mean equal content.
std::string secret_digest(std::string_view key, const SecretValue& secret);

}  // namespace dso
