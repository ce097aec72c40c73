// The order of changes, chosen so that at no moment 127.0.0.1 of the host is open to a container, and no 127.0.0.1 client is sent
// where its packets cannot go: note, guard, route_localnet, isolation, rules; and back.
#include "docker/redirect.h"

#include <algorithm>
#include <set>

#include "base/crash_point.h"
#include "base/file.h"
#include "docker/interface_subnet.h"
#include "docker/redirect_notes.h"
#include "docker/run_tool.h"

namespace dso {
namespace {

const char* const kWhat = "Failed to change the packet filter";

Result<void> apply(const std::string& path, const std::vector<std::string>& arguments, const std::string& text,
                   const Deadline& d) {
  if (text.empty()) return {};
  crash_point("redirect: before the rules");
  DSO_CHECK(run_tool_well(path, arguments, text, d, kWhat));
  crash_point("redirect: the rules are changed");
  return {};
}

Result<void> nft(const std::string& text, const Deadline& d) {
  return apply(find_tool("nft"), {"-f", "-"}, text, d);
}

std::string iptables_path(RedirectTable::Tool by, bool v6, const char* verb) {
  return find_tool(std::string(v6 ? "ip6" : "ip") + (by == RedirectTable::Tool::iptables_legacy ? "tables-legacy-" : "tables-") +
                   verb);
}

bool has_iptables(RedirectTable::Tool by) {
  return !iptables_path(by, false, "restore").empty() && !iptables_path(by, false, "save").empty();
}

/// `text_for(what is there now)`, applied; a family whose tools are missing has nothing of ours. `table`: "" for all.
template <class TextFor>
Result<void> iptables(RedirectTable::Tool by, bool v6, const Deadline& d, TextFor text_for, const std::string& table = {}) {
  const std::string save = iptables_path(by, v6, "save"), restore = iptables_path(by, v6, "restore");
  if (save.empty() || restore.empty()) {
    if (text_for(std::string_view()).empty()) return {};
    return make_error(ErrorClass::unsupported, kWhat, v6 ? "ip6tables-restore is not there" : "iptables-restore is not there");
  }
  const std::vector<std::string> only = table.empty() ? std::vector<std::string>() : std::vector<std::string>{"-t", table};
  DSO_TRY(const std::string now, run_tool_well(save, only, {}, d, kWhat));
  return apply(restore, {"--noflush", "--wait", "5"}, text_for(std::string_view(now)), d);
}

/// Asking iptables-legacy loads its modules and takes a raw socket: only where the kernel has a table of it.
bool legacy_has_filter(bool v6) {
  const auto tables = read_text_file(v6 ? "/proc/net/ip6_tables_names" : "/proc/net/ip_tables_names", 4096);
  return tables.has_value() && ("\n" + *tables).find("\nfilter\n") != std::string::npos;
}

/// With the tool that made the engine's rules, known by them: both kinds may be there, and one is empty.
template <class TextFor>
Result<void> isolation(const Deadline& d, TextFor text_for) {
  for (const bool v6 : {false, true})
    for (const auto by : {RedirectTable::Tool::iptables, RedirectTable::Tool::iptables_legacy}) {
      if (by == RedirectTable::Tool::iptables_legacy && !legacy_has_filter(v6)) continue;
      DSO_CHECK(iptables(
          by, v6, d, [&](std::string_view now) { return text_for(now, v6); }, "filter"));
    }
  return {};
}

bool nft_works() {
  const std::string nft = find_tool("nft");
  if (nft.empty()) return false;
  auto run = run_tool(nft, {"list", "tables"}, {}, Deadline::in(std::chrono::seconds(5)));
  return run.has_value() && run->exit_code == 0;
}

}  // namespace

std::string RedirectTable::unavailable() const {
  auto chosen = tool();
  return chosen.has_error() ? chosen.error().cause : "";
}

Result<RedirectTable::Tool> RedirectTable::tool() const {
  if (tool_ != Tool::choose) return tool_.load();
  if (nft_works())
    tool_ = Tool::nft;
  else if (has_iptables(Tool::iptables))
    tool_ = Tool::iptables;
  else if (has_iptables(Tool::iptables_legacy))
    tool_ = Tool::iptables_legacy;
  else
    return make_error(ErrorClass::unsupported, kWhat, "neither nft nor iptables is there", "Install nftables.");
  return tool_.load();
}

Result<void> RedirectTable::put_rules(const Redirect& redirect, const Deadline& d) const {
  DSO_TRY(const Tool by, tool());
  if (by == Tool::nft) return nft(nft_add(redirect), d);
  for (const bool v6 : {false, true})
    DSO_CHECK(iptables(by, v6, d, [&](std::string_view now) { return iptables_add(redirect, v6, now); }));
  return {};
}

Result<void> RedirectTable::guard(const std::string& rotation_id, const std::vector<std::string>& bridges,
                                  const Deadline& d) const {
  DSO_TRY(const Tool by, tool());
  if (by == Tool::nft) return nft(nft_guard(rotation_id, bridges), d);
  for (const bool v6 : {false, true})
    DSO_CHECK(iptables(by, v6, d, [&](std::string_view now) { return iptables_withdraw(rotation_id, now); }));
  return iptables(by, false, d, [&](std::string_view now) { return iptables_guard(rotation_id, bridges, now); });
}

Result<void> RedirectTable::drop_rules(const std::string& rotation_id, const Deadline& d) const {
  DSO_TRY(const Tool by, tool());
  if (by == Tool::nft) return nft(nft_remove(rotation_id), d);
  for (const bool v6 : {false, true})
    DSO_CHECK(iptables(by, v6, d, [&](std::string_view now) { return iptables_remove(rotation_id, now); }));
  return {};
}

Result<void> RedirectTable::put(const Redirect& asked, const Deadline& d) const {
  if (const std::string problem = redirect_problem(asked); !problem.empty())
    return make_error(ErrorClass::invalid_request, kWhat, "unusable " + problem);
  Redirect redirect = asked;
  for (RedirectFront& f : redirect.fronts)
    if (f.bridge_subnet.empty()) f.bridge_subnet = interface_subnet(f.bridge, f.to_address);

  const RedirectNotes notes(state_dir_);
  const std::vector<std::string> bridges = loopback_bridges(redirect);
  DSO_TRY(const UniqueFd lock, notes.lock(d));
  DSO_CHECK(notes.write(redirect.rotation_id, bridges));
  // Not where it is on already: then the rules of an earlier put may serve clients, and their table has the guard.
  if (std::any_of(bridges.begin(), bridges.end(), [](const std::string& b) { return !route_localnet(b); }))
    DSO_CHECK(guard(redirect.rotation_id, bridges, d));
  for (const std::string& bridge : bridges) DSO_CHECK(set_route_localnet(bridge, true));
  DSO_CHECK(isolation(d, [&](std::string_view now, bool v6) { return isolation_pass(redirect, v6, now); }));
  return put_rules(redirect, d);
}

Result<void> RedirectTable::withdraw(const std::string& rotation_id, const Deadline& d) const {
  const RedirectNotes notes(state_dir_);
  DSO_TRY(const UniqueFd lock, notes.lock(d));
  std::vector<std::string> bridges;
  for (const auto& [bridge, before] : notes.read(rotation_id)) bridges.push_back(bridge);
  return guard(rotation_id, bridges, d);
}

Result<void> RedirectTable::remove(const std::string& rotation_id, const Deadline& d) const {
  if (rotation_of(redirect_name(rotation_id)) != rotation_id)
    return make_error(ErrorClass::invalid_request, kWhat, "unusable rotation id '" + rotation_id + "'");
  const RedirectNotes notes(state_dir_);
  DSO_TRY(const UniqueFd lock, notes.lock(d));
  std::vector<std::string> guarded, restored;
  for (const auto& [bridge, before] : notes.read(rotation_id)) {
    guarded.push_back(bridge);
    if (!before && !notes.others_need(bridge, rotation_id)) restored.push_back(bridge);
  }
  if (!restored.empty()) DSO_CHECK(guard(rotation_id, guarded, d));
  for (const std::string& bridge : restored) DSO_CHECK(set_route_localnet(bridge, false));
  DSO_CHECK(drop_rules(rotation_id, d));
  DSO_CHECK(isolation(d, [&](std::string_view now, bool) { return isolation_whole(rotation_id, now); }));
  return notes.erase(rotation_id);
}

std::vector<std::string> RedirectTable::list() const {
  std::vector<std::string> ids = RedirectNotes(state_dir_).rotation_ids();
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace dso
