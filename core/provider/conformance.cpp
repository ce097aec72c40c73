// One row after the other over one process; when that is gone, what is left is skipped.
#include "provider/conformance.h"

#include "base/file.h"
#include "dso/provider.h"
#include "provider/elf_exports.h"
#include "provider/host_process.h"
#include "provider/net_lender.h"
#include "provider/provider_file.h"
#include "provider/supervised_source.h"

namespace dso {
namespace {

using ipc::FrameType;
using Status = ConformanceRow::Status;

constexpr const char* kMissing = "dso-conformance/no-such-secret";
constexpr const char* kUnknownLease = "dso-conformance/no-such-lease";
const char* const kCalls[] = {"open", "missing secret", "fetch", "fetch again", "batch", "versions", "list", "unknown lease"};

/// The store's or the credentials' fault, not the library's.
bool is_outside(ErrorClass cls) {
  return is_transient(cls) || cls == ErrorClass::access_denied || cls == ErrorClass::invalid_credentials ||
         cls == ErrorClass::credentials_unavailable || cls == ErrorClass::tls || cls == ErrorClass::clock_skew;
}

std::string names_of(const SecretValue& value) {
  std::string out;
  for (const SecretField& f : value.fields) out += (out.empty() ? "" : ", ") + log_text(f.name);
  return out.empty() ? "none" : out;
}

std::string described(const SecretValue& value) {
  return "fields " + names_of(value) + (value.version.empty() ? "; no version" : "; version " + log_text(value.version));
}

bool same_fields(const SecretValue& a, const SecretValue& b, bool values_too) {
  if (a.fields.size() != b.fields.size()) return false;
  for (const SecretField& f : a.fields) {
    const SecretField* other = b.find(f.name);
    if (!other || (values_too && !f.value.equals(other->value.reveal()))) return false;
  }
  return true;
}

class Check {
 public:
  Check(const ConformanceRequest& request, std::stop_token stop) : request_(request), stop_(std::move(stop)) {}

  /// What the tests have leased is nobody's.
  ~Check() {
    if (process_ && services_) process_->close(*services_, Deadline::in(SupervisedSource::kClosePatience));
  }
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;

  Result<std::vector<ConformanceRow>> run() {
    if (!load()) return finish("it was not loaded");
    DSO_TRY(auto instance, request_.instance(facts_.name));
    configured_ = instance.has_value();
    if (!configured_) {
      instance.emplace();
      instance->name = "test";
      instance->type = facts_.name;
    }
    instance_ = std::move(*instance);
    if (!confine() || !open()) return finish(dead_ ? "its process is gone" : "it was not opened");
    if (!dead_) missing_secret();
    if (!dead_) known_secret();
    if (!dead_) list();
    if (!dead_) unknown_lease();
    return finish("its process is gone");
  }

 private:
  void row(std::string check, Status status, std::string detail) {
    rows_.push_back({std::move(check), status, std::move(detail)});
  }
  bool ok(const char* check, std::string detail) { return row(check, Status::ok, std::move(detail)), true; }
  bool failed(const char* check, std::string detail) { return row(check, Status::failed, std::move(detail)), false; }
  void skipped(const char* check, std::string detail) { row(check, Status::skipped, std::move(detail)); }

  std::vector<ConformanceRow> finish(const char* why) {
    for (const char* check : kCalls) {
      bool there = false;
      for (const ConformanceRow& r : rows_) there = there || r.check == check;
      if (!there) skipped(check, why);
    }
    return std::move(rows_);
  }

  bool start(bool network) {
    auto started = HostProcess::start(request_.exe, file_.fd.get(), network, Deadline::in(std::chrono::seconds(5)), stop_);
    if (const auto* death = std::get_if<ProcessDeath>(&started))
      return failed("load", death->cause + (death->next.empty() ? "" : ". " + death->next));
    process_ = std::move(std::get<std::unique_ptr<HostProcess>>(started));
    facts_ = process_->facts();
    return true;
  }

  /// With an empty config it cannot be expected to reach a store; some say so when they are asked, not when they are opened.
  bool may_lack_config(ErrorClass cls) const { return !configured_ && (is_outside(cls) || cls == ErrorClass::invalid_request); }

