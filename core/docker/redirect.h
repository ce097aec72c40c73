// Puts the rules of logic/redirect_rules.h into the kernel and takes them out again, by `nft` or the legacy `iptables`, whole or
// not at all; and route_localnet on the bridges, which 127.0.0.1 clients need meanwhile. No process of ours is in the data path.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "docker/networks.h"
#include "logic/redirect_rules.h"
#include "model/container.h"

namespace dso {

class RedirectTable {
 public:
  enum class Tool { choose, nft, iptables, iptables_legacy };
  /// `state_dir`: where a redirect's bridges and their former route_localnet are noted (names and numbers), so that a restart of
  /// the agent can restore them. `tool`: for tests; chosen are nft where it works, else `iptables`, which
  /// the engine uses too, else iptables-legacy.
  explicit RedirectTable(std::string state_dir, Tool tool = Tool::choose) : state_dir_(std::move(state_dir)), tool_(tool) {}

  /// New connections go to the stand-in from here on. Repeating it replaces the rules of the same rotation at once. After an
  /// error remove() is due: what was changed until then is noted and found by list().
  Result<void> put(const Redirect& redirect, const Deadline& d) const;
  /// New connections are the engine's again. Those to the stand-in go on: clients on 127.0.0.1 still need route_localnet, which
  /// stays, as does the guard. Nothing there is no error.
  Result<void> withdraw(const std::string& rotation_id, const Deadline& d) const;
  /// Everything goes, in the end route_localnet where no other redirect needs it: the last connections of 127.0.0.1 clients to
  /// the stand-in end here. Nothing there is no error.
  Result<void> remove(const std::string& rotation_id, const Deadline& d) const;
  /// Rotation ids of this state dir that may have rules: each is noted before its first rule and until after its last. Rules of
  /// another agent on this host are its own affair.
  std::vector<std::string> list() const;
  /// Why redirects cannot work on this host ("neither nft nor iptables is there"), "" where they can.
  std::string unavailable() const;

 private:
  Result<Tool> tool() const;
  Result<void> put_rules(const Redirect& redirect, const Deadline& d) const;
  Result<void> guard(const std::string& rotation_id, const std::vector<std::string>& bridges, const Deadline& d) const;
  Result<void> drop_rules(const std::string& rotation_id, const Deadline& d) const;

  std::string state_dir_;
  mutable std::atomic<Tool> tool_;
};

/// The fronts of `from` that `to` takes over: its published ports, and its addresses in those of the networks that both are in. A
/// published port that the stand-in does not publish too is left out: the engine's filter would drop what is sent there. So is
/// what only the engine's proxy can serve (::1, and IPv6 clients of a container without IPv6): those follow the address while
/// `from` lives.
std::vector<RedirectFront> redirect_fronts(const Container& from, const Container& to,
                                           const std::vector<NetworkBridge>& networks);

}  // namespace dso
