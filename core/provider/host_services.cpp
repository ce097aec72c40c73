// Each question is checked against the instance's lists first, then done.
#include "provider/host_services.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/file.h"
#include "base/log.h"
#include "base/plain_text.h"
#include "base/trusted_file.h"
#include "provider/credential_process.h"
#include "provider/crypto.h"
#include "provider/in_order.h"

namespace dso {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;
constexpr std::size_t kDefaultBody = 4 * 1024 * 1024;
constexpr std::size_t kMaxLine = 1024;
constexpr int kMaxLinesPerCall = 50;

SecretBuffer refusal(const Error& e) {
  return ipc::encode_answer({.error = ipc::to_wire(e), .status = 0, .headers = {}, .bytes = {}});
}
SecretBuffer bytes_answer(std::string_view data, std::int64_t status = 0) {
  return ipc::encode_answer({.error = {}, .status = status, .headers = {}, .bytes = data});
}

Error denied(std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::access_denied;
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

Error mistake(std::string cause) {
  return make_error(ErrorClass::invalid_request, {}, std::move(cause), "This is a mistake in the provider.");
}

/// The wire has one text for the reason: "Cannot connect to vault:8200: connection refused".
Error one_cause(Error e) {
  if (!e.what.empty() && !e.cause.empty()) e.cause = e.what + ": " + e.cause;
  return e;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::strchr("!#$%&'*+-.^_`|~", c) != nullptr;
  });
}
/// A value with a line break would start a header, or a request, of its own.
bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

}  // namespace

std::string log_text(std::string_view foreign) {
  std::string out;
  append_plain(out, foreign.substr(0, kMaxLine), "\\x0a");
  if (foreign.size() <= kMaxLine && out.size() <= kMaxLine) return out;
  std::size_t end = 0;
  for (std::size_t next = 0; next <= std::min(out.size(), kMaxLine);) {
    end = next;
    next += std::max<std::size_t>(utf8_length(std::string_view(out).substr(next)), 1);
  }
  return out.substr(0, end) + "…";
}

HostServices::HostServices(const ProviderInstance& instance, HttpLender http, EnvLookup env)
    : instance_(instance.name),
      kinds_(lent_kinds(instance)),
      origins_(egress_origins(instance, env)),
      files_(readable_files(instance)),
      proofs_(proof_files(instance)),
      timeout_(instance.timeout),
      http_(std::move(http)),
      env_(std::move(env)),
      may_run_programs_(may_run_programs(instance)) {}

void HostServices::begin_call(const Deadline& deadline, std::stop_token stop) {
  deadline_ = deadline;
  stop_ = std::move(stop);
  lines_ = 0;
}

std::optional<SecretBuffer> HostServices::serve(const ipc::ChildMessage& question) {
  if (const auto* m = std::get_if<ipc::HttpCall>(&question)) return answer(*m);
  if (const auto* m = std::get_if<ipc::ReadFileCall>(&question)) return answer(*m);
  if (const auto* m = std::get_if<ipc::EnvCall>(&question)) return answer(*m);
  if (const auto* m = std::get_if<ipc::SignCall>(&question)) return answer(*m);
  if (const auto* m = std::get_if<ipc::Sha256Call>(&question)) {
    const Digest256 d = sha256_raw(m->data);
    return bytes_answer({d.data(), d.size()});
  }
  if (const auto* m = std::get_if<ipc::HmacCall>(&question)) {
    const Digest256 d = hmac_sha256_raw(m->key, m->data);
    return bytes_answer({d.data(), d.size()});
  }
  if (const auto* m = std::get_if<ipc::CredentialProcessCall>(&question)) return answer(*m);
  if (const auto* m = std::get_if<ipc::LeaseInUseCall>(&question))
    return bytes_answer({}, !leases_ || leases_->in_use(m->id) ? 1 : 0);
  if (const auto* m = std::get_if<ipc::LogLine>(&question)) write_log(*m);
  return std::nullopt;
}

void HostServices::serve_all(const ipc::HttpAllCall& question, const std::function<bool(const SecretBuffer&)>& give) const {
  in_order(
      question.calls.size(), kRequestsAtOnce, [&](std::size_t i) { return answer(question.calls[i]); }, give);
}

