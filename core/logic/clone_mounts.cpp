// Paths are compared as the engine does, cleaned.
#include "logic/clone_mounts.h"

#include <algorithm>

#include "logic/delivery_names.h"
#include "logic/json_steps.h"
#include "logic/mounted_scopes.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

namespace json = boost::json;
using namespace json_steps;

/// "source:destination[:mode]", "destination[:mode]": without a source it is an anonymous volume.
struct Bind {
  std::string source, destination;
};
Bind parse_bind(std::string_view text) {
  const std::string_view first = text.substr(0, text.find(':'));
  const std::string_view rest = first.size() < text.size() ? text.substr(first.size() + 1) : std::string_view();
  if (!rest.starts_with('/')) return {{}, clean_path(first)};
  return {std::string(first), clean_path(rest.substr(0, rest.find(':')))};
}

template <class Match>
void erase_if(json::array* list, const Match& match) {
  if (!list) return;
  for (std::size_t i = list->size(); i-- > 0;)
    if (match((*list)[i])) list->erase(list->begin() + static_cast<std::ptrdiff_t>(i));
}

json::object* mount_at(json::object& host, std::string_view destination) {
  json::array* mounts = array_in(host, "Mounts");
  if (!mounts) return nullptr;
  for (json::value& v : *mounts)
    if (json::object* m = v.if_object(); m && clean_path(text_in(*m, "Target")) == destination) return m;
  return nullptr;
}

bool bound_at(json::object& host, std::string_view destination) {
  json::array* binds = array_in(host, "Binds");
  return binds && std::any_of(binds->begin(), binds->end(), [&](const json::value& v) {
           const Bind bind = parse_bind(text_of(v));
           return !bind.source.empty() && bind.destination == destination;
         });
}

/// Of a container that was replaced, and is gone: "<its whole id>:rw". One that a user wrote so is left out too, and nothing is
/// lost by that, since what it lent is lent on.
constexpr std::string_view kLent = ":rw";
constexpr std::size_t kIdLength = 64;
bool is_our_lender(std::string_view text) {
  return text.size() == kIdLength + kLent.size() && text.ends_with(kLent) &&
         text.find_first_not_of("0123456789abcdef") == kIdLength;
}

/// <run dir>/secrets, told from where the new scope's folder is; "" where that cannot be told.
std::string secrets_dir_of(const std::vector<ScopeMount>& mounts, std::string_view scope) {
  const std::string part = "/" + std::string(scope);
  for (const ScopeMount& m : mounts) {
    const std::size_t at = scope.empty() ? std::string::npos : m.host_path.find(part);
    if (at != std::string::npos && is_at_or_below(std::string_view(m.host_path).substr(at), part))
      return m.host_path.substr(0, at);
  }
  return {};
}

void erase_binds_from(json::object& host, const std::string& folder) {
  erase_if(array_in(host, "Binds"), [&](const json::value& v) { return is_at_or_below(parse_bind(text_of(v)).source, folder); });
  erase_if(array_in(host, "Mounts"), [&](const json::value& v) {
    const json::object* m = v.if_object();
    return m && text_in(*m, "Type") == "bind" && is_at_or_below(text_in(*m, "Source"), folder);
  });
}

}  // namespace

void replace_scope_mounts(json::object& host, const Container& from, const std::vector<ScopeMount>& mounts,
                          const std::string& scope) {
  for (const ScopeMount& mount : mounts) {
    const std::string at = clean_path(mount.container_path);
    erase_if(array_in(host, "Binds"), [&](const json::value& v) { return parse_bind(text_of(v)).destination == at; });
    if (json::object* tmpfs = object_in(host, "Tmpfs")) {
      std::vector<std::string> same;
      for (const auto& entry : *tmpfs)
        if (clean_path({entry.key().data(), entry.key().size()}) == at) same.emplace_back(entry.key());
      for (const std::string& key : same) tmpfs->erase(sv(key));
    }
    json::object* there = mount_at(host, at);
    if (!there) there = &array_made(host, "Mounts").emplace_back(json::object()).get_object();
    if (text_in(*there, "Type") != "bind") there->clear();
    (*there)["Type"] = "bind";
    (*there)["Source"] = mount.host_path;
    (*there)["Target"] = at;
    (*there)["ReadOnly"] = true;
  }
  const std::string secrets_dir = secrets_dir_of(mounts, scope);
  if (secrets_dir.empty()) return;
  for (const std::string& old : mounted_scopes(from, secrets_dir))
    if (old != scope && scope_base(old) == scope_base(scope)) erase_binds_from(host, secrets_dir + "/" + old);
}

void keep_anonymous_volumes(json::object& host, const json::array& mounts, const std::string& id) {
  if (json::array* lenders = array_in(host, "VolumesFrom")) {
    erase_if(lenders, [](const json::value& v) { return is_our_lender(text_of(v)); });
    if (lenders->empty()) host["VolumesFrom"] = nullptr;
  }
  std::vector<const json::object*> unnamed;
  bool more = false;
  for (const json::value& v : mounts) {
    const json::object* m = v.if_object();
    if (!m) continue;
    const std::string at = clean_path(text_in(*m, "Destination"));
    const json::object* asked = mount_at(host, at);
    if (bound_at(host, at) || (asked && !text_in(*asked, "Source").empty())) continue;
    if (text_in(*m, "Type") == "volume" && !text_in(*m, "Name").empty())
      unnamed.push_back(m);
    else
      more =
          more || text_in(*m, "Type") == "bind" || text_in(*m, "Type") == "tmpfs";  // the engine looks for that as for a volume
  }
  for (const json::object* m : unnamed) {
    const std::string at = clean_path(text_in(*m, "Destination"));
    const auto here = [&](const json::value& v) {
      const json::object* mount = v.if_object();
      return (mount ? clean_path(text_in(*mount, "Target")) : parse_bind(text_of(v)).destination) == at;
    };
    erase_if(array_in(host, "Binds"), here);
    if (!more) {
      erase_if(array_in(host, "Mounts"), here);
      continue;
    }
    json::object* asked = mount_at(host, at);
    if (!asked) asked = &array_made(host, "Mounts").emplace_back(json::object()).get_object();
    (*asked)["Type"] = "volume";
    (*asked)["Source"] = sv(text_in(*m, "Name"));
    (*asked)["Target"] = at;
    if (!flag_in(*m, "RW", true)) (*asked)["ReadOnly"] = true;
    object_made(*asked, "VolumeOptions")["NoCopy"] = true;
  }
  if (!unnamed.empty() && !more) array_made(host, "VolumesFrom").emplace_back(id + std::string(kLent));
}

}  // namespace dso
