// What a redirect has changed that no rule shows: route_localnet of bridges, and its value before. One file a redirect,
// <state_dir>/redirects/<rotation id>.json, written before the change. No secrets, no container names.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace dso {

class RedirectNotes {
 public:
  explicit RedirectNotes(const std::string& state_dir) : folder_(state_dir + "/redirects") {}

  /// Held while notes and route_localnet change: two rotations on one bridge must see each other's.
  Result<UniqueFd> lock(const Deadline& d) const;
  /// Bridge -> its route_localnet before any redirect. Empty for a redirect without a note, and for one that cannot be read (then
  /// route_localnet stays as it is).
  std::map<std::string, bool> read(const std::string& rotation_id) const;
  /// A former value that any note has already is the true one.
  Result<void> write(const std::string& rotation_id, const std::vector<std::string>& bridges) const;
  Result<void> erase(const std::string& rotation_id) const;
  std::vector<std::string> rotation_ids() const;
  /// Another redirect's note names the bridge.
  bool others_need(const std::string& bridge, const std::string& rotation_id) const;

 private:
  std::string path(const std::string& rotation_id) const { return folder_ + "/" + rotation_id + ".json"; }
  std::string folder_;
};

/// A bridge that is gone: false, and setting it is no error.
bool route_localnet(const std::string& bridge);
Result<void> set_route_localnet(const std::string& bridge, bool on);

}  // namespace dso
