// Vault's JSON: as shared, and compact text without the escapes of Go's encoder. Pure.
#pragma once
#include "shared/wiping_json.h"

namespace vault {

using namespace wiping;

inline Secret compact_json(std::string_view raw) {
  return wiping::compact_json(raw, Escapes::html);
}

}  // namespace vault
