// The two ways to lose a delivery without noticing.
#include "logic/missing_delivery.h"

#include <algorithm>

namespace dso {

std::string missing_delivery(const Container& container, const std::vector<Scope>& known) {
  const std::string project = container.label_or(label::kComposeProject), service = container.label_or(label::kComposeService);
  const bool was_delivered_to = !service.empty() && std::any_of(known.begin(), known.end(), [&](const Scope& scope) {
    return scope.service == project + "/" + service;
  });
  if (was_delivered_to)
    return "'" + container.name +
           "' was started without its secrets, as plain `docker compose up` does; run `dso up` to bring them back";
  if (container.opted_in())
    return "'" + container.name +
           "' has the label dso.reloader=true, but DSO delivers nothing to it; start it with `dso run` or `dso up`";
  return {};
}

}  // namespace dso
