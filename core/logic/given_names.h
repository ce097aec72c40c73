// By what names a container is given its secrets: what its program opens and reads. A name never goes away under it.
#pragma once
#include <string>
#include <vector>

#include "model/delivery.h"

namespace dso {

/// "/run/secrets/db" for a file, "PASSWORD" for a variable.
std::vector<std::string> given_names(const DeliveryPlan& plan);

/// Those of `names` that `plan` does not give, for people: "'/cfg/x.txt', 'PASSWORD'"; empty: it gives all of them.
std::string not_given_any_more(const std::vector<std::string>& names, const DeliveryPlan& plan);

}  // namespace dso
