// What is delivered into a container, and where: a scope is one container's (or one compose service's) folder on tmpfs.
// Names, paths and modes only; a scope can be written to disk because it holds no value.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/secret.h"

namespace dso {

/// One secret of a scope.
struct DeliveryItem {
  SecretKey secret;
  Inject inject;
  std::vector<Mapping> mappings;  ///< Empty: every field under its own name (env: upper-cased).
};

struct Scope {
  std::string id;       ///< [a-z0-9_.-]{1,128}; the folder's name on tmpfs.
  std::string service;  ///< For people: the container's name, or the compose project and service.
  std::vector<DeliveryItem> items;
  std::optional<std::uint32_t> user_uid, user_gid;  ///< The container's own user, where known by number.
  /// That of a user who is known by name, as the image has it: he alone reads the variables' file. Files stay as Docker's own
  /// secrets are, since programs of other users in the container may read them.
  std::optional<std::uint32_t> named_uid = {};
};

/// A file as it will lie in a scope. `field_of` names the value; the bytes are borrowed from the fetched secrets.
struct PlannedFile {
  std::string folder;  ///< Inside the container, absolute, without a trailing '/': "/run/secrets".
  std::string name;    ///< One path component.
  std::string_view content;
  std::optional<std::uint32_t> uid, gid;
  std::uint32_t mode = 0400;
  SecretKey secret = {};   ///< Whose value it is.
  std::string field = {};  ///< Which of its fields, as the mapping names it.
};
struct PlannedEnv {
  std::string name;
  std::string_view content;
  SecretKey secret = {};
  std::string field = {};
};
/// Everything that one scope needs at one moment.
struct DeliveryPlan {
  std::vector<PlannedFile> files;
  std::vector<PlannedEnv> env;
  std::vector<SecretBytes> derived;  ///< Values that only a mapping ('#a.b') made; `content` may point into them.
};

/// A bind mount that makes a scope's folder visible inside: always of a folder, so that renames in it are seen live.
struct ScopeMount {
  std::string host_path;
  std::string container_path;
};

/// What lies in a scope right now; kept beside the files on tmpfs, so it lives exactly as long as they do.
struct DeliveredSecret {
  SecretKey secret;
  std::string version;                 ///< The store's, may be empty.
  std::string digest;                  ///< HMAC with the per-boot key over all fields.
  std::int64_t delivered_at_ms = 0;    ///< Unix time, for people: somebody may set that clock.
  std::int64_t delivered_boot_ms = 0;  ///< Since the host started; 0: unknown (written by an older version).
  /// HMAC likewise over what the scope's containers are given of it, files and variables: a field that nobody uses changes the
  /// digest and not this. Empty: not known (written by an older version).
  std::string given = {};
};
/// By what is compared whether a container has a value.
inline const std::string& given_digest(const DeliveredSecret& d) {
  return d.given.empty() ? d.digest : d.given;
}
/// A container whose health was good when it was told of the newest value, and is looked at for a while more.
struct Monitored {
  std::int64_t since_boot_ms = 0;  ///< Since the host started.
  int restarts = 0;                ///< Of the engine's own, at that time.
  bool was_unhealthy = false;      ///< Already then (a signal asks for no health).
  std::int64_t told_boot_ms = 0;   ///< Who asks it to end since then ends it; the value does not.
};
struct ScopeState {
  Scope scope;
  std::vector<DeliveredSecret> delivered;
  /// Container id -> digest per secret ("instance/name") that the container's process has been told of (signal, restart, start).
  std::map<std::string, std::map<std::string, std::string>> applied;
  /// "instance/name" -> digest of a value that was rolled back from here: not delivered again until the store has another one.
  std::map<std::string, std::string> refused;
  /// Likewise what of it was given: another value of a field that nobody uses is no other value.
  std::map<std::string, std::string> refused_given = {};
  /// Container id -> when it was asked to restart with what is delivered here (unix ms). It leaves with the verdict: what is in
  /// it was cut off, and whoever comes next waits for its health, or brings the last good value back.
  std::map<std::string, std::int64_t> restarting = {};
  std::map<std::string, Monitored> monitored = {};  ///< By container id.
  /// What its containers are given: "/run/secrets/db" for a file, "PASSWORD" for a variable. Empty: not known (written by an
  /// older version).
  std::vector<std::string> given_names = {};
  std::string previous_scope;  ///< Of a rolling update: the scope that it came from, kept for `dso rollback`; may be gone.
  std::map<std::string, std::string> last_rotation;  ///< Container id -> one line for people.
};

}  // namespace dso
