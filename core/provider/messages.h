// What agent and child say to each other, as structs, and their encoding. Pure. Every text is a view into the payload that
// was decoded: no value is copied out of locked memory here.
#pragma once
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "provider/ipc.h"

namespace dso::ipc {

/// An error on the wire: the numbers are those of DSO_E_*.
struct WireError {
  std::int64_t cls = 0;  ///< 0: no error.
  std::string_view message, store_code, request_id, identity, next_step;
  std::int64_t retry_after_ms = -1;
};
void write_error(Writer& w, const WireError& e);
WireError read_error(Reader& r);
/// `what` is the host's. An unknown class becomes Malformed; texts are cut at 2 KiB.
Error to_error(const WireError& e, std::string what);
/// For the child: our own classes become the nearest of the provider's. Views into `e`.
WireError to_wire(const Error& e);

// ---- child -> agent
struct Loaded {
  std::string_view name, semver;
  std::uint32_t abi = 0;
  std::uint64_t capabilities = 0;
};
struct Fatal {
  std::string_view problem, next;
};
struct Done {
  WireError error;
};
using Headers = std::vector<std::pair<std::string_view, std::string_view>>;
struct HttpCall {
  std::string_view method, url;
  Headers headers;
  std::string_view body;
  std::int64_t timeout_ms = 0, max_body_bytes = 0;
};
/// Requests of which none waits for another's answer. Answered one frame each, in this order.
struct HttpAllCall {
  std::vector<HttpCall> calls;
};
inline constexpr std::size_t kMaxHttpCalls = 1000;
struct ReadFileCall {
  std::string_view path;
};
struct EnvCall {
  std::string_view name;
};
struct Sha256Call {
  std::string_view data;
};
struct HmacCall {
  std::string_view key, data;
};
struct SignCall {
  std::int64_t algorithm = 0;
  std::string_view pem_key, data;
};
struct LogLine {
  std::int64_t level = 0;
  std::string_view text;
};
struct EmitField {
  std::uint64_t ref = 0;
  std::string_view field, bytes;
};
struct EmitVersion {
  std::uint64_t ref = 0;
  std::string_view version;
};
struct EmitLease {
  std::uint64_t ref = 0;
  std::string_view id;
  std::int64_t seconds = 0;
  bool renewable = false;
};
struct EmitError {
  std::uint64_t ref = 0;
  WireError error;
};
struct EmitName {
  std::string_view name;
};
struct EmitIdentity {
  std::string_view identity;
};
struct LeaseInUseCall {
  std::string_view id;
};
struct CredentialProcessCall {
  std::string_view command_line;
};
struct EmitEventSource {
  std::string_view url;
  Headers headers;
};
using ChildMessage = std::variant<Loaded, Fatal, Done, HttpCall, HttpAllCall, ReadFileCall, EnvCall, Sha256Call, HmacCall,
                                  SignCall, LogLine, EmitField, EmitVersion, EmitLease, EmitError, EmitName, EmitIdentity,
                                  LeaseInUseCall, CredentialProcessCall, EmitEventSource>;

struct Encoded {
  FrameType type;
  SecretBuffer payload;
};
Encoded encode(const ChildMessage& message);
/// Nothing: not a message of a child, or not whole.
std::optional<ChildMessage> decode_child(FrameType type, std::string_view payload);

// ---- agent -> child: fetch, versions, list, renew, events, close, and open (which uses `text` alone)
struct CallMessage {
  std::int64_t left_ms = 0;                                         ///< When `cancelled` becomes true.
  std::string_view text;                                            ///< open: the config; renew: the lease.
  std::vector<std::pair<std::string_view, std::string_view>> refs;  ///< Name, version.
};
SecretBuffer encode_call(const CallMessage& call);
std::optional<CallMessage> decode_call(std::string_view payload);

// ---- agent -> child: the answer to a question. All but http answer with one text (env, lease_in_use: `status`).
struct HostAnswer {
  WireError error;
  std::int64_t status = 0;  ///< http: the status; env: 1 if found; lease_in_use: 1 if so.
  Headers headers;
  std::string_view bytes;
};
SecretBuffer encode_answer(const HostAnswer& answer);
std::optional<HostAnswer> decode_answer(std::string_view payload);

}  // namespace dso::ipc
