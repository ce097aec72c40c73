// One write and one read function a message; decoding is whole or nothing.
#include "provider/messages.h"

#include <algorithm>

namespace dso::ipc {
namespace {

constexpr std::size_t kMaxErrorText = 2048;
constexpr std::size_t kMaxHeaders = 256;
constexpr std::int64_t kMaxRetryAfterMs = 24 * 3600 * 1000;

std::string cut(std::string_view text) {
  return std::string(text.substr(0, kMaxErrorText));
}

void write_pairs(Writer& w, const Headers& pairs) {
  w.u32(static_cast<std::uint32_t>(pairs.size()));
  for (const auto& [name, value] : pairs) w.text(name).text(value);
}
Headers read_pairs(Reader& r) {
  const std::size_t n = r.count(8);
  Headers pairs;
  pairs.reserve(n);
  for (std::size_t i = 0; i < n && r.ok(); ++i) {
    const auto name = r.text();
    pairs.emplace_back(name, r.text());
  }
  return pairs;
}

void write_http(Writer& w, const HttpCall& m) {
  w.text(m.method).text(m.url);
  write_pairs(w, m.headers);
  w.text(m.body).i64(m.timeout_ms).i64(m.max_body_bytes);
}
// Braces evaluate from left to right, as it was written.
HttpCall read_http(Reader& r) {
  return HttpCall{r.text(), r.text(), read_pairs(r), r.text(), r.i64(), r.i64()};
}
HttpAllCall read_http_all(Reader& r) {
  constexpr std::size_t kLeast = 4 * 4 + 2 * 8;  // lengths and numbers of one
  HttpAllCall all;
  const std::size_t n = r.count(kLeast);
  all.calls.reserve(n);
  for (std::size_t i = 0; i < n && r.ok(); ++i) all.calls.push_back(read_http(r));
  return all;
}

struct Encoder {
  Writer& w;
  FrameType operator()(const Loaded& m) {
    return w.text(m.name).text(m.semver).u32(m.abi).u64(m.capabilities), FrameType::loaded;
  }
  FrameType operator()(const Fatal& m) { return w.text(m.problem).text(m.next), FrameType::fatal; }
  FrameType operator()(const Done& m) { return write_error(w, m.error), FrameType::done; }
  FrameType operator()(const HttpCall& m) { return write_http(w, m), FrameType::http; }
  FrameType operator()(const HttpAllCall& m) {
    w.u32(static_cast<std::uint32_t>(m.calls.size()));
    for (const HttpCall& call : m.calls) write_http(w, call);
    return FrameType::http_all;
  }
  FrameType operator()(const ReadFileCall& m) { return w.text(m.path), FrameType::read_file; }
  FrameType operator()(const EnvCall& m) { return w.text(m.name), FrameType::env; }
  FrameType operator()(const Sha256Call& m) { return w.text(m.data), FrameType::sha256; }
  FrameType operator()(const HmacCall& m) { return w.text(m.key).text(m.data), FrameType::hmac_sha256; }
  FrameType operator()(const SignCall& m) { return w.i64(m.algorithm).text(m.pem_key).text(m.data), FrameType::sign; }
  FrameType operator()(const LogLine& m) { return w.i64(m.level).text(m.text), FrameType::log; }
  FrameType operator()(const EmitField& m) { return w.u64(m.ref).text(m.field).text(m.bytes), FrameType::emit_field; }
  FrameType operator()(const EmitVersion& m) { return w.u64(m.ref).text(m.version), FrameType::emit_version; }
  FrameType operator()(const EmitLease& m) {
    return w.u64(m.ref).text(m.id).i64(m.seconds).u32(m.renewable ? 1 : 0), FrameType::emit_lease;
  }
  FrameType operator()(const EmitError& m) {
    w.u64(m.ref);
    return write_error(w, m.error), FrameType::emit_error;
  }
  FrameType operator()(const EmitName& m) { return w.text(m.name), FrameType::emit_name; }
  FrameType operator()(const EmitIdentity& m) { return w.text(m.identity), FrameType::emit_identity; }
  FrameType operator()(const LeaseInUseCall& m) { return w.text(m.id), FrameType::lease_in_use; }
  FrameType operator()(const CredentialProcessCall& m) { return w.text(m.command_line), FrameType::credential_process; }
  FrameType operator()(const EmitEventSource& m) {
    w.text(m.url);
    return write_pairs(w, m.headers), FrameType::emit_event_source;
  }
};

// Braces evaluate from left to right, as the encoder wrote.
std::optional<ChildMessage> read_child(FrameType type, Reader& r) {
  switch (type) {
    case FrameType::loaded: return Loaded{r.text(), r.text(), r.u32(), r.u64()};
    case FrameType::fatal: return Fatal{r.text(), r.text()};
    case FrameType::done: return Done{read_error(r)};
    case FrameType::http: return read_http(r);
    case FrameType::http_all: return read_http_all(r);
    case FrameType::read_file: return ReadFileCall{r.text()};
    case FrameType::env: return EnvCall{r.text()};
    case FrameType::sha256: return Sha256Call{r.text()};
    case FrameType::hmac_sha256: return HmacCall{r.text(), r.text()};
    case FrameType::sign: return SignCall{r.i64(), r.text(), r.text()};
    case FrameType::log: return LogLine{r.i64(), r.text()};
    case FrameType::emit_field: return EmitField{r.u64(), r.text(), r.text()};
    case FrameType::emit_version: return EmitVersion{r.u64(), r.text()};
    case FrameType::emit_lease: return EmitLease{r.u64(), r.text(), r.i64(), r.u32() != 0};
    case FrameType::emit_error: return EmitError{r.u64(), read_error(r)};
    case FrameType::emit_name: return EmitName{r.text()};
    case FrameType::emit_identity: return EmitIdentity{r.text()};
    case FrameType::lease_in_use: return LeaseInUseCall{r.text()};
    case FrameType::credential_process: return CredentialProcessCall{r.text()};
    case FrameType::emit_event_source: return EmitEventSource{r.text(), read_pairs(r)};
    default: return std::nullopt;
  }
}

}  // namespace

void write_error(Writer& w, const WireError& e) {
  w.i64(e.cls).text(e.message).text(e.store_code).text(e.request_id).text(e.identity).text(e.next_step).i64(e.retry_after_ms);
}
WireError read_error(Reader& r) {
  return WireError{r.i64(), r.text(), r.text(), r.text(), r.text(), r.text(), r.i64()};
}

Error to_error(const WireError& e, std::string what) {
  Error error;
  const bool known = e.cls >= static_cast<int>(ErrorClass::access_denied) && e.cls <= static_cast<int>(ErrorClass::unsupported);
  error.cls = known ? static_cast<ErrorClass>(e.cls) : ErrorClass::malformed;
  error.what = std::move(what);
  error.cause = cut(e.message);
  if (!known) error.cause += " (the provider gave the unknown error class " + std::to_string(e.cls) + ")";
  error.store_code = cut(e.store_code);
  error.request_id = cut(e.request_id);
  error.identity = cut(e.identity);
  error.next = cut(e.next_step);
  if (e.retry_after_ms >= 0) error.retry_after = std::chrono::milliseconds(std::min(e.retry_after_ms, kMaxRetryAfterMs));
  return error;
}

WireError to_wire(const Error& e) {
  ErrorClass cls = e.cls;
  if (cls == ErrorClass::interrupted)
    cls = ErrorClass::timeout;
  else if (static_cast<int>(cls) >= 100)
    cls = ErrorClass::unavailable;
  return WireError{static_cast<int>(cls),
                   e.cause.empty() ? e.what : e.cause,
                   e.store_code,
                   e.request_id,
                   e.identity,
                   e.next,
                   e.retry_after ? e.retry_after->count() : -1};
}

Encoded encode(const ChildMessage& message) {
  Writer w;
  const FrameType type = std::visit(Encoder{w}, message);
  return {type, w.take()};
}

std::optional<ChildMessage> decode_child(FrameType type, std::string_view payload) {
  Reader r(payload);
  auto message = read_child(type, r);
  if (!message || !r.complete()) return std::nullopt;
  const auto is_bounded = [](const HttpCall& call) { return call.headers.size() <= kMaxHeaders; };
  if (const auto* http = std::get_if<HttpCall>(&*message); http && !is_bounded(*http)) return std::nullopt;
  if (const auto* all = std::get_if<HttpAllCall>(&*message))
    if (all->calls.size() > kMaxHttpCalls || !std::all_of(all->calls.begin(), all->calls.end(), is_bounded)) return std::nullopt;
  if (const auto* events = std::get_if<EmitEventSource>(&*message); events && events->headers.size() > kMaxHeaders)
    return std::nullopt;
  return message;
}

SecretBuffer encode_call(const CallMessage& call) {
  Writer w;
  w.i64(call.left_ms).text(call.text);
  write_pairs(w, call.refs);
  return w.take();
}
std::optional<CallMessage> decode_call(std::string_view payload) {
  Reader r(payload);
  CallMessage call{r.i64(), r.text(), read_pairs(r)};
  if (!r.complete()) return std::nullopt;
  return call;
}

SecretBuffer encode_answer(const HostAnswer& answer) {
  Writer w;
  write_error(w, answer.error);
  w.i64(answer.status);
  write_pairs(w, answer.headers);
  w.text(answer.bytes);
  return w.take();
}
std::optional<HostAnswer> decode_answer(std::string_view payload) {
  Reader r(payload);
  HostAnswer answer{read_error(r), r.i64(), read_pairs(r), r.text()};
  if (!r.complete()) return std::nullopt;
  return answer;
}

}  // namespace dso::ipc
