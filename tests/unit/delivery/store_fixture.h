// A store in a temporary folder of its own, unmounted and removed at the end, and short ways to plan and read.
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "base/file.h"
#include "base/temp_folder.h"
#include "delivery/tmpfs_store.h"

namespace dso::test {

struct TempRoot {
  std::string path;
  TempRoot() {
    char name[] = "/tmp/dso-delivery-XXXXXX";
    path = mkdtemp(name);
  }
  ~TempRoot() {
    while (umount2((path + "/run/secrets").c_str(), MNT_DETACH) == 0) {
    }
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TempRoot(const TempRoot&) = delete;
  RunPaths paths() const { return {path + "/run", path + "/state"}; }
};

/// Content for a plan; must outlive it. Paths are absolute ("/run/secrets/a"), variables are "NAME".
using Content = std::map<std::string, std::string>;

inline DeliveryPlan plan_of(const Content& content) {
  DeliveryPlan plan;
  for (const auto& [key, value] : content) {
    const auto slash = key.rfind('/');
    if (slash == std::string::npos) {
      plan.env.push_back({key, value});
      continue;
    }
    PlannedFile file;
    file.folder = key.substr(0, slash);
    file.name = key.substr(slash + 1);
    file.content = value;
    plan.files.push_back(std::move(file));
  }
  return plan;
}

/// A state of scope `id` whose one delivered secret has this digest.
inline ScopeState state_of(const std::string& id, const std::string& digest) {
  ScopeState s;
  s.scope.id = id;
  s.scope.service = "service of " + id;
  s.scope.items.push_back({{"prod", "app/db"}, {}, {{"password", "a"}}});
  s.delivered.push_back({{"prod", "app/db"}, "7", digest, 12345, 678});
  s.applied["container"]["prod/app/db"] = digest;
  s.last_rotation["container"] = "restart";
  return s;
}

/// As the agent writes: the file /run/secrets/a with this value, and the secret beside it.
inline void write_with_secret(TmpfsStore& store, const std::string& digest, const std::string& value) {
  std::map<SecretKey, SecretValue> values;
  values[{"prod", "app/db"}].version = digest;
  values[{"prod", "app/db"}].fields.push_back({"password", SecretBytes::copy_of(value)});
  const Content content{{"/run/secrets/a", value}};
  BOOST_REQUIRE(store.write(state_of("s", digest), plan_of(content), values).has_value());
}

inline std::string digest_of(const Result<ScopeState>& state) {
  if (state.has_error()) return std::string(class_name(state.error().cls));
  return state->delivered.empty() ? "" : state->delivered[0].digest;
}

inline std::string folder_in(const TmpfsStore& store, const std::string& id, const std::string& container_path) {
  PlannedFile file;
  file.folder = container_path;
  DeliveryPlan plan;
  plan.files.push_back(file);
  return store.mounts(id, plan).at(0).host_path;
}

inline std::set<std::string> names_in(const std::string& path) {
  std::set<std::string> out;
  for (const auto& e : std::filesystem::directory_iterator(path)) out.insert(e.path().filename());
  return out;
}

/// The visible files of a folder with their contents: "a=1 b=2 ".
inline std::string show_folder(const std::string& path) {
  std::string out;
  for (const std::string& name : names_in(path))
    if (!name.starts_with("..")) out += name + "=" + slurp(path + "/" + name) + " ";
  return out;
}

inline std::size_t generations_in(const std::string& path, bool given_up = false) {
  std::size_t n = 0;
  for (const std::string& name : names_in(path)) {
    const auto mode = std::filesystem::symlink_status(path + "/" + name).permissions();
    n += name.starts_with("..g-") && given_up == ((mode & std::filesystem::perms::sticky_bit) != std::filesystem::perms::none);
  }
  return n;
}

struct StoreFixture {
  TempRoot root;
  TmpfsStore store = TmpfsStore::open(root.paths()).value();

  void write(const std::string& id, const std::string& digest, const Content& content) {
    auto r = store.write(state_of(id, digest), plan_of(content));
    BOOST_REQUIRE_MESSAGE(r.has_value(), (r.has_error() ? render(r.error()) : std::string()));
  }
  std::string folder(const std::string& id, const std::string& container_path = "/run/secrets") const {
    return folder_in(store, id, container_path);
  }
};

}  // namespace dso::test