  bool load() {
    auto file = open_untrusted_provider(request_.path);
    if (file.has_error()) return failed("file", render(file.error()));
    file_ = std::move(*file);
    ok("file", "SHA-256 " + file_.sha256);
    const auto content = read_text_file(request_.path, kMaxLibrary);
    const auto symbols = content.has_value() ? exported_symbols(*content) : std::nullopt;
    if (!symbols)
      failed("symbols", "it is no 64-bit ELF library with a table of dynamic symbols");
    else if (symbols->size() == 1 && symbols->front() == DSO_PROVIDER_SYMBOL)
      ok("symbols", "exports " DSO_PROVIDER_SYMBOL " alone");
    else
      failed("symbols", "exports " + std::to_string(symbols->size()) + " symbols, not " DSO_PROVIDER_SYMBOL +
                            " alone: hide the others with -fvisibility=hidden, -Wl,--exclude-libs,ALL and a version script");
    if (!start(false)) return false;
    const std::string abi = std::to_string(facts_.abi >> 16) + "." + std::to_string(facts_.abi & 0xffff);
    ok("load", facts_.name + " " + facts_.semver + ", ABI " + abi + ", a table of the right size");
    if (!is_provider_type(facts_.name))
      return failed("name", "'" + facts_.name + "' cannot be a kind in dso.yaml: a letter comes first");
    if (file_.type.empty()) return ok("name", facts_.name + "; installed as " + provider_file_name(facts_.name));
    if (file_.type != facts_.name)
      return failed("name", "it calls itself '" + facts_.name + "', its file says '" + file_.type + "'");
    return ok("name", facts_.name);
  }

  /// With the sandbox that its config asks for.
  bool confine() {
    const bool network = instance_.sandbox == "network";
    if ((facts_.capabilities & DSO_CAP_NETWORK) && !network)
      return failed("sandbox", "it brings its own network stack: its instance needs sandbox: network");
    if (network && !start(true)) return false;
    services_.emplace(instance_, make_net_lender(tls_options(instance_, request_.env)), request_.env);
    services_->lend_leases(&no_leases_);
    return ok("sandbox", network ? "network" : "strict");
  }

  /// False: the process is gone, and the row was written.
  bool call(const char* check, FrameType type, const ipc::CallMessage& message, CallAnswers& answers,
            std::optional<Error>& error) {
    auto outcome = process_->call(type, message, *services_, answers, Deadline::in(instance_.timeout), stop_);
    error = std::move(outcome.error);
    if (outcome.death) dead_ = true;
    if (outcome.stopped) dead_ = true;
    if (outcome.stopped) return failed(check, "interrupted");
    if (outcome.death) return failed(check, outcome.death->cause);
    return true;
  }

  bool open() {
    const SecretBuffer config = config_for_provider(instance_);
    ipc::CallMessage message;
    message.text = view(config);
    CallAnswers none(0);
    std::optional<Error> error;
    if (!call("open", FrameType::open, message, none, error)) return false;
    const std::string what = configured_ ? "with the instance '" + instance_.name + "'" : "with an empty config";
    if (!error) return ok("open", what);
    if (error->cause.empty()) return failed("open", "it refuses " + what + " without a word");
    const std::string said = "it refuses to open " + what + ": " + render(*error);
    if (configured_) return failed("open", said);
    ok("open", said);
    for (const char* check : kCalls)
      if (std::string_view(check) != "open") skipped(check, "it needs a config: -p INSTANCE or -c FILE");
    return false;
  }

  std::vector<Result<SecretValue>> fetch(const char* check, const std::vector<std::string>& names) {
    ipc::CallMessage message;
    for (const std::string& n : names) message.refs.emplace_back(n, "");
    CallAnswers answers(names.size());
    std::optional<Error> error;
    std::vector<Result<SecretValue>> out;
    if (!call(check, FrameType::fetch, message, answers, error)) return out;
    for (std::size_t i = 0; i < names.size(); ++i)
      out.push_back(error ? Result<SecretValue>(*error) : answers.take_value(i, names[i], {}));
    return out;
  }

  void missing_secret() {
    const char* check = "missing secret";
    const auto answers = fetch(check, {kMissing});
    if (answers.empty()) return;
    if (answers[0].has_value()) return void(failed(check, "it gives an answer for a secret that is not there"));
    const Error& e = answers[0].error();
    if (e.cls == ErrorClass::not_found && !e.cause.empty()) return void(ok(check, render(e)));
    if (e.cause.empty()) return void(failed(check, "its error has no text: " + render(e)));
    if (e.cls == ErrorClass::access_denied)
      return skipped(check, "the store denies it, which may hide that it is missing: " + render(e));
    if (may_lack_config(e.cls)) return skipped(check, "the store was not reached: " + render(e));
    failed(check, "must be NotFound: " + render(e));
  }

  void known_secret() {
    if (request_.secret.empty()) {
      for (const char* check : {"fetch", "fetch again", "batch", "versions"}) skipped(check, "no --secret NAME was given");
      return;
    }
    const auto first = fetch("fetch", {request_.secret});
    if (first.empty()) return;
    if (first[0].has_error()) {
      failed("fetch", render(first[0].error()));
      for (const char* check : {"fetch again", "batch", "versions"}) skipped(check, "the secret could not be fetched");
      return;
    }
    const SecretValue& value = *first[0];
    if (value.fields.empty())
      failed("fetch", "the secret has no field");
    else
      ok("fetch", described(value));
    fetch_again(value);
    if (!dead_) batch(value);
    if (!dead_) versions(value);
  }

