// Where the values of a delivery come from that rotates nothing (`dso run`, `dso up`, a volume's mount, the refill after a
// reboot): out of the scope, or from the store. No such delivery changes a value under a process that lives. Pure.
#pragma once
#include <map>
#include <set>
#include <string>

#include "model/config.h"
#include "model/container.h"
#include "model/delivery.h"

namespace dso {

/// Who has the scope mounted while it is delivered to.
enum class ScopeUse {
  unused,  ///< No process that lives.
  in_use,  ///< One at least.
};

struct ValueOrigin {
  bool of_scope = false;  ///< As it is delivered there now; from the store only where the scope does not keep it.
  std::string version;    ///< Of the store: the one to ask for first. Empty: the present one.
  std::string digest;     ///< Of the value that lies there; set if `of_scope`.
};

/// Of every secret of `scope`. `before`: what lies there, null where nothing does. `judged`: "instance/name" -> the version that
/// containers were last seen to work with on this host.
std::map<SecretKey, ValueOrigin> value_origins(const Scope& scope, const ScopeState* before, ScopeUse use,
                                               const std::set<SecretKey>& frozen,
                                               const std::map<std::string, std::string>& judged);

/// The secrets of a scope with `rotation: false`, by the entries of the containers that have it; where none is known, by the
/// scope's service. One container's entry is enough: a frozen value is not to change under it.
std::set<SecretKey> frozen_secrets(const Config& config, const Scope& scope, const std::vector<Container>& users);
/// True where the config has entries for a secret of the scope that disagree about that: then the containers must be known.
bool entries_disagree(const Config& config, const Scope& scope);

}  // namespace dso
