// Requests to the engine's API: the version in the path, percent-encoding, and errors that name what was asked for. Knows no
// single call; engine.cpp has those.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "net/http_client.h"

namespace dso {

/// For a path segment or a query's value: everything but unreserved characters as %XX.
std::string percent_encode(std::string_view text);

/// Thread-safe.
class EngineConnection {
 public:
  explicit EngineConnection(std::string socket_path) : socket_path_(std::move(socket_path)), client_(nullptr) {}

  struct Call {
    std::string method = "GET";
    std::string target;      ///< From after the version: "/containers/json?all=1".
    std::string what;        ///< For errors: "Failed to list containers".
    SecretBuffer body = {};  ///< Empty: none.
    std::string type = "application/json";
  };
  /// The answer if its status is 2xx or 304 ("it is so already"). Errors: EngineUnreachable, NotFound (404), EngineError,
  /// Interrupted.
  /// All but GET changes something, so there is a crash point before and after it: "engine: start container 'x'".
  Result<HttpResponse> call(const Call& call, const Deadline& d, const std::stop_token& s);
  /// Hands the pieces of an endless answer to `on_piece` until it says false (no error), the stream's end or a stop (errors).
  Result<void> stream(const Call& call, const std::function<bool(std::string_view)>& on_piece, const std::stop_token& s);
  /// The same for a long answer that ends: its end is no error.
  Result<void> read(const Call& call, const std::function<bool(std::string_view)>& on_piece, const Deadline& d,
                    const std::stop_token& s);

  /// The version that calls are made with, {1, 41}.
  Result<std::pair<int, int>> agreed_api(const std::string& what, const Deadline& d, const std::stop_token& s);

  const std::string& socket_path() const { return socket_path_; }

 private:
  Result<HttpResponse> send(const Call& call, const Deadline& d, const std::stop_token& s);
  /// False: `on_piece` ended it.
  Result<bool> pieces(const Call& call, const std::function<bool(std::string_view)>& on_piece, const Deadline& ping_deadline,
                      const Deadline& d, const std::stop_token& s);
  Result<std::string> api_version(const std::string& what, const Deadline& d, const std::stop_token& s);
  void forget_version();
  std::string url(const std::string& target) const { return "unix://" + socket_path_ + ":" + target; }
  Error unreachable(const std::string& what, const Error& cause) const;

  const std::string socket_path_;
  HttpClient client_;
  std::mutex mutex_;
  std::string version_;  // "1.41"; empty: not asked yet
};

}  // namespace dso
