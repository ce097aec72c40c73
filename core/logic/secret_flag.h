// `--secret SPEC` of `dso run`: which secret, and as files or variables. Pure.
//
//   NAME                     as the config says for it, else its fields as files under /run/secrets
//   NAME=PATH                a file at PATH; a folder of its fields where PATH ends in '/'
//   NAME:ENV                 one variable: the field behind '#', or the only field
//   NAME:FIELD=ENV,FIELD=ENV several variables
//   NAME:                    every field as a variable of its own name in upper case
//
// NAME is [provider/]name[#field]. The first ':' or '=' ends it; one that belongs to the name is written '\:' or '\='.
#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "model/delivery.h"

namespace dso {

/// Errors (Usage) quote the spec and give an example. A mapping with an empty field stands for the secret's only field.
Result<DeliveryItem> parse_secret_flag(std::string_view spec, const Config& config);

/// `asked` (by flags) behind `found` (by targets and labels), each only once; several variables of one secret become one item.
/// What two ask for alike is one delivery. Errors (Usage): one variable or one path asked for two secrets.
Result<std::vector<DeliveryItem>> merge_items(std::vector<DeliveryItem> found, const std::vector<DeliveryItem>& asked);

bool same_item(const DeliveryItem& a, const DeliveryItem& b);

}  // namespace dso
