// The bytes of the env file. NUL ends a record because it is the one byte that no variable can hold.
#include "logic/plan_delivery.h"

namespace dso {

SecretBuffer env_file(const DeliveryPlan& plan) {
  std::size_t size = 0;
  for (const PlannedEnv& e : plan.env) size += e.name.size() + e.content.size() + 2;
  SecretBuffer out;
  out.reserve(size);
  for (const PlannedEnv& e : plan.env) {
    append(out, e.name);
    out.push_back('=');
    append(out, e.content);
    out.push_back('\0');
  }
  return out;
}

}  // namespace dso
