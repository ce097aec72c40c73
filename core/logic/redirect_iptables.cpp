// The same rules for iptables-restore: chains of ours in nat and raw, and a jump to each at the head of the built-in ones. Within
// a table everything between its line and COMMIT happens at once.
#include <set>

#include "logic/redirect_rules.h"

namespace dso {
namespace {

struct Jump {
  const char *table, *chain, *suffix;
};
constexpr Jump kNatJumps[] = {{"nat", "PREROUTING", "_dnat"},
                              {"nat", "OUTPUT", "_dnat"},
                              {"nat", "OUTPUT", "_host"},  // ports of the loopback: no jump from PREROUTING
                              {"nat", "POSTROUTING", "_snat"}};
constexpr Jump kGuardJumps[] = {{"raw", "PREROUTING", "_guard"}};

std::string line_of(const Jump& jump, const std::string& name) {
  return std::string(jump.chain) + " -j " + name + jump.suffix;
}

/// One table's part of iptables-save's output.
std::string_view section(std::string_view now, const std::string& table) {
  const std::string head = "*" + table + "\n";
  std::size_t from = now.starts_with(head) ? 0 : now.find("\n" + head);
  if (from == std::string_view::npos) return {};
  const std::size_t end = now.find("\nCOMMIT", from);
  return now.substr(from, end == std::string_view::npos ? end : end + 1 - from);
}

template <std::size_t N>
std::string drop_jumps(const Jump (&jumps)[N], const std::string& name, std::string_view now) {
  std::string text;
  for (const Jump& jump : jumps) {
    const std::string rule = "-A " + line_of(jump, name) + "\n";
    const std::string_view lines = section(now, jump.table);
    for (std::size_t at = 0; (at = lines.find(rule, at)) != std::string_view::npos; at += rule.size())
      text += "-D " + line_of(jump, name) + "\n";
  }
  return text;
}

/// To the chains that `text` declares.
template <std::size_t N>
std::string put_jumps(const Jump (&jumps)[N], const std::string& name, const std::string& declared) {
  std::string text;
  for (const Jump& jump : jumps)
    if (declared.find(":" + name + jump.suffix + " ") != std::string::npos) text += "-I " + line_of(jump, name) + "\n";
  return text;
}

/// A table without the chains and the jumps; "" if it has none of them.
template <std::size_t N>
std::string clear(const Jump (&jumps)[N], const std::string& name, std::string_view now) {
  std::string text = drop_jumps(jumps, name, now);
  std::set<std::string> chains;
  for (const Jump& jump : jumps)
    if (section(now, jump.table).find("\n:" + name + jump.suffix + " ") != std::string_view::npos)
      chains.insert(name + jump.suffix);
  for (const std::string& chain : chains) text += "-F " + chain + "\n-X " + chain + "\n";
  return text.empty() ? text : "*" + std::string(jumps[0].table) + "\n" + text + "COMMIT\n";
}

std::string destination(const RedirectFront& f) {
  if (f.host_port == 0) return "-d " + f.address + " ";
  if (f.host_ip.empty() || f.host_ip == "0.0.0.0" || f.host_ip == "::")
    return f.v6() ? "! -d ::1 -m addrtype --dst-type LOCAL " : "-m addrtype --dst-type LOCAL ";
  return "-d " + f.host_ip + " ";
}

void add_dnat(std::set<std::string>& seen, std::string& text, const std::string& chain, const RedirectFront& f) {
  const auto add = [&](const std::string& rule) {
    if (seen.insert(rule).second) text += "-A " + chain + " " + rule + "\n";
  };
  if (f.host_port == 0) {
    for (const char* protocol : {"tcp", "udp"})
      add(destination(f) + "-p " + protocol + " -j DNAT --to-destination " + f.to_address);
    return;
  }
  const std::string port = std::to_string(f.to_port ? f.to_port : f.host_port);
  add(destination(f) + "-p " + f.protocol + " -m " + f.protocol + " --dport " + std::to_string(f.host_port) +
      " -j DNAT --to-destination " + (f.v6() ? "[" + f.to_address + "]:" : f.to_address + ":") + port);
}

void add_masquerade(std::set<std::string>& seen, std::string& text, const std::string& chain, const RedirectFront& f) {
  if (f.host_port == 0) return;
  const std::string to = " -d " + f.to_address + " -p " + f.protocol + " -m " + f.protocol + " --dport " +
                         std::to_string(f.to_port ? f.to_port : f.host_port) + " -m conntrack --ctstate DNAT ";
  const auto add = [&](const std::string& rule) {
    if (seen.insert(rule).second) text += "-A " + chain + " -s " + rule + "-j MASQUERADE\n";
  };
  if (serves_loopback(f)) add("127.0.0.0/8" + to);
  if (!f.bridge_subnet.empty()) add(f.bridge_subnet + to + (f.address.empty() ? "" : "! --ctorigdst " + f.address + " "));
}

}  // namespace

std::string iptables_add(const Redirect& redirect, bool v6, std::string_view now) {
  const std::string name = redirect_name(redirect.rotation_id);
  std::set<std::string> seen;
  std::string dnat, masquerade, chains = ":" + name + "_dnat - [0:0]\n";
  bool host_alone = false;
  for (const RedirectFront& f : redirect.fronts) {
    if (f.v6() != v6) continue;
    host_alone = host_alone || is_for_the_host_alone(f);
    add_dnat(seen, dnat, name + (is_for_the_host_alone(f) ? "_host" : "_dnat"), f);
    add_masquerade(seen, masquerade, name + "_snat", f);
  }
  if (dnat.empty()) return iptables_withdraw(redirect.rotation_id, now);
  if (host_alone) chains += ":" + name + "_host - [0:0]\n";
  chains += ":" + name + "_snat - [0:0]\n";
  return "*nat\n" + chains + dnat + masquerade + drop_jumps(kNatJumps, name, now) + put_jumps(kNatJumps, name, chains) +
         "COMMIT\n";
}

std::string iptables_guard(const std::string& rotation_id, const std::vector<std::string>& bridges, std::string_view now) {
  const std::string name = redirect_name(rotation_id);
  if (bridges.empty()) return clear(kGuardJumps, name, now);
  const std::string chain = ":" + name + "_guard - [0:0]\n";
  std::string text = "*raw\n" + chain;
  for (const std::string& bridge : bridges)
    for (const char* side : {" -d ", " -s "}) text += "-A " + name + "_guard -i " + bridge + side + "127.0.0.0/8 -j DROP\n";
  return text + drop_jumps(kGuardJumps, name, now) + put_jumps(kGuardJumps, name, chain) + "COMMIT\n";
}

std::string iptables_withdraw(const std::string& rotation_id, std::string_view now) {
  return clear(kNatJumps, redirect_name(rotation_id), now);
}

std::string iptables_remove(const std::string& rotation_id, std::string_view now) {
  return clear(kNatJumps, redirect_name(rotation_id), now) + clear(kGuardJumps, redirect_name(rotation_id), now);
}

}  // namespace dso
