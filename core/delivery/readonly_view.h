// A volume's folder as containers may see it: the same files, mounted read-only, so that no container can fill or change the
// tmpfs that all share, whatever it asks for. Knows no value.
#pragma once
#include <string>

#include "base/result.h"

namespace dso::delivery {

/// Where containers are to mount `folder` from: below the host's own read-only mount of the tmpfs where there is one
/// (<run dir>/readonly: a hardened agent can mount nothing); else <secrets_dir>/.volumes/<scope id>; or `folder` itself where a
/// mount made here would not be seen by the engine (a mount namespace of our own that shares nothing). The same before and
/// after make_view.
std::string view_path(const std::string& secrets_dir, const std::string& scope_id, const std::string& folder);
/// Mounts it there, if it is not yet.
Result<void> make_view(const std::string& secrets_dir, const std::string& scope_id, const std::string& folder);
void remove_view(const std::string& secrets_dir, const std::string& scope_id);

}  // namespace dso::delivery
