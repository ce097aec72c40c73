// From fetched secrets to files and variables: mappings, folders, names, owners, modes. Pure; content is borrowed.
#pragma once
#include <map>
#include <string>

#include "base/result.h"
#include "model/delivery.h"

namespace dso {

/// `values` must hold every secret of the scope, and outlive the plan. Errors (Config, InvalidRequest) name secret and field: a
/// mapped field that is not there, an env name that is not one, one that steers programs (PATH, LD_PRELOAD) and that no mapping
/// asks for, a NUL in an env value, two files of one path, a path whose
/// folder belongs to the system ("/", "/etc", "/usr/bin", …: a mount there would hide the image's own files).
///
/// Names without mappings: every field its own; the lone field `value` of a secret without fields takes the last part of the
/// secret's name ("myapp/db" -> file "db", variable DB), as Docker's own secrets do. Variables that the config calls visible
/// are in `env` too.
Result<DeliveryPlan> plan_delivery(const Scope& scope, const std::map<SecretKey, const SecretValue*>& values);

/// The same of values that the caller holds together.
Result<DeliveryPlan> plan_of_values(const Scope& scope, const std::map<SecretKey, SecretValue>& values);

/// The env file that dso-init reads: NAME=value\0 a variable, in order.
SecretBuffer env_file(const DeliveryPlan& plan);

}  // namespace dso
