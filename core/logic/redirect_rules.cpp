// Names, checks, and the text for nft. The order of the chains: ours decide one step before the engine's (dstnat -100, srcnat
// 100), and the guard before anything else sees a packet.
#include "logic/redirect_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

namespace dso {
namespace {

constexpr std::string_view kTablePrefix = "dso_";
constexpr std::size_t kRotationIdLength = 16;

bool is_rotation_id(std::string_view id) {
  return id.size() == kRotationIdLength && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_address(const std::string& text, bool v6) {
  unsigned char bytes[16];
  return inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes) == 1;
}

bool is_subnet(const std::string& text, bool v6) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || !is_address(text.substr(0, slash), v6)) return false;
  const std::string bits = text.substr(slash + 1);
  return !bits.empty() && bits.size() <= 3 && bits.find_first_not_of("0123456789") == std::string::npos &&
         std::stoi(bits) <= (v6 ? 128 : 32);
}

bool is_interface(const std::string& text) {
  return !text.empty() && text.size() <= 15 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == std::string::npos;
}

bool on_every_address(const RedirectFront& f) {
  return f.host_ip.empty() || f.host_ip == "0.0.0.0" || f.host_ip == "::";
}

std::string front_problem(const RedirectFront& f) {
  const bool v6 = f.v6();
  if (f.protocol != "tcp" && f.protocol != "udp" && f.protocol != "sctp") return "protocol '" + f.protocol + "'";
  if (!is_address(f.to_address, v6)) return "stand-in's address '" + f.to_address + "'";
  if ((f.host_port == 0 || !f.address.empty()) && !is_address(f.address, v6)) return "address '" + f.address + "'";
  if (f.host_port != 0 && !on_every_address(f) && !is_address(f.host_ip, v6)) return "host address '" + f.host_ip + "'";
  if (!is_interface(f.bridge)) return "bridge '" + f.bridge + "'";
  if (!f.bridge_subnet.empty() && !is_subnet(f.bridge_subnet, v6)) return "subnet '" + f.bridge_subnet + "'";
  return {};
}

std::string dnat_rule(const RedirectFront& f) {
  const std::string ip = f.v6() ? "ip6" : "ip";
  if (f.host_port == 0) return ip + " daddr " + f.address + " meta l4proto { tcp, udp } dnat to " + f.to_address;
  // From ::1 no packet leaves the host, whatever one sets: those clients stay with the engine's proxy.
  const std::string local = f.v6() ? "ip6 daddr != ::1 fib daddr type local" : "fib daddr type local";
  const std::string where = on_every_address(f) ? local : ip + " daddr " + f.host_ip;
  const std::string to = f.v6() ? "[" + f.to_address + "]" : f.to_address;
  return where + " " + f.protocol + " dport " + std::to_string(f.host_port) + " dnat to " + to + ":" +
         std::to_string(f.to_port ? f.to_port : f.host_port);
}

/// Whose answers would otherwise not come back through the host's connection tracking: its own clients on the loopback, and the
/// stand-in's neighbours, whom it would answer directly (those who used the container's own address excepted: the bridge's own
/// filter hook sees both ways, and they keep their address).
std::vector<std::string> masquerade_rules(const RedirectFront& f) {
  if (f.host_port == 0) return {};
  const std::string ip = f.v6() ? "ip6" : "ip";
  const std::string to = " " + ip + " daddr " + f.to_address + " " + f.protocol + " dport " +
                         std::to_string(f.to_port ? f.to_port : f.host_port) + " ct status dnat ";
  std::vector<std::string> rules;
  if (serves_loopback(f)) rules.push_back("ip saddr 127.0.0.0/8" + to + "masquerade");
  if (f.bridge_subnet.empty()) return rules;
  const std::string own = f.address.empty() ? "" : "ct original " + ip + " daddr != " + f.address + " ";
  rules.push_back(ip + " saddr " + f.bridge_subnet + to + own + "masquerade");
  return rules;
}

void add_line(std::string& text, const std::string& rule, std::set<std::string>& seen) {
  if (seen.insert(rule).second) text += "    " + rule + "\n";
}

