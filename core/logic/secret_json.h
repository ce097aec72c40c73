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

/// A member's text as it is; numbers (every digit kept), true, false, null, objects and arrays as compact JSON text. A name
/// said twice: the last one counts. Not taken apart, so the one field "value": anything that is not an object, is not valid
/// JSON in UTF-8, has a raw NUL, or nests deeper than 32. An empty object has no fields.
std::vector<SecretField> split_fields(SecretBytes value);
/// `path` as in mappings: "#a.b" descends into the JSON of the whole secret or of a field ("field#a.b"); else a field's name.
/// A name that is there literally wins; array members go by index; JSON inside a string is entered too. NotFound lists names.
Result<SecretBytes> select_field(const SecretValue& secret, std::string_view path);

/// HMAC over names and values of all fields, in order of name: equal digests mean equal content.
std::string secret_digest(std::string_view key, const SecretValue& secret);

}  // namespace dso
