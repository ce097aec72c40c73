// Opens each store once, on first use, and asks it for one secret.
#include "agent/sources.h"

#include <unistd.h>

#include "provider/provider_source.h"
#include "vault/local_store.h"

namespace dso {
namespace {

Result<std::unique_ptr<SecretSource>> open_source(const ProviderInstance& instance, const Paths& paths,
                                                  const Deadline& deadline) {
  if (instance.type == "local") {
    StoreLocation where = paths.store();
    if (auto it = instance.settings.find("path"); it != instance.settings.end()) where.dir = it->second;
    DSO_TRY(auto passphrase, store_passphrase(where, isatty(STDIN_FILENO) == 1));
    return local_source(std::move(where), std::move(passphrase));
  }
  ProviderHostOptions options;
  options.provider_dir = paths.provider_dir;
  return open_provider(instance, options, deadline);
}

}  // namespace

Sources::Sources(Config config, Paths paths) : config_(std::move(config)), paths_(std::move(paths)) {}
Sources::~Sources() = default;

Result<SecretSource*> Sources::get(const std::string& instance, const Deadline& deadline) {
  std::lock_guard lock(mutex_);
  if (auto it = open_.find(instance); it != open_.end()) return it->second.get();
  const ProviderInstance* found = config_.find_provider(instance);
  if (!found) {
    Error e;
    e.cls = ErrorClass::config;
    e.what = "Cannot use the provider '" + instance + "'";
    e.cause = "no instance of that name is configured" +
              (config_.file.empty() ? std::string(" (no dso.yaml was found)") : " in " + config_.file);
    e.next = "Add it under `providers:`.";
    return e;
  }
  DSO_TRY(auto source, open_source(*found, paths_, deadline));
  return open_.emplace(instance, std::move(source)).first->second.get();
}

Result<SecretValue> fetch_one(Sources& sources, const SecretKey& key, const std::string& version, const Deadline& deadline,
                              std::stop_token stop) {
  const auto named = [&key](Error e) {
    const std::string before = e.what;
    e.what = "Failed to fetch secret '" + key.name + "'";
    if (e.cause.empty()) e.cause = before;
    return e;
  };
  auto source = sources.get(key.instance, deadline);
  if (source.has_error()) {
    Error e = source.error();
    e.cause = e.what + (e.cause.empty() ? "" : ": " + e.cause);
    return named(std::move(e));
  }
  const SecretRef ref{key.name, version};
  auto answers = (*source)->fetch(std::span(&ref, 1), deadline, stop);
  if (answers.size() != 1) {
    Error e;
    e.cls = ErrorClass::malformed;
    e.cause = "the provider gave " + std::to_string(answers.size()) + " answers to one question";
    return named(std::move(e));
  }
  if (answers[0].has_error()) return named(answers[0].error());
  return std::move(*answers[0]);
}

}  // namespace dso
