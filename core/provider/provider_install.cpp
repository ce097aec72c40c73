// A file is staged in the folder itself: there it can be loaded (a download's file system may be noexec, its mode 0600) and
// renamed. Between the two renames (file, list) a crash leaves a pair that does not fit: it is refused until installed again.
#include "provider/provider_install.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/digest.h"
#include "base/file.h"
#include "logic/version_order.h"
#include "provider/host_process.h"
#include "provider/provider_file.h"

namespace dso {
namespace {

constexpr const char* kStaged = ".incoming";

FileOwner owner() {
  if (geteuid() != 0) return {};
  return {.uid = 0, .gid = 0};
}

/// One change at a time; the folder's own descriptor is the lock, so that no further file lies there.
Result<void> only_me(const ProviderFolder& folder) {
  if (flock(folder.fd.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return make_error(ErrorClass::io, "Cannot change the provider folder '" + folder.path + "'",
                    "another dso is changing it at this moment", "Try again.");
}

Result<ProviderFolder> open_to_change(const ProviderPlaces& places) {
  DSO_TRY(ProviderFolder folder, open_provider_folder(places.folder, places.trust));
  if (access(folder.path.c_str(), W_OK) != 0)
    return io_error("Cannot change the provider folder '" + folder.path + "'", errno,
                    "Run it as root, or let DSO_PROVIDER_DIR name a folder of your own.");
  DSO_CHECK(only_me(folder));
  // Who held it before may have written another list meanwhile.
  DSO_TRY(ProviderFolder again, open_provider_folder(places.folder, places.trust));
  folder.lock = std::move(again.lock);
  return folder;
}

Result<void> write_lock(const ProviderFolder& folder, const ProviderLock& lock) {
  return replace_file(folder.lock_path(), provider_lock_text(lock), 0644, owner());
}

const LockedProvider* find_installed(const ProviderFolder& folder, const ProviderTrust& trust, const std::string& sha256) {
  if (!folder.lock) return nullptr;
  for (const LockedProvider& p : folder.lock->providers())
    if (p.sha256 == sha256 && open_provider_file(folder, p.name, trust).has_value()) return &p;
  return nullptr;
}

/// What the entry is to say of who signed it.
struct Signed {
  std::string signer, signature;
};
/// `installed`: that very content lies there and may be loaded; its own signature will do where there is no new one.
Result<Signed> signed_by(const ProviderFolder& folder, const std::string& source, const std::string& content,
                         const LockedProvider* installed) {
  if (!folder.keys) return installed ? Signed{installed->signer, installed->signature} : Signed{};
  DSO_TRY(const auto signature, read_signature_of(source));
  if (!signature && installed) return Signed{installed->signer, installed->signature};
  DSO_TRY(const ProviderKey key, check_signature(*folder.keys, source, content, signature));
  return Signed{key.fingerprint, signature_base64(*parse_signature(*signature))};
}

Result<ProviderFacts> load_once(const std::string& path, const std::string& source, const std::string& exe) {
  const std::string what = "Cannot install the provider '" + source + "'";
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return io_error(what, errno);
  auto started = HostProcess::start(exe, fd.get(), false, Deadline::in(std::chrono::seconds(5)), {});
  if (const auto* death = std::get_if<ProcessDeath>(&started))
    return make_error(ErrorClass::plugin, what, death->cause, death->next);
  ProviderFacts facts = std::get<std::unique_ptr<HostProcess>>(started)->facts();
  if (facts.name == "local") return make_error(ErrorClass::plugin, what, "it calls itself 'local', which is DSO's own store");
  if (!is_provider_type(facts.name))
    return make_error(ErrorClass::plugin, what, "it calls itself '" + facts.name + "', which is no name",
                      "This is a mistake in the provider.");
  return facts;
}

Result<void> not_older(const std::string& source, const ProviderFacts& facts, const std::string& installed) {
  const auto order = compare_versions(facts.semver, installed);
  if (order && std::is_gteq(*order)) return {};
  return make_error(
      ErrorClass::plugin, "Cannot install the provider '" + source + "'",
      (order ? "it is older than what is installed: version " : "whether it is older cannot be told: it is version ") +
          facts.semver + " of '" + facts.name + "', and there is " + installed,
      "An older one may have holes that are closed by now. If you mean it: dso provider install --allow-downgrade " + source +
          ".");
}

}  // namespace

Result<InstalledProvider> install_provider(const std::string& source, const ProviderPlaces& places, bool allow_downgrade) {
  DSO_TRY(const std::string content, read_text_file(source, kMaxLibrary));
  DSO_CHECK(make_folders(places.folder, 0755));
  DSO_TRY(const ProviderFolder folder, open_to_change(places));
  const std::string sha256 = sha256_hex(content);
  const LockedProvider* installed = find_installed(folder, places.trust, sha256);
  DSO_TRY(const Signed by, signed_by(folder, source, content, installed));
  const std::string signer = folder.keys ? signer_text(folder.keys, by.signer) : "";

  InstalledProvider out;
  const std::string staged = folder.path + "/" + kStaged;
  DSO_CHECK(replace_file(staged, content, 0644, owner()));
  auto facts = load_once(staged, source, places.exe);
  if (facts.has_error()) {
    unlink(staged.c_str());
    return std::move(facts).error();
  }
  // Name and version are those of the library, which the signature covers, never those of the list.
  if (installed && installed->signature == by.signature && installed->name == facts->name &&
      installed->version == facts->semver) {
    unlink(staged.c_str());
    return InstalledProvider{
        installed->name, installed->version, folder.path_of(installed->name), sha256, signer, installed->version, true};
  }
  ProviderLock lock = folder.lock.value_or(ProviderLock());
  if (const LockedProvider* before = lock.find(facts->name)) out.previous = before->version;
  if (!out.previous.empty() && !installed && !allow_downgrade)
    if (auto checked = not_older(source, *facts, out.previous); checked.has_error()) {
      unlink(staged.c_str());
      return std::move(checked).error();
    }
  out.name = facts->name;
  out.version = facts->semver;
  out.path = folder.path_of(out.name);
  out.sha256 = sha256;
  out.signer = signer;
  if (std::rename(staged.c_str(), out.path.c_str()) != 0) {
    const int failed = errno;
    unlink(staged.c_str());
    return io_error("Cannot write '" + out.path + "'", failed);
  }
  lock.put({out.name, out.version, provider_file_name(out.name), sha256, by.signer, by.signature});
  DSO_CHECK(write_lock(folder, lock));
  return out;
}

Result<std::string> remove_provider(const std::string& name, const ProviderPlaces& places) {
  const std::string what = "Cannot remove the provider '" + name + "'";
  const Error none = make_error(ErrorClass::not_found, what, "it is not installed in '" + places.folder + "'",
                                "`dso provider list` shows which are.");
  if (!is_provider_type(name) || access(places.folder.c_str(), F_OK) != 0) return none;
  DSO_TRY(const ProviderFolder folder, open_to_change(places));
  const LockedProvider* locked = folder.lock ? folder.lock->find(name) : nullptr;
  const std::string path = folder.path_of(name), version = locked ? locked->version : "";
  if (!locked && access(path.c_str(), F_OK) != 0) return none;
  if (locked) {  // first: a file that is not listed is not loaded
    ProviderLock lock = *folder.lock;
    lock.drop(name);
    DSO_CHECK(write_lock(folder, lock));
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return io_error(what, errno);
  return version;
}

Result<std::vector<VerifiedProvider>> verify_providers(const ProviderPlaces& places) {
  DSO_TRY(const ProviderFolder folder, open_provider_folder(places.folder, places.trust));
  if (!folder.lock)
    return make_error(ErrorClass::plugin, "Cannot verify the providers in '" + folder.path + "'",
                      std::string("there is no ") + kProviderLockName + " to compare them with",
                      "Install each one: dso provider install FILE.");
  std::set<std::string> names;
  for (const LockedProvider& p : folder.lock->providers()) names.insert(p.name);
  for (std::string& type : provider_types(folder.path)) names.insert(std::move(type));
  std::vector<VerifiedProvider> out;
  for (const std::string& name : names) {
    VerifiedProvider one;
    one.name = name;
    one.path = folder.path_of(name);
    if (const LockedProvider* locked = folder.lock->find(name)) {
      one.version = locked->version;
      one.sha256 = locked->sha256;
      one.signer = locked->signer;
      one.key = signer_text(folder.keys, locked->signer);
    }
    const auto file = open_provider_file(folder, name, places.trust);
    if (file.has_error()) {
      const Error& e = file.error();
      // What is missing has no next step but this one, whatever else there is.
      one.problem = e.cls == ErrorClass::config ? e.cause + ". Install it again, or: dso provider remove " + name + "."
                                                : e.cause + (e.next.empty() ? "" : ". " + e.next);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace dso