  void fetch_again(const SecretValue& value) {
    const auto again = fetch("fetch again", {request_.secret});
    if (again.empty()) return;
    if (again[0].has_error()) return void(failed("fetch again", render(again[0].error())));
    // Without a version, or with another one, the value may well be another: a lease, or a change meanwhile.
    const bool same_version = !value.version.empty() && again[0]->version == value.version;
    if (!same_fields(value, *again[0], false)) return void(failed("fetch again", "other fields: " + described(*again[0])));
    if (same_version && !same_fields(value, *again[0], true))
      return void(failed("fetch again", "another value under the same version " + log_text(value.version)));
    ok("fetch again", same_version ? "the same version and values" : "the same fields");
  }

  /// One that is missing must not cost the other.
  void batch(const SecretValue& value) {
    const auto both = fetch("batch", {kMissing, request_.secret});
    if (both.empty()) return;
    if (both[0].has_value()) return void(failed("batch", "it gives an answer for a secret that is not there"));
    if (both[1].has_error()) return void(failed("batch", "beside a missing one it is not given: " + render(both[1].error())));
    if (!same_fields(value, *both[1], false)) return void(failed("batch", "other fields: " + described(*both[1])));
    ok("batch", "a missing secret does not cost the other");
  }

  void versions(const SecretValue& value) {
    if (!(facts_.capabilities & DSO_CAP_VERSIONS)) return skipped("versions", "the provider does not offer it");
    ipc::CallMessage message;
    message.refs.emplace_back(request_.secret, "");
    CallAnswers answers(1);
    std::optional<Error> error;
    if (!call("versions", FrameType::versions, message, answers, error)) return;
    auto version = error ? Result<std::string>(*error) : answers.take_version(0, {});
    if (version.has_error() && version.error().cls == ErrorClass::unsupported)
      return skipped("versions", "not of this secret: " + render(version.error()));
    if (version.has_error()) return void(failed("versions", render(version.error())));
    if (*version != value.version)
      return void(failed("versions", "it says " + log_text(*version) + ", fetch says " +
                                         (value.version.empty() ? "none" : log_text(value.version))));
    ok("versions", "agrees with fetch: " + log_text(*version));
  }

  void list() {
    if (!(facts_.capabilities & DSO_CAP_LIST)) return skipped("list", "the provider does not offer it");
    CallAnswers answers(0);
    std::optional<Error> error;
    if (!call("list", FrameType::list, {}, answers, error)) return;
    if (!error) return void(ok("list", std::to_string(answers.take_names().size()) + " names"));
    if (error->cls == ErrorClass::unsupported || is_outside(error->cls) || may_lack_config(error->cls))
      return skipped("list", render(*error));
    failed("list", render(*error));
  }

  void unknown_lease() {
    const char* check = "unknown lease";
    ipc::CallMessage message;
    message.text = kUnknownLease;
    CallAnswers answers(1);
    std::optional<Error> error;
    if (!call(check, FrameType::renew, message, answers, error)) return;
    if (!error) {
      const auto answer = answers.take_value(0, {}, {});
      if (answers.lease(0)) return void(failed(check, "it renews a lease that nobody has given"));
      if (answer.has_error()) error = answer.error();
    }
    if (!error) return void(failed(check, "it answers without a lease and without an error"));
    if (error->cls == ErrorClass::lease_lost || error->cls == ErrorClass::unsupported) return void(ok(check, render(*error)));
    if (may_lack_config(error->cls)) return skipped(check, "the store was not reached: " + render(*error));
    if (error->cls == ErrorClass::access_denied) return skipped(check, "the store denies it: " + render(*error));
    failed(check, "must be LeaseLost or Unsupported: " + render(*error));
  }

  const ConformanceRequest& request_;
  const std::stop_token stop_;
  std::vector<ConformanceRow> rows_;
  ProviderFile file_;
  std::unique_ptr<HostProcess> process_;
  ProviderFacts facts_;
  ProviderInstance instance_;
  const LeaseBook no_leases_;
  std::optional<HostServices> services_;
  bool configured_ = false, dead_ = false;
};

}  // namespace

std::string_view status_name(Status status) {
  return status == Status::ok ? "ok" : status == Status::failed ? "failed" : "skipped";
}

Result<std::vector<ConformanceRow>> check_conformance(const ConformanceRequest& request, std::stop_token stop) {
  return Check(request, std::move(stop)).run();
}

}  // namespace dso
