// What an operation that failed tells its caller: a class that decides retry and exit code, and a text with cause and
// next step. Rendered once, at the edge (CLI or log). May never hold a secret value.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dso {

/// One stable set over all stores (docs/errors.md has the table store code -> class), then our own.
/// The store classes' numbers are those of DSO_E_* in sdk/dso/provider.h and never change.
enum class ErrorClass : int {
  access_denied = 1,
  invalid_credentials = 2,
  credentials_unavailable = 3,
  not_found = 4,
  version_not_found = 5,
  deleted = 6,
  disabled = 7,
  throttled = 8,
  unavailable = 9,
  timeout = 10,
  network = 11,
  tls = 12,
  decrypt_failed = 13,
  clock_skew = 14,
  invalid_request = 15,
  lease_lost = 16,
  malformed = 17,
  unsupported = 18,
  // Ours, never a provider's.
  usage = 100,
  config = 101,
  io = 102,
  engine_unreachable = 103,
  engine_error = 104,
  unhealthy = 105,
  interrupted = 106,
  plugin = 107,
  store_corrupt = 108,
  internal = 109,
};

struct Error {
  ErrorClass cls = ErrorClass::internal;
  std::string what;        ///< What failed, with the name: "Failed to fetch secret 'myapp/db'".
  std::string cause;       ///< Why, without the name again: "permission denied".
  std::string next;        ///< What the operator does now; a sentence, may be empty.
  std::string store_code;  ///< The store's own code ("403", "ResourceNotFoundException"), may be empty.
  std::string request_id;  ///< The store's own id of the request, may be empty.
  std::string identity;    ///< Who we were to the store ("approle dso"), never a credential; may be empty.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// An Error of these four; the other fields are for who talks to a store.
Error make_error(ErrorClass cls, std::string what, std::string cause, std::string next = {});

/// "AccessDenied", as in log lines.
std::string_view class_name(ErrorClass cls);
/// True for what the store may well answer a moment later: throttled, unavailable, timeout, network.
bool is_transient(ErrorClass cls);
/// The process's exit code (design: 0 ok, 1 failed, 2 usage or config, 3 denied, 4 not found, 5 unavailable, 6 unhealthy,
/// 7 engine unreachable, 130 interrupted).
int exit_code(ErrorClass cls);
/// One line: "<what>: <Class>: <cause> (<code>, request <id>, as <identity>). <next>". Control characters are escaped.
std::string render(const Error& error);

}  // namespace dso
