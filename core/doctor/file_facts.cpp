// Of DSO's own files: the config, the local store, the provider folder, the CAs. Reads modes, owners and hashes, no value.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "doctor/topics.h"
#include "logic/doctor_files.h"
#include "logic/doctor_row.h"
#include "net/tls_context.h"
#include "provider/named_files.h"
#include "provider/provider_install.h"

namespace dso {
namespace {

std::vector<OwnedPath> owned_paths(const DoctorScene& scene) {
  const StoreLocation store = scene.paths.store();
  const OwnedPath candidates[] = {
      {scene.config.config.file, "config", 0, 0, false},
      {store.dir, "store's folder", 0, 0, false},
      {store.data_file(), "store", 0, 0, false},
      {store.key_file(), "key of the store", 0, 0, true},
      {scene.paths.state_dir, "state folder", 0, 0, false},
      {scene.paths.run_dir, "run folder", 0, 0, false},
      {scene.paths.provider_dir, "provider folder", 0, 0, false},
      {scene.paths.provider_dir + "/" + kProviderLockName, "list of providers", 0, 0, false},
  };
  std::vector<OwnedPath> out;
  for (OwnedPath p : candidates) {
    struct stat st {};
    if (p.path.empty() || stat(p.path.c_str(), &st) != 0) continue;  // what is missing is found missing where it is used
    p.mode = st.st_mode & 07777;
    p.uid = st.st_uid;
    out.push_back(std::move(p));
  }
  return out;
}

/// As each instance's opening asks.
std::vector<Error> distrusted_of_all(const Config& config) {
  std::vector<Error> out;
  for (const ProviderInstance& p : config.providers)
    for (Error& e : distrusted_files(p, [](const std::string& name) { return std::getenv(name.c_str()); }))
      out.push_back(std::move(e));
  return out;
}

ProviderFolderFacts provider_facts(const DoctorScene& scene) {
  ProviderFolderFacts f;
  f.folder = scene.paths.provider_dir;
  for (const ProviderInstance& p : scene.config.config.providers)
    if (p.type != "local" && std::find(f.needed.begin(), f.needed.end(), p.type) == f.needed.end()) f.needed.push_back(p.type);
  f.there = access(f.folder.c_str(), F_OK) == 0;
  ProviderPlaces places;
  places.folder = f.folder;
  places.trust.keys = scene.paths.provider_keys;
  const auto opened = open_provider_folder(f.folder, places.trust);
  if (opened.has_error()) {
    f.error = opened.error();
    return f;
  }
  f.locked = opened->lock.has_value() || opened->installed;
  if (!f.locked) {
    for (std::string& type : provider_types(f.folder)) f.files.push_back({std::move(type), {}, {}});
    return f;
  }
  auto verified = verify_providers(places);
  if (verified.has_error())
    f.error = verified.error();
  else
    for (VerifiedProvider& p : *verified) f.files.push_back({p.name, p.path, p.problem});
  return f;
}

}  // namespace

DoctorRows file_rows(const DoctorScene& scene, const Deadline&) {
  const Config& config = scene.config.config;
  DoctorRows rows = config_checks({config.file, scene.config_error, scene.config.diagnostics});
  const std::string bundle = system_authorities();
  const bool needs_cas = std::any_of(config.providers.begin(), config.providers.end(), [](const ProviderInstance& p) {
    return p.type != "local" && !p.settings.contains("ca_file");
  });
  append_rows(rows, permission_checks(owned_paths(scene), geteuid(), distrusted_of_all(config)));
  append_rows(rows, provider_checks(provider_facts(scene)));
  append_rows(rows, ca_checks(bundle, !bundle.empty() && access(bundle.c_str(), R_OK) == 0, needs_cas));
  return rows;
}

}  // namespace dso
