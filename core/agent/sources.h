// The stores of a config, opened when first asked for: the local store in this process, every other one in its provider child.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/paths.h"
#include "model/config.h"
#include "model/secret.h"

namespace dso {

using OpenSource = std::function<Result<std::unique_ptr<SecretSource>>(const ProviderInstance&, const Paths&, const Deadline&)>;
/// The local store in this process, every other one in its provider child.
Result<std::unique_ptr<SecretSource>> open_source(const ProviderInstance& instance, const Paths& paths, const Deadline& deadline);

/// Thread-safe. A store that takes its time to open holds up only those who ask for that one.
class Sources {
 public:
  Sources(Config config, Paths paths, OpenSource open = open_source);
  ~Sources();
  /// Shared with who asked before: a store that another config replaces ends when the last of them is done with it. Errors name
  /// the instance (Config: no such instance).
  Result<std::shared_ptr<SecretSource>> get(const std::string& instance, const Deadline& deadline);
  /// The config of now. The reference stays good for as long as this object lives, whatever `use` brings: who is in the middle of
  /// something ends it by the config that it began with.
  const Config& config() const { return *current_.load(); }
  /// Another config from now on. The stores of `outdated`, instances that it changes or leaves out, are asked by nobody who comes
  /// after this call; what was lent to them is given back as at the end of the agent. Waits for none of them.
  void use(Config config, const std::set<std::string>& outdated);

 private:
  struct Slot {
    bool opening = false;  ///< By somebody, without the lock.
    std::shared_ptr<SecretSource> source;
  };
  Paths paths_;
  const OpenSource open_;
  std::mutex mutex_;
  std::condition_variable opened_;
  std::vector<std::unique_ptr<const Config>> configs_;  ///< All there were: a few KB for each that differs.
  std::atomic<const Config*> current_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;
  std::vector<std::jthread> ending_;  ///< Last: waits for the stores that end.
};

/// Passphrase of a local store that has one: $DSO_STORE_PASSPHRASE_FILE, else a no-echo prompt if stdin is a terminal.
Result<std::optional<SecretBytes>> store_passphrase(const StoreLocation& where, bool may_prompt);

/// All of one instance, in pieces of kFetchedAtOnce, up to the first error: its `what` is "Failed to fetch secret '<name>'".
Result<std::vector<SecretValue>> fetch_all(Sources& sources, const std::string& instance, const std::vector<SecretRef>& refs,
                                           const Deadline& deadline, std::stop_token stop);

/// The whole secret, or an error whose `what` is "Failed to fetch secret '<name>'".
Result<SecretValue> fetch_one(Sources& sources, const SecretKey& key, const std::string& version, const Deadline& deadline,
                              std::stop_token stop);

}  // namespace dso
