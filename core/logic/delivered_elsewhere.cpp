// By the sources of its mounts: <run dir>/secrets/<scope>/….
#include "logic/delivered_elsewhere.h"

#include "logic/delivery_names.h"

namespace dso {

std::string delivered_elsewhere(const Container& container, const std::string& run_dir) {
  const std::string scope = container.label_or(label::kScope);
  if (scope.empty()) return {};
  for (const ContainerMount& m : container.mounts) {
    const std::size_t at = m.source.find("/secrets/" + scope + "/");
    if (m.type != "bind" || at == std::string::npos) continue;
    const std::string other = clean_path(m.source.substr(0, at));
    return other == clean_path(run_dir) ? std::string() : "delivered by the agent of " + other;
  }
  return {};
}

}  // namespace dso
