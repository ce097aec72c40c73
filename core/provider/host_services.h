// What one instance's provider may borrow from the agent: HTTP within its egress list, named files, its kind's environment,
// hashes, signatures and log lines. Answers the questions that come from the child; decides nothing about the child itself.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "model/config.h"
#include "net/http_client.h"
#include "provider/egress.h"
#include "provider/lease_book.h"
#include "provider/messages.h"

namespace dso {

/// Sends a request whose origin was approved. Thread-safe; follows no redirects.
using HttpLender =
    std::function<Result<HttpResponse>(const HttpRequest& request, const Deadline& deadline, std::stop_token stop)>;

/// Requests of one instance that are under way at once, at most.
inline constexpr std::size_t kRequestsAtOnce = 8;

/// One thread at a time.
class HostServices {
 public:
  HostServices(const ProviderInstance& instance, HttpLender http, EnvLookup env);

  /// Who knows which leases are in use; without one all are. Must outlive this object.
  void lend_leases(const LeaseBook* book) { leases_ = book; }
  /// Resets what is counted per call.
  void begin_call(const Deadline& deadline, std::stop_token stop);
  /// Where a provider would have us listen, if its config allows that: ws is http there, and wss https. Any thread.
  Result<HttpRequest> event_request(std::string url, HttpHeaders headers) const;
  /// The payload of the `answer` frame; nothing for a message that is no question.
  std::optional<SecretBuffer> serve(const ipc::ChildMessage& question);
  /// Several requests at once; `give` gets each one's payload, in their order. False from it ends the handing out.
  void serve_all(const ipc::HttpAllCall& question, const std::function<bool(const SecretBuffer&)>& give) const;

 private:
  SecretBuffer answer(const ipc::HttpCall& call) const;
  SecretBuffer answer(const ipc::ReadFileCall& call);
  SecretBuffer answer(const ipc::EnvCall& call);
  SecretBuffer answer(const ipc::SignCall& call);
  SecretBuffer answer(const ipc::CredentialProcessCall& call);
  std::string what_to_do_when_late(const std::string& origin) const;
  Error no_time_left(const std::string& origin) const;
  void write_log(const ipc::LogLine& line);

  std::string instance_;
  std::vector<std::string> kinds_;
  std::vector<std::string> origins_;
  std::set<std::string> files_;   ///< Read only if nobody else can change them (base/trusted_file.h).
  std::set<std::string> proofs_;  ///< Read whoever owns them.
  std::chrono::milliseconds timeout_;
  HttpLender http_;
  EnvLookup env_;
  Deadline deadline_ = Deadline::never();
  std::stop_token stop_;
  int lines_ = 0;
  const LeaseBook* leases_ = nullptr;
  bool may_run_programs_;
  std::set<std::string, std::less<>> programs_;  ///< That files named which were lent.
};

/// One harmless line of at most 1 KiB: control characters as \xNN, a cut marked with "…".
std::string log_text(std::string_view foreign);

}  // namespace dso