std::string guard_chain(const std::vector<std::string>& bridges) {
  if (bridges.empty()) return {};
  std::string text = "  chain guard {\n    type filter hook prerouting priority -300; policy accept;\n";
  for (const std::string& bridge : bridges)
    text +=
        "    iifname \"" + bridge + "\" ip daddr 127.0.0.0/8 drop\n    iifname \"" + bridge + "\" ip saddr 127.0.0.0/8 drop\n";
  return text + "  }\n";
}

std::string nat_chain(const std::string& name, const std::string& hook, const std::string& rules) {
  return "  chain " + name + " {\n    type nat hook " + hook + "; policy accept;\n" + rules + "  }\n";
}

/// Adding before deleting makes the deletion valid when there was none.
std::string replace_table(const std::string& family, const std::string& id) {
  const std::string table = "table " + family + " " + redirect_name(id);
  return "add " + table + "\ndelete " + table + "\n";
}

std::string nft_table(const Redirect& redirect, bool v6, const std::string& guard) {
  std::string dnat, from_networks, masquerade;
  std::set<std::string> seen, seen_from_networks;
  for (const RedirectFront& f : redirect.fronts) {
    if (f.v6() != v6) continue;
    add_line(dnat, dnat_rule(f), seen);
    if (!is_for_the_host_alone(f)) add_line(from_networks, dnat_rule(f), seen_from_networks);
    for (const std::string& rule : masquerade_rules(f)) add_line(masquerade, rule, seen);
  }
  const std::string family = v6 ? "ip6" : "ip";
  if (dnat.empty() && guard.empty()) return replace_table(family, redirect.rotation_id);
  return replace_table(family, redirect.rotation_id) + "table " + family + " " + redirect_name(redirect.rotation_id) + " {\n" +
         guard + nat_chain("prerouting", "prerouting priority -101", from_networks) +
         nat_chain("output", "output priority -101", dnat) + nat_chain("postrouting", "postrouting priority 99", masquerade) +
         "}\n";
}

}  // namespace

std::string redirect_name(const std::string& rotation_id) {
  return std::string(kTablePrefix) + rotation_id;
}

std::string rotation_of(std::string_view name) {
  if (!name.starts_with(kTablePrefix)) return {};
  const std::string_view id = name.substr(kTablePrefix.size(), kRotationIdLength),
                         suffix = name.substr(kTablePrefix.size() + id.size());
  return is_rotation_id(id) && (suffix.empty() || suffix[0] == '_') ? std::string(id) : std::string();
}

std::string redirect_problem(const Redirect& redirect) {
  if (!is_rotation_id(redirect.rotation_id)) return "rotation id '" + redirect.rotation_id + "'";
  for (const RedirectFront& f : redirect.fronts)
    if (std::string problem = front_problem(f); !problem.empty()) return problem;
  return {};
}

bool serves_loopback(const RedirectFront& f) {
  return f.host_port != 0 && !f.v6() && (on_every_address(f) || f.host_ip.starts_with("127."));
}

bool is_for_the_host_alone(const RedirectFront& f) {
  return f.host_port != 0 && (f.host_ip.starts_with("127.") || f.host_ip == "::1");
}

std::vector<std::string> loopback_bridges(const Redirect& redirect) {
  std::set<std::string> bridges;
  for (const RedirectFront& f : redirect.fronts)
    if (serves_loopback(f)) bridges.insert(f.bridge);
  return {bridges.begin(), bridges.end()};
}

std::string nft_add(const Redirect& redirect) {
  const bool any_v6 = std::any_of(redirect.fronts.begin(), redirect.fronts.end(), [](const RedirectFront& f) { return f.v6(); });
  return nft_table(redirect, false, guard_chain(loopback_bridges(redirect))) + (any_v6 ? nft_table(redirect, true, "") : "");
}

std::string nft_guard(const std::string& rotation_id, const std::vector<std::string>& bridges) {
  std::string text = nft_remove(rotation_id);
  if (!bridges.empty()) text += "table ip " + redirect_name(rotation_id) + " {\n" + guard_chain(bridges) + "}\n";
  return text;
}

std::string nft_remove(const std::string& rotation_id) {
  return replace_table("ip", rotation_id) + replace_table("ip6", rotation_id);
}

}  // namespace dso
