// Labels and paths of a rotation.
#include "rotation/subject.h"

namespace dso {

std::map<std::string, std::string> rotation_labels(const RotationSubject& s, bool stand_in, bool last_good) {
  return {{label::kScope, last_good ? s.last_scope : s.wanted_scope},
          {label::kRole, stand_in ? "stand-in" : "candidate"},
          {label::kService, s.service},
          {label::kGeneration, std::to_string(s.generation)},
          {label::kRotationId, s.rotation_id},
          {label::kReplaces, s.replaces}};
}

std::vector<ScopeMount> mounts_of_scope(const RotationSubject& s, const std::string& scope_id) {
  std::vector<ScopeMount> out = s.mounts;
  const std::string from = "/" + s.wanted_scope + "/";
  for (ScopeMount& m : out)
    if (const std::size_t at = m.host_path.rfind(from); at != std::string::npos)
      m.host_path.replace(at, from.size(), "/" + scope_id + "/");
  return out;
}

}  // namespace dso
