// From fetched secrets to files and variables: mappings, folders, names, owners, modes. Pure; content is borrowed.
#pragma once
#include <map>
#include <string>

#include "base/result.h"
#include "model/delivery.h"

namespace dso {

/// `values` must hold every secret of the scope. Errors (Config, InvalidRequest) name secret and field: a mapped field that
/// is not there, an env name that is not one, a NUL in an env value, two files of one path, a path whose folder belongs to
/// the system ("/", "/etc", "/usr/bin", …: a mount there would hide the image's own files).
Result<DeliveryPlan> plan_delivery(const Scope& scope, const std::map<SecretKey, const SecretValue*>& values);

/// The env file that dso-init reads: NAME=value\0 a variable, in order.
SecretBuffer env_file(const DeliveryPlan& plan);

}  // namespace dso
