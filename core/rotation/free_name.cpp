// By the state of whoever is listed under it.
#include "rotation/free_name.h"

namespace dso {

bool is_about_to_be_free(const Engine& engine, const std::string& name, const Deadline& deadline, std::stop_token stop) {
  const auto there = engine.inspect(name, deadline, std::move(stop));
  if (there.has_error()) return there.error().cls == ErrorClass::not_found;
  return there->name == name && (there->state == "removing" || there->state == "dead");
}

}  // namespace dso
