// Whether a mount of the user's own and DSO's folders stand in each other's way: the engine would say "read-only file system" and
// leave a container behind, or Compose would drop the user's without a word. Paths are compared as the container sees them. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/delivery.h"

namespace dso {

/// A mount that `docker run` or a compose service asks for, or that the image declares.
struct OwnMount {
  std::string target;  ///< In the container.
  bool read_only = false;
  std::string lender = {};  ///< The container or service that it is of, by --volumes-from; empty: its own.
};

/// `-v SPEC` ("[SOURCE:]TARGET[:OPTIONS]"), `--mount SPEC` ("type=bind,target=…,readonly"), `--tmpfs SPEC` ("TARGET[:OPTIONS]").
OwnMount own_volume(const std::string& spec);
OwnMount own_mount(const std::string& spec);
OwnMount own_tmpfs(const std::string& spec);

/// `--volumes-from SPEC`, an entry of `volumes_from:` ("NAME[:ro|rw]", "container:NAME[:ro|rw]").
struct Lender {
  std::string name;
  bool is_service = false;  ///< Of the same compose project.
  bool read_only = false;
};
Lender lender_of_run(const std::string& spec);
Lender lender_of_service(const std::string& spec);
/// `mounts`, as they come from `lender`.
std::vector<OwnMount> lent(std::vector<OwnMount> mounts, const Lender& lender);

/// The first that stands in the way of `ours`, as an Error (Config): its target, DSO's folder, and what to do.
std::optional<Error> mount_clash(const std::vector<OwnMount>& own, const std::vector<ScopeMount>& ours);

}  // namespace dso
