// The packet filter's rules that send new connections for a container to another one while they change places, as text for `nft`
// and for `iptables-restore`. Established connections stay where they are (conntrack). Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace dso {

/// One way that clients reach the container: a port published on the host, or its own address within the engine's networks.
struct RedirectFront {
  std::string protocol = "tcp";   ///< tcp or udp; both for an address.
  std::string host_ip;            ///< Published on this address; "", "0.0.0.0", "::": on every address of the host.
  std::uint16_t host_port = 0;    ///< 0: the front is the container's address `address`, every port.
  std::string address;            ///< The container's own address that is given up (v4 or v6).
  std::string to_address;         ///< The stand-in's address, of the same family.
  std::uint16_t to_port = 0;      ///< 0: the same port.
  std::string bridge;             ///< The interface that leads to it ("br-1234…", "docker0").
};

struct Redirect {
  std::string rotation_id;  ///< 16 hex digits.
  std::vector<RedirectFront> fronts;
};

/// "dso_<rotation id>", the name of the table (nft) and of the chains (iptables, with a suffix).
std::string redirect_name(const std::string& rotation_id);
/// The rotation id in a name of ours, "" for others.
std::string rotation_of(const std::string& name);

/// One transaction for `nft -f -`: an `ip` table, and an `ip6` one where a front needs it.
std::string nft_add(const Redirect& redirect);
std::string nft_remove(const std::string& rotation_id);

/// For hosts where the engine uses the legacy tables and nft cannot be used: lines for `iptables-restore --noflush` (v6: ip6tables).
std::string iptables_add(const Redirect& redirect, bool v6);
std::string iptables_remove(const Redirect& redirect, bool v6);

}  // namespace dso
