// What is said between a process and its dialer (dialer.h), one packet each way: what to open, and why it could not be. Pure.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace dso {

struct DialRequest {
  enum class Kind { connect, listen };
  Kind kind = Kind::connect;
  std::string host;                       ///< A name or an address, without brackets.
  std::string port;                       ///< Of `listen`: none, `host` is the whole address, "127.0.0.1:9477".
  std::chrono::milliseconds patience{0};  ///< How long it is waited for.
};

/// The longest packet of either kind, in bytes.
constexpr std::size_t kDialPacket = 4096;

/// Empty: a text that no packet can carry (a line break in the name, too long).
std::string write_dial_request(const DialRequest& request);
std::optional<DialRequest> read_dial_request(std::string_view packet);

/// The packet beside which a descriptor lies.
std::string write_dial_success();
std::string write_dial_failure(const Error& error);
/// None: it succeeded. What is no answer of a dialer is an error too.
std::optional<Error> read_dial_answer(std::string_view packet);

}  // namespace dso
