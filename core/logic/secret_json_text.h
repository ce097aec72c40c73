// A JSON object as text that is in secret memory from its first byte: no stream, no string, no piece on the stack. Pure.
#pragma once
#include <boost/json/object.hpp>

#include "base/secret_bytes.h"

namespace dso {

SecretBuffer secret_json_text(const boost::json::object& object);

}  // namespace dso
