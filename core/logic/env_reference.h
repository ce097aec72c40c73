// A variable's value that is a reference to a secret: dso://[provider/]name[#field] (the variable is to have the value) or
// dsofile://… (the variable is to have the path of a file with it). Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/config.h"
#include "model/delivery.h"

namespace dso {

struct EnvReference {
  std::string variable;
  bool file = false;      ///< dsofile://
  std::string reference;  ///< Behind the scheme: "[provider/]name[#field]".
  bool operator==(const EnvReference&) const = default;
};

enum class Mention {
  none,
  whole,   ///< The value is one reference.
  inside,  ///< It holds one beside other text, or two: whoever passed that on would pass on text.
};
Mention mention_in(std::string_view value);
/// Of a value that is one as a whole.
EnvReference env_reference(std::string_view variable, std::string_view value);

/// What the variable has in place of a dsofile:// reference.
std::string reference_path(const EnvReference& r);
/// Errors: Usage or Config, naming the variable.
Result<DeliveryItem> reference_item(const Config& config, const EnvReference& r);

}  // namespace dso
