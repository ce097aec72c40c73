// The agent's side of one provider process: starts it, makes one call at a time while lending it what it asks for, and ends
// it when it crashes, hangs or talks nonsense. Decides nothing about starting again.
#pragma once
#include <sys/types.h>

#include <memory>
#include <string>
#include <variant>

#include "provider/call_answers.h"
#include "provider/frame_channel.h"
#include "provider/guest_limits.h"
#include "provider/host_services.h"

namespace dso {

struct ProviderFacts {
  std::string name, semver;
  std::uint32_t abi = 0;
  std::uint64_t capabilities = 0;
};

/// Why a process is no more, for people: "it crashed (SIGSEGV)", "it did not answer within 10 s".
struct ProcessDeath {
  std::string cause;
  std::string next;
  bool hung = false;     ///< It took too long.
  bool refused = false;  ///< It does not fit this host: starting it again changes nothing.
};

/// One thread at a time. Without `close` the destructor kills the process if it does not end at once; it is always reaped.
class HostProcess {
 public:
  /// Until the library is loaded and fits.
  static std::variant<std::unique_ptr<HostProcess>, ProcessDeath> start(const std::string& exe, int so_fd, bool network,
                                                                        const Deadline& deadline, std::stop_token stop);
  ~HostProcess();
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  struct Outcome {
    std::optional<ProcessDeath> death;  ///< Set: the process is gone and no answer counts.
    std::optional<Error> error;         ///< Set: the provider says that the whole call failed; `what` is empty.
    bool stopped = false;               ///< `stop` came; the process lives unless `death` is set.
  };
  /// `type` is open, fetch, versions, list, renew or events. What it emits goes into `answers`.
  Outcome call(ipc::FrameType type, const ipc::CallMessage& message, HostServices& services, CallAnswers& answers,
               const Deadline& deadline, std::stop_token stop);

  /// Asks the process to end and serves its questions meanwhile: it may give back tokens and leases. At the deadline it is ended
  /// by force.
  void close(HostServices& services, const Deadline& deadline);

  /// What it has done since the last call ended.
  IdleGuest idle() const;

  const ProviderFacts& facts() const { return facts_; }
  pid_t pid() const { return pid_; }

 private:
  HostProcess(pid_t pid, UniqueFd socket);
  /// Ends and reaps the process, if need be by force, and says how it ended.
  ProcessDeath bury(ipc::Io io);
  bool wait_for_exit(std::chrono::milliseconds patience);
  std::chrono::nanoseconds cpu_time() const;
  void note_end_of_call();

  pid_t pid_;
  UniqueFd pidfd_;
  int status_ = 0;
  bool reaped_ = false;
  ipc::FrameChannel channel_;
  ProviderFacts facts_;
  std::chrono::nanoseconds cpu_then_{0};  ///< When its last call ended.
  std::chrono::steady_clock::time_point idle_since_;
};

}  // namespace dso
