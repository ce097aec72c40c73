// Puts the rules of logic/redirect_rules.h into the kernel and takes them out again, by `nft` or the legacy `iptables`, whole or
// not at all; and route_localnet on the bridges, which 127.0.0.1 clients need meanwhile. No process of ours is in the data path.
#pragma once
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "logic/redirect_rules.h"
#include "model/container.h"

namespace dso {

class RedirectTable {
 public:
  /// `state_dir`: where a redirect's bridges and their former route_localnet are noted (names and numbers), so that a restart of
  /// the agent can restore them.
  explicit RedirectTable(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  /// New connections go to the stand-in from here on. Repeating it replaces the rules of the same rotation at once.
  Result<void> put(const Redirect& redirect, const Deadline& d) const;
  /// Nothing there is no error. Restores route_localnet where no other redirect needs it.
  Result<void> remove(const std::string& rotation_id, const Deadline& d) const;
  /// Rotation ids that have rules (or a note of them) on this host.
  Result<std::vector<std::string>> list(const Deadline& d) const;
  /// Why redirects cannot work on this host ("neither nft nor iptables is there"), "" where they can.
  std::string unavailable() const;

 private:
  std::string state_dir_;
};

/// The fronts of `from` that `to` takes over: its published ports, and its addresses in the networks that both are in. The bridge's
/// name follows from the network's id and the engine's option; `bridge_of(network name)` says it.
std::vector<RedirectFront> redirect_fronts(const Container& from, const Container& to,
                                           const std::vector<std::pair<std::string, std::string>>& bridge_of_network);

}  // namespace dso
