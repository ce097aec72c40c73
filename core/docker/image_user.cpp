// The container has a label of ours, so that one that a killed dso left is found by the next.
#include "docker/image_user.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/clock.h"
#include "base/digest.h"
#include "docker/engine_connection.h"
#include "logic/doctor_engine.h"
#include "logic/passwd_text.h"

namespace dso {
namespace {

constexpr const char* kLabel = "dso.look";
constexpr std::string_view kName = "dso_look_";
constexpr std::int64_t kLongAgoMs = 120000;
constexpr int kMaxLinks = 8;

/// Nothing of the image's labels or volumes counts for it: it is looked into, and never runs.
SecretBuffer nothing_of(const std::string& image) {
  SecretBuffer out;
  append(out, boost::json::serialize(boost::json::object{
                  {"Image", image},
                  {"Cmd", boost::json::array{"true"}},
                  {"Labels", {{kLabel, "true"}, {"dso.reloader", "false"}, {"dso.secrets", ""}, {"dso.scope", ""}}},
                  {"HostConfig", {{"NetworkMode", "none"}}}}));
  return out;
}

/// Where a link in /etc leads.
std::string target_of(const std::string& path, const std::string& link) {
  return link.starts_with('/') ? link : path.substr(0, path.rfind('/') + 1) + link;
}

Result<std::optional<std::uint32_t>> look(const Engine& engine, const std::string& container, std::string_view name,
                                          const Deadline& d, const std::stop_token& s) {
  std::string path = "/etc/passwd";
  for (int links = 0; links < kMaxLinks; ++links) {
    const auto tar = engine.get("/containers/" + container + "/archive?path=" + percent_encode(path),
                                "Failed to read " + path + " of the image", d, s);
    if (tar.has_error() && tar.error().cls == ErrorClass::not_found) return std::optional<std::uint32_t>();
    if (tar.has_error()) return tar.error();
    const auto entry = first_of_tar(view(*tar));
    if (!entry) return std::optional<std::uint32_t>();
    if (entry->link.empty()) return uid_in_passwd(entry->content, name);
    path = target_of(path, entry->link);
  }
  return std::optional<std::uint32_t>();
}

Result<bool> numbers_are_the_hosts(const Engine& engine, const Deadline& d, const std::stop_token& s) {
  DSO_TRY(const SecretBuffer text, engine.get("/info", "Failed to ask the engine for its settings", d, s));
  for (const std::string& option : parse_engine_info(view(text)).security)
    if (option.starts_with("name=userns") || option.starts_with("name=rootless")) return false;
  return true;
}

std::string new_name(std::int64_t now_ms) {
  return std::string(kName) + std::to_string(now_ms) + "_" + random_hex(8);
}

/// By its name, not by the engine's clock. One that is being looked into at this moment is another dso's.
bool was_left_behind(std::string_view name, std::int64_t now_ms) {
  if (!name.starts_with(kName)) return false;
  std::int64_t made_ms = 0;
  std::from_chars(name.data() + kName.size(), name.data() + name.size(), made_ms);
  return made_ms < now_ms - kLongAgoMs;
}

void remove_left_behind(const Engine& engine, std::int64_t now_ms, const Deadline& d, const std::stop_token& s) {
  const auto all = engine.list({{"label", {kLabel}}}, d, s);
  if (all.has_error()) return;  // the next one may be luckier
  for (const Container& c : *all)
    if (was_left_behind(c.name, now_ms)) (void)engine.discard(c.id, d, s);
}

/// What `look_into` finds in a container of the image.
template <class T, class Look>
Result<T> in_container_of(const Engine& engine, const std::string& image, const Deadline& d, const std::stop_token& s,
                          Look look_into) {
  const std::int64_t now_ms = unix_ms();
  remove_left_behind(engine, now_ms, d, s);
  DSO_TRY(const std::string id, engine.create(new_name(now_ms), nothing_of(image), d, s));
  Result<T> found = look_into(id);
  DSO_CHECK(engine.discard(id, d, {}));  // also when we are to stop
  return found;
}

}  // namespace

Result<std::optional<std::uint32_t>> uid_of_named_user(const Engine& engine, const std::string& image, const std::string& user,
                                                       const Deadline& d, std::stop_token s) {
  using Uid = std::optional<std::uint32_t>;
  DSO_TRY(const bool same, numbers_are_the_hosts(engine, d, s));
  if (!same) return Uid();
  return in_container_of<Uid>(engine, image, d, s, [&](const std::string& id) {
    return look(engine, id, std::string_view(user).substr(0, user.find(':')), d, s);
  });
}

Result<bool> has_shell(const Engine& engine, const std::string& image, const Deadline& d, std::stop_token s) {
  return in_container_of<bool>(engine, image, d, s, [&](const std::string& id) -> Result<bool> {
    const auto shell = engine.get("/containers/" + id + "/archive?path=/bin/sh", "Failed to look for /bin/sh in the image", d, s);
    if (shell.has_error() && shell.error().cls != ErrorClass::not_found) return shell.error();
    return shell.has_value();
  });
}

}  // namespace dso
