// One provider instance as a SecretSource: supervises its process, turns answers into secrets and failures into errors that
// name the secret, and asks again where that may help.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>

#include "model/config.h"
#include "model/events.h"
#include "model/leases.h"
#include "model/secret.h"
#include "model/store_clock.h"
#include "provider/host_process.h"
#include "provider/lease_book.h"
#include "provider/net_lender.h"
#include "provider/provider_file.h"
#include "provider/retry.h"

namespace dso {

struct SourceParts {
  ProviderInstance instance;
  ProviderFile file;
  std::string exe;
  HttpLender http;
  EventLender listen = {};  ///< None: events are not listened to.
  EnvLookup env;
  RestartPolicy restart = {};
  std::function<double()> random;  ///< In [0, 1).
};

/// Thread-safe: one call at a time reaches the provider, the others wait, each until its own deadline.
class SupervisedSource final : public SecretSource, public Leases, public Events, public StoreClock {
 public:
  explicit SupervisedSource(SourceParts parts);
  /// Lets the provider give back what nobody uses, for at most kClosePatience.
  ~SupervisedSource() override;
  static constexpr std::chrono::milliseconds kClosePatience{2000};

  /// Starts and opens now instead of at the first call: for errors at once.
  Result<void> open(const Deadline& deadline, std::stop_token stop);

  std::vector<Result<SecretValue>> fetch(std::span<const SecretRef> refs, const Deadline& deadline,
                                         std::stop_token stop) override;
  std::vector<Result<std::string>> versions(std::span<const SecretRef> refs, const Deadline& deadline,
                                            std::stop_token stop) override;
  Result<std::vector<std::string>> list(const Deadline& deadline, std::stop_token stop) override;
  std::string identity() override;
  std::optional<std::chrono::milliseconds> lease_left(const std::string& name) override;
  void keep_lease(const std::string& name) override;
  Error listen(const std::function<void()>& changed, std::stop_token stop) override;
  std::optional<std::chrono::seconds> clock_ahead() override;

 private:
  /// The one error of a whole call; `may_retry` is false when the process died or must not be asked again.
  struct CallError {
    Error error;
    bool may_retry = true;
    bool alone = false;  ///< The process died of what one of several may have done: each is to be asked for alone.
  };
  /// The time of one operation, its retries within it: the caller's, and the instance's `timeout` from the first turn on. What
  /// others took before is not its own.
  struct Operation {
    Deadline deadline;
    bool begun = false;
    std::chrono::milliseconds took{0};  ///< Of its last try, without the wait for its turn.
  };
  template <class T, class Take>
  std::vector<Result<T>> ask(ipc::FrameType type, std::span<const SecretRef> refs, const std::string& verb, Operation operation,
                             std::stop_token stop, Take&& take);
  std::optional<CallError> call(ipc::FrameType type, std::span<const SecretRef* const> refs, CallAnswers& answers,
                                Operation& operation, std::stop_token stop);
  std::optional<CallError> call_in_turn(ipc::FrameType type, std::span<const SecretRef* const> refs, CallAnswers& answers,
                                        const Deadline& mine, std::stop_token stop);
  std::optional<Error> run(const Deadline& deadline, std::stop_token stop);
  void stop_what_does_not_rest();
  std::optional<Error> start(const Deadline& deadline, std::stop_token stop);
  std::optional<Error> open_instance(const Deadline& deadline, std::stop_token stop);
  Error died(const ProcessDeath& death);
  void note_time(const HttpResponse& answer);

  const SourceParts parts_;
  LeaseBook leases_;
  static constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::max();
  std::atomic<std::int64_t> ahead_s_ = kNoTime;
  HostServices services_;  // the turn's holder only
  std::unique_ptr<HostProcess> process_;
  int deaths_ = 0;  // in a row, without a call that succeeded between
  std::chrono::steady_clock::time_point last_death_{};
  std::string last_cause_;
  std::optional<std::chrono::steady_clock::time_point> restless_told_;
  ErrorClass last_class_ = ErrorClass::unavailable;

  std::mutex mutex_;  // of what follows; never held during a call
  std::condition_variable_any turn_over_;
  bool busy_ = false;
  std::string identity_;

  class Turn;
};

/// {"name", "type", "settings": {…}, "auth": {"method", "params": {…}}}, as the ABI promises; in locked memory, since a
/// parameter may be a credential.
SecretBuffer config_for_provider(const ProviderInstance& instance);

}  // namespace dso
