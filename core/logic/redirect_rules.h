// The packet filter's rules that send new connections for a container to another one while they change places, as text for `nft`
// and for `iptables-restore`. Established connections stay where they are (conntrack). Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dso {

/// One way that clients reach the container: a port published on the host, or its own address within the engine's networks.
struct RedirectFront {
  std::string protocol = "tcp";  ///< tcp, udp or sctp; both of the first for an address.
  std::string host_ip;           ///< Published on this address; "", "0.0.0.0", "::": on every address of the host.
  std::uint16_t host_port = 0;   ///< 0: the front is the container's address `address`, every port.
  std::string address;           ///< The container's own address that is given up (v4 or v6); with a port it may be empty.
  std::string to_address;        ///< The stand-in's address, of the same family.
  std::uint16_t to_port = 0;     ///< 0: the same port.
  std::string bridge;            ///< The interface that leads to it ("br-1234…", "docker0").
  std::string bridge_subnet;     ///< "172.18.0.0/16": its neighbours there, whose answers must come back through the host.
  bool v6() const { return to_address.find(':') != std::string::npos; }
};

struct Redirect {
  std::string rotation_id;  ///< 16 hex digits.
  std::vector<RedirectFront> fronts;
};

/// "dso_<rotation id>", the name of the table (nft) and of the chains (iptables, with a suffix).
std::string redirect_name(const std::string& rotation_id);
/// The rotation id in a name of ours, with or without a suffix; "" for others.
std::string rotation_of(std::string_view name);
/// Why no rules can be made of it (an address that is none, a name with odd characters); "" for a sound one.
std::string redirect_problem(const Redirect& redirect);

/// 127.0.0.1 clients are among the front's: their packets leave by the bridge, which needs route_localnet there.
bool serves_loopback(const RedirectFront& front);
/// Published on an address of the loopback: its clients are processes of the host, and no packet that comes in from a network is
/// for it, whatever address that bears. So its rule stands in OUTPUT alone.
bool is_for_the_host_alone(const RedirectFront& front);
/// Those of the fronts' bridges where route_localnet is needed, each once.
std::vector<std::string> loopback_bridges(const Redirect& redirect);

/// One transaction for `nft -f -`: an `ip` table, and an `ip6` one where a front needs it. Repeating it replaces.
std::string nft_add(const Redirect& redirect);
/// The guard alone: nothing is redirected, and on these bridges nobody reaches 127.0.0.1 from outside.
std::string nft_guard(const std::string& rotation_id, const std::vector<std::string>& bridges);
std::string nft_remove(const std::string& rotation_id);

/// For hosts without nft: lines for `iptables-restore --noflush` (v6: ip6tables). `now`: what iptables-save prints, since a rule
/// that is not there cannot be taken out, and a chain's jump must be there once. Each is "" where there is nothing to do.
std::string iptables_add(const Redirect& redirect, bool v6, std::string_view now);
std::string iptables_guard(const std::string& rotation_id, const std::vector<std::string>& bridges, std::string_view now);
/// All but the guard.
std::string iptables_withdraw(const std::string& rotation_id, std::string_view now);
std::string iptables_remove(const std::string& rotation_id, std::string_view now);

/// For every host whose engine keeps its networks apart with iptables, whichever tool makes the redirect: lines for
/// `iptables-restore --noflush` that let the redirected connections from one of its networks to another. `now`: what
/// `iptables-save -t filter` prints. "" where there is no isolation.
std::string isolation_pass(const Redirect& redirect, bool v6, std::string_view now);
std::string isolation_whole(const std::string& rotation_id, std::string_view now);

}  // namespace dso
