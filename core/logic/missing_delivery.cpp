// The two ways to lose a delivery without noticing.
#include "logic/missing_delivery.h"

#include <algorithm>

#include "model/container.h"

namespace dso {
namespace {

std::string value(const std::map<std::string, std::string>& attributes, const char* key) {
  auto it = attributes.find(key);
  return it == attributes.end() ? std::string() : it->second;
}

}  // namespace

std::string missing_delivery(const std::map<std::string, std::string>& attributes, const std::vector<Scope>& known) {
  if (!value(attributes, label::kScope).empty()) return {};
  const std::string name = value(attributes, "name");
  const std::string project = value(attributes, label::kComposeProject), service = value(attributes, label::kComposeService);
  const bool was_delivered_to = !service.empty() && std::any_of(known.begin(), known.end(), [&](const Scope& scope) {
    return scope.service == project + "/" + service;
  });
  if (was_delivered_to)
    return "'" + name + "' was started without its secrets, as plain `docker compose up` does; run `dso up` to bring them back";
  if (value(attributes, label::kReloader) == "true")
    return "'" + name + "' has the label dso.reloader=true, but DSO delivers nothing to it; start it with `dso run` or `dso up`";
  return {};
}

}  // namespace dso
