// Azure's JSON: as shared, and numbers that identity endpoints write as texts. Pure.
#pragma once
#include "shared/wiping_json.h"

namespace azure {

using namespace wiping;

/// A number, or the text of one ("3600").
std::int64_t integer_at(const boost::json::object& object, std::string_view key, std::int64_t otherwise);

}  // namespace azure
