// The engine keeps its networks apart: what comes from one bridge and leaves by another is dropped, before any rule for published
// ports is asked. A container of another network reaches a published port nevertheless, by the engine's proxy on the host; when
// its connections are redirected they go from bridge to bridge. So for these, and nothing else, the isolation is left out.
#include <set>

#include "logic/redirect_rules.h"

namespace dso {
namespace {

constexpr std::string_view kChain = "DOCKER-ISOLATION-STAGE-1";

/// The lines of ours, as iptables-save prints them, each as its deletion.
std::string drop_ours(const std::string& name, std::string_view now) {
  const std::string ours = "--comment " + name + " ", head = "-A " + std::string(kChain) + " ";
  std::string text;
  while (!now.empty()) {
    const std::size_t end = now.find('\n');
    const std::string_view line = now.substr(0, end);
    if (line.starts_with(head) && line.find(ours) != std::string_view::npos) text += "-D " + std::string(line.substr(3)) + "\n";
    now = end == std::string_view::npos ? std::string_view() : now.substr(end + 1);
  }
  return text;
}

std::string filter_table(const std::string& lines) {
  return lines.empty() ? lines : "*filter\n" + lines + "COMMIT\n";
}

}  // namespace

std::string isolation_pass(const Redirect& redirect, bool v6, std::string_view now) {
  const std::string name = redirect_name(redirect.rotation_id), chain(kChain);
  if (now.find("\n:" + chain + " ") == std::string_view::npos) return {};
  std::set<std::string> rules;
  for (const RedirectFront& f : redirect.fronts) {
    if (f.host_port == 0 || f.v6() != v6) continue;
    const std::string port = std::to_string(f.to_port ? f.to_port : f.host_port);
    const std::string match = " -p " + f.protocol + " -m " + f.protocol;
    for (const std::string& side :
         {" -d " + f.to_address + match + " --dport " + port, " -s " + f.to_address + match + " --sport " + port})
      rules.insert("-I " + chain + side + " -m conntrack --ctstate DNAT -m comment --comment " + name + " -j RETURN\n");
  }
  std::string lines = drop_ours(name, now);
  for (const std::string& rule : rules) lines += rule;
  return filter_table(lines);
}

std::string isolation_whole(const std::string& rotation_id, std::string_view now) {
  return filter_table(drop_ours(redirect_name(rotation_id), now));
}

}  // namespace dso
