// Opens each store once, on first use, and asks it for one secret.
#include "agent/sources.h"

#include <unistd.h>

#include <thread>
#include <vector>

#include "agent/fetch_pieces.h"
#include "provider/provider_source.h"
#include "vault/local_store.h"

namespace dso {

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
  options.provider_keys = paths.provider_keys;
  return open_provider(instance, options, deadline);
}

namespace {

/// On a thread of its own: it may take its time to give back what was lent to it.
std::jthread end(std::shared_ptr<SecretSource> source) {
  return std::jthread([ends = std::move(source)]() mutable { ends.reset(); });
}

Error no_such_instance(const std::string& instance, const Config& config) {
  Error e;
  e.cls = ErrorClass::config;
  e.what = "Cannot use the provider '" + instance + "'";
  e.cause = "no instance of that name is configured" +
            (config.file.empty() ? std::string(" (no dso.yaml was found)") : " in " + config.file);
  e.next = "Add it under `providers:`.";
  return e;
}

}  // namespace

Sources::Sources(Config config, Paths paths, OpenSource open) : paths_(std::move(paths)), open_(std::move(open)) {
  configs_.push_back(std::make_unique<const Config>(std::move(config)));
  current_ = configs_.back().get();
}

/// All at once.
Sources::~Sources() {
  for (auto& slot : slots_) ending_.push_back(end(std::move(slot.second->source)));
}

void Sources::use(Config config, const std::set<std::string>& outdated) {
  const std::lock_guard lock(mutex_);
  configs_.push_back(std::make_unique<const Config>(std::move(config)));
  current_ = configs_.back().get();
  for (const std::string& name : outdated)
    if (auto slot = slots_.extract(name)) ending_.push_back(end(std::move(slot.mapped()->source)));
}

Result<std::shared_ptr<SecretSource>> Sources::get(const std::string& instance, const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  const ProviderInstance* found = config().find_provider(instance);
  if (!found) return no_such_instance(instance, config());
  auto& there = slots_[instance];
  if (!there) there = std::make_shared<Slot>();
  const std::shared_ptr<Slot> slot = there;  // ours, though another config takes its place meanwhile
  if (!opened_.wait_until(lock, deadline.time(), [&slot] { return !slot->opening; }))
    return make_error(ErrorClass::timeout, "Cannot use the provider '" + instance + "'", "it is still being opened");
  if (slot->source) return slot->source;
  slot->opening = true;
  lock.unlock();
  Result<std::unique_ptr<SecretSource>> source =
      make_error(ErrorClass::unavailable, "Cannot use the provider '" + instance + "'", {});
  try {
    source = open_(*found, paths_, deadline);
  } catch (const std::bad_alloc& refused) {  // of a value: secret_memory.h
    source.error().cause = refused.what();
  }
  lock.lock();
  slot->opening = false;
  opened_.notify_all();
  if (source.has_error()) return std::move(source).error();
  slot->source = std::move(*source);
  return slot->source;
}

Result<std::vector<SecretValue>> fetch_all(Sources& sources, const std::string& instance, const std::vector<SecretRef>& refs,
                                           const Deadline& deadline, std::stop_token stop) {
  const auto named = [](Error e, const SecretRef& ref) {
    const std::string before = e.what;
    e.what = "Failed to fetch secret '" + ref.name + "'";
    if (e.cause.empty()) e.cause = before;
    return e;
  };
  std::vector<SecretValue> out;
  if (refs.empty()) return out;
  auto source = sources.get(instance, deadline);
  if (source.has_error()) {
    Error e = source.error();
    e.cause = e.what + (e.cause.empty() ? "" : ": " + e.cause);
    return named(std::move(e), refs.front());
  }
  out.reserve(refs.size());
  for (std::size_t at = 0; at < refs.size(); at += kFetchedAtOnce) {
    const auto asked = piece_of(refs, at, kFetchedAtOnce);
    auto answers = (*source)->fetch(asked, deadline, stop);
    if (answers.size() != asked.size()) {
      Error e;
      e.cls = ErrorClass::malformed;
      e.cause =
          "the provider gave " + std::to_string(answers.size()) + " answers to " + std::to_string(asked.size()) + " questions";
      return named(std::move(e), asked.front());
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (answers[i].has_error()) return named(answers[i].error(), asked[i]);
      out.push_back(std::move(*answers[i]));
    }
  }
  return out;
}

Result<SecretValue> fetch_one(Sources& sources, const SecretKey& key, const std::string& version, const Deadline& deadline,
                              std::stop_token stop) {
  DSO_TRY(auto values, fetch_all(sources, key.instance, {{key.name, version}}, deadline, std::move(stop)));
  return std::move(values.front());
}

}  // namespace dso
