// Compared as they are.
#include "logic/given_names.h"

#include <algorithm>

namespace dso {

std::vector<std::string> given_names(const DeliveryPlan& plan) {
  std::vector<std::string> out;
  for (const PlannedFile& f : plan.files) out.push_back(f.folder + "/" + f.name);
  for (const PlannedEnv& e : plan.env) out.push_back(e.name);
  return out;
}

std::string not_given_any_more(const std::vector<std::string>& names, const DeliveryPlan& plan) {
  const auto given = given_names(plan);
  std::string out;
  for (const std::string& name : names)
    if (std::find(given.begin(), given.end(), name) == given.end()) out += (out.empty() ? "'" : ", '") + name + "'";
  return out;
}

}  // namespace dso