SecretBuffer HostServices::answer(const ipc::HttpCall& call) const {
  HttpRequest request;
  request.method = call.method;
  request.url = call.url;
  auto origin = check_egress(request.url, origins_);
  if (origin.has_error()) return refusal(one_cause(std::move(origin).error()));
  bool clean = is_token(call.method);
  for (const auto& [name, value] : call.headers) {
    clean = clean && is_token(name) && is_header_value(value);
    if (auto why = why_not_header(name, value, request.url)) return refusal(mistake(std::move(*why)));
    request.headers.emplace_back(name, value);
  }
  if (!clean) return refusal(mistake("the request's method or headers hold characters that HTTP does not allow"));
  append(request.body, call.body);
  request.max_body =
      call.max_body_bytes <= 0 ? kDefaultBody : std::min(static_cast<std::size_t>(call.max_body_bytes), ipc::kMaxBody);
  const auto own = call.timeout_ms <= 0 ? timeout_ : std::min(timeout_, std::chrono::milliseconds(call.timeout_ms));
  if (deadline_.passed() && !stop_.stop_requested()) return refusal(no_time_left(*origin));
  auto response = http_(request, deadline_.capped(own), stop_);
  if (response.has_error()) {
    Error e = one_cause(std::move(response).error());
    if (e.cls == ErrorClass::timeout && e.next.empty()) e.next = what_to_do_when_late(*origin);
    return refusal(e);
  }

  ipc::HostAnswer out;
  out.status = response->status;
  std::size_t headers = 0;
  for (const auto& [name, value] : response->headers) {
    headers += name.size() + value.size() + 8;
    out.headers.emplace_back(name, value);
  }
  if (response->body.size() > ipc::kMaxBody || headers > 256 * 1024) {
    Error e = denied("the store's answer is too long", {});
    e.cls = ErrorClass::malformed;
    return refusal(e);
  }
  out.bytes = view(response->body);
  return ipc::encode_answer(out);
}

std::string HostServices::what_to_do_when_late(const std::string& origin) const {
  return "Check that " + origin + " answers this host, or raise `timeout` of '" + instance_ + "'.";
}

/// Earlier requests of the same call took it.
Error HostServices::no_time_left(const std::string& origin) const {
  return make_error(ErrorClass::timeout, {}, "the call's time was over before " + origin + " was asked",
                    what_to_do_when_late(origin));
}

Result<HttpRequest> HostServices::event_request(std::string url, HttpHeaders headers) const {
  if (url.starts_with("ws")) url.replace(0, 2, "http");
  DSO_CHECK(check_egress(url, origins_));
  for (const auto& [name, value] : headers) {
    if (!is_token(name) || !is_header_value(value))
      return make_error(ErrorClass::invalid_request, "No events", "a header holds characters that HTTP does not allow");
    if (auto why = why_not_header(name, value, url)) return make_error(ErrorClass::invalid_request, "No events", std::move(*why));
  }
  HttpRequest request;
  request.url = std::move(url);
  request.headers = std::move(headers);
  return request;
}

SecretBuffer HostServices::answer(const ipc::ReadFileCall& call) {
  const std::string asked(call.path);
  const bool named = may_read(asked, files_);
  if (!named && !may_read(asked, proofs_))
    return refusal(denied("the config does not name this file", "Name it in a setting that ends in _file."));
  std::string path = asked;
  if (const char* home = path.starts_with("~/") ? env_("HOME") : nullptr) path.replace(0, 1, home);
  auto content = named ? read_trusted_secret(path, "file", kMaxFile) : read_secret_file(path, kMaxFile);
  if (content.has_error()) {
    Error e = one_cause(std::move(content).error());
    // A provider may go on without a file that is not there, and may not without one that others can write.
    e.cls = e.cls == ErrorClass::config ? ErrorClass::access_denied : ErrorClass::credentials_unavailable;
    return refusal(e);
  }
  if (may_run_programs_) add_named_programs(view(*content), programs_);
  return bytes_answer(view(*content));
}

SecretBuffer HostServices::answer(const ipc::EnvCall& call) {
  const std::string name(call.name);
  const char* value = nullptr;
  for (const std::string& kind : kinds_) {
    if (!env_allowed(kind, name) || !(value = env_(name))) continue;
    // AZURE_FEDERATED_TOKEN_FILE: who set the variable has named the file.
    if (names_a_file(kind, name) && !std::strchr(value, '*')) files_.insert(value);
    break;
  }
  if (!value) return bytes_answer({});
  return bytes_answer(value, 1);
}

SecretBuffer HostServices::answer(const ipc::SignCall& call) {
  auto signature = sign_with_key(call.algorithm, call.pem_key, call.data);
  if (signature.has_error()) return refusal(signature.error());
  return bytes_answer(view(*signature));
}

SecretBuffer HostServices::answer(const ipc::CredentialProcessCall& call) {
  if (!may_run_programs_)
    return refusal(denied(
        "a program for credentials is named (credential_process), and the config does not allow one",
        "If you trust the file that names it, set auth: {params: {allow_credential_process: true}} for '" + instance_ + "'."));
  if (!is_named_program(call.command_line, programs_))
    return refusal(denied("the provider asked for a program that no file of yours names as credential_process",
                          "This is a mistake in the provider."));
  auto printed = run_credential_process(call.command_line, env_, deadline_, stop_);
  if (printed.has_error()) return refusal(one_cause(std::move(printed).error()));
  return bytes_answer(view(*printed));
}

void HostServices::write_log(const ipc::LogLine& line) {
  if (++lines_ > kMaxLinesPerCall) return;
  const auto level = static_cast<log::Level>(std::clamp<std::int64_t>(line.level, 0, 3));
  std::string text = log_text(line.text);
  if (lines_ == kMaxLinesPerCall) text += " (further lines of this call are left out)";
  log::write(level, "Provider", instance_ + ": " + text);
}

}  // namespace dso
