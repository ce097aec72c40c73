// Files and /proc/sys. crash_point marks every change.
#include "docker/redirect_notes.h"

#include <dirent.h>
#include <fcntl.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

#include "base/crash_point.h"
#include "base/file.h"
#include "logic/redirect_rules.h"

namespace dso {
namespace {

constexpr std::size_t kMaxNote = 64 * 1024;

std::string setting(const std::string& bridge) {
  return "/proc/sys/net/ipv4/conf/" + bridge + "/route_localnet";
}

}  // namespace

Result<UniqueFd> RedirectNotes::lock(const Deadline& d) const {
  DSO_CHECK(make_folders(folder_, 0700));
  return lock_file(folder_ + "/lock", static_cast<int>(d.left().count()));
}

std::map<std::string, bool> RedirectNotes::read(const std::string& rotation_id) const {
  std::map<std::string, bool> bridges;
  const auto text = read_text_file(path(rotation_id), kMaxNote);
  if (text.has_error()) return bridges;
  boost::system::error_code failed;
  const boost::json::value note = boost::json::parse(*text, failed);
  const auto* object = failed ? nullptr : note.if_object();
  const auto* listed = object ? object->if_contains("route_localnet_before") : nullptr;
  if (!listed || !listed->is_object()) return bridges;
  for (const auto& [bridge, before] : listed->get_object())
    if (before.is_bool()) bridges[std::string(bridge)] = before.get_bool();
  return bridges;
}

Result<void> RedirectNotes::write(const std::string& rotation_id, const std::vector<std::string>& bridges) const {
  boost::json::object before;
  for (const auto& [bridge, was] : read(rotation_id)) before[bridge] = was;  // of an earlier put: it still is to be restored
  for (const std::string& bridge : bridges) {
    if (before.contains(bridge)) continue;
    bool was = route_localnet(bridge);
    for (const std::string& other : rotation_ids())
      if (const auto known = read(other); known.contains(bridge)) was = known.at(bridge);
    before[bridge] = was;
  }
  crash_point("redirect: before the note");
  DSO_CHECK(
      replace_file(path(rotation_id), boost::json::serialize(boost::json::object{{"route_localnet_before", before}}), 0600));
  crash_point("redirect: noted");
  return {};
}

Result<void> RedirectNotes::erase(const std::string& rotation_id) const {
  crash_point("redirect: before the note goes");
  if (unlink(path(rotation_id).c_str()) != 0 && errno != ENOENT)
    return io_error("Cannot remove '" + path(rotation_id) + "'", errno);
  crash_point("redirect: the note is gone");
  return {};
}

std::vector<std::string> RedirectNotes::rotation_ids() const {
  std::vector<std::string> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(folder_.c_str()), closedir);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
    const std::string name = entry->d_name;
    const std::string id = name.substr(0, name.find('.'));
    if (name == id + ".json" && rotation_of(redirect_name(id)) == id) ids.push_back(id);
  }
  return ids;
}

bool RedirectNotes::others_need(const std::string& bridge, const std::string& rotation_id) const {
  for (const std::string& other : rotation_ids())
    if (other != rotation_id && read(other).contains(bridge)) return true;
  return false;
}

bool route_localnet(const std::string& bridge) {
  const UniqueFd fd(open(setting(bridge).c_str(), O_RDONLY | O_CLOEXEC));
  char digit = '0';
  return fd && ::read(fd.get(), &digit, 1) == 1 && digit == '1';
}

Result<void> set_route_localnet(const std::string& bridge, bool on) {
  if (route_localnet(bridge) == on) return {};
  const std::string what = "Cannot set route_localnet of the bridge '" + bridge + "'";
  const UniqueFd fd(open(setting(bridge).c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT && !on) return {};
  crash_point("redirect: before route_localnet");
  if (!fd || ::write(fd.get(), on ? "1" : "0", 1) != 1)
    return io_error(what, errno, "The agent must be able to write below /proc/sys/net.");
  crash_point("redirect: route_localnet is set");
  return {};
}

}  // namespace dso
