// AWS's JSON: as shared. Pure.
#pragma once
#include "shared/wiping_json.h"

namespace aws {

using namespace wiping;

}  // namespace aws
