// Collecting with a bound, then judging.
#include "provider/call_answers.h"

#include <algorithm>

namespace dso {
namespace {

constexpr std::size_t kCostOfOne = 128;
constexpr std::size_t kMaxIdentity = 256;

}  // namespace

bool CallAnswers::charge(std::size_t bytes) {
  bytes_ += bytes + kCostOfOne;
  return bytes_ <= kMaxBytes;
}

CallAnswers::Answer* CallAnswers::find(std::uint64_t ref) {
  if (ref < refs_.size()) return &refs_[ref];
  wrong_ref_ = "it answered for reference " + std::to_string(ref) + " of " + std::to_string(refs_.size());
  return nullptr;
}

bool CallAnswers::accept(const ipc::EmitField& m) {
  if (!charge(m.field.size() + m.bytes.size())) return false;
  Answer* answer = find(m.ref);
  if (!answer) return true;
  const auto same = [&m](const SecretField& f) { return f.name == m.field; };
  if (m.field.empty())
    answer->mistake = "a field without a name";
  else if (std::any_of(answer->fields.begin(), answer->fields.end(), same))
    answer->mistake = "a field twice";
  else
    answer->fields.push_back({std::string(m.field), SecretBytes::copy_of(m.bytes)});
  return true;
}

bool CallAnswers::accept(const ipc::EmitVersion& m) {
  if (!charge(m.version.size())) return false;
  if (Answer* answer = find(m.ref)) answer->version = m.version;
  return true;
}

bool CallAnswers::accept(const ipc::EmitLease& m) {
  if (!charge(m.id.size())) return false;
  if (Answer* answer = find(m.ref)) {
    const auto seconds = std::clamp<std::int64_t>(m.seconds, 0, 10LL * 365 * 24 * 3600);
    answer->lease = Lease{std::string(m.id), std::chrono::seconds(seconds), m.renewable};
  }
  return true;
}

bool CallAnswers::accept(const ipc::EmitError& m) {
  if (!charge(m.error.message.size())) return false;
  if (Answer* answer = find(m.ref)) answer->error = ipc::to_error(m.error, {});
  return true;
}

bool CallAnswers::accept(const ipc::EmitName& m) {
  if (!charge(m.name.size())) return false;
  names_.emplace_back(m.name);
  return true;
}

bool CallAnswers::accept(const ipc::EmitIdentity& m) {
  if (!charge(m.identity.size())) return false;
  identity_ = m.identity.substr(0, kMaxIdentity);
  return true;
}

bool CallAnswers::accept(const ipc::EmitEventSource& m) {
  std::size_t size = m.url.size();
  for (const auto& [name, value] : m.headers) size += name.size() + value.size();
  if (!charge(size)) return false;
  event_source_ = EventSource{std::string(m.url), {}};
  for (const auto& [name, value] : m.headers) event_source_->headers.emplace_back(name, value);
  return true;
}

Error CallAnswers::malformed(std::string what, std::string cause) const {
  Error e;
  e.cls = ErrorClass::malformed;
  e.what = std::move(what);
  e.cause = "the provider " + std::move(cause);
  if (!wrong_ref_.empty()) e.cause += " (" + wrong_ref_ + ")";
  e.identity = identity_;
  e.next = "This is a mistake in the provider.";
  return e;
}

Result<SecretValue> CallAnswers::take_value(std::size_t ref, const std::string& name, std::string what) {
  Answer& answer = refs_[ref];
  if (answer.error) {
    Error e = std::move(*answer.error);
    e.what = std::move(what);
    if (e.identity.empty()) e.identity = identity_;
    return e;
  }
  if (!answer.mistake.empty()) return malformed(std::move(what), "gave " + answer.mistake + " for it");
  if (answer.fields.empty() && !answer.version) return malformed(std::move(what), "gave no answer for it");
  SecretValue value;
  value.name = name;
  value.version = answer.version.value_or("");
  value.fields = std::move(answer.fields);
  return value;
}

Result<std::string> CallAnswers::take_version(std::size_t ref, std::string what) {
  Answer& answer = refs_[ref];
  if (answer.error) {
    Error e = std::move(*answer.error);
    e.what = std::move(what);
    if (e.identity.empty()) e.identity = identity_;
    return e;
  }
  if (!answer.version) return malformed(std::move(what), "gave no version for it");
  return std::move(*answer.version);
}

}  // namespace dso
