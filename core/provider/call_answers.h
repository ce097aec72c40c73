// What a provider emitted during one call, reference by reference, judged: whole answers, errors, or nothing. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/secret.h"
#include "net/http_client.h"
#include "provider/messages.h"

namespace dso {

struct Lease {
  std::string id;
  std::chrono::seconds duration{0};
  bool renewable = false;
};

/// One thread. Values are copied into locked memory once.
class CallAnswers {
 public:
  explicit CallAnswers(std::size_t refs) : refs_(refs) {}

  /// False: more than the host accepts in one call; the provider must be stopped.
  bool accept(const ipc::EmitField& m);
  bool accept(const ipc::EmitVersion& m);
  bool accept(const ipc::EmitLease& m);
  bool accept(const ipc::EmitError& m);
  bool accept(const ipc::EmitName& m);
  bool accept(const ipc::EmitIdentity& m);
  bool accept(const ipc::EmitEventSource& m);

  /// Once each, after the call. `what` goes into an error. No answer, or a contradictory one, is Malformed.
  Result<SecretValue> take_value(std::size_t ref, const std::string& name, std::string what);
  Result<std::string> take_version(std::size_t ref, std::string what);
  std::vector<std::string> take_names() { return std::move(names_); }
  /// There was no answer, or an error.
  bool failed(std::size_t ref) const { return refs_[ref].error || (refs_[ref].fields.empty() && !refs_[ref].version); }
  const std::optional<Lease>& lease(std::size_t ref) const { return refs_[ref].lease; }
  const std::string& identity() const { return identity_; }
  /// Where to listen, as the provider said it: not checked yet.
  struct EventSource {
    std::string url;
    HttpHeaders headers;
  };
  const std::optional<EventSource>& event_source() const { return event_source_; }

  static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;  ///< Per call, bookkeeping included.

 private:
  struct Answer {
    std::vector<SecretField> fields;
    std::optional<std::string> version;
    std::optional<Lease> lease;
    std::optional<Error> error;
    std::string mistake;
  };
  bool charge(std::size_t bytes);
  Answer* find(std::uint64_t ref);
  Error malformed(std::string what, std::string cause) const;

  std::vector<Answer> refs_;
  std::vector<std::string> names_;
  std::string identity_;
  std::optional<EventSource> event_source_;
  std::string wrong_ref_;
  std::size_t bytes_ = 0;
};

}  // namespace dso
