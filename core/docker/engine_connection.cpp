// The API version is agreed on once by /_ping, and again when the engine says that it is wrong (it was upgraded).
#include "docker/engine_connection.h"

#include <unistd.h>

#include <charconv>
#include <optional>
#include <utility>

#include "base/crash_point.h"
#include "base/hex_digits.h"
#include "logic/docker_json.h"

namespace dso {
namespace {

/// The newest version whose answers this code was written against; engines keep answering in old versions for years.
constexpr std::pair<int, int> kNewestApi{1, 48};
/// A container list of a large host is some MB; no more is read.
constexpr std::size_t kMaxBody = 32 * 1024 * 1024;
/// How long an engine may take to begin with an endless answer.
constexpr std::chrono::seconds kPingTimeout{30};

std::optional<std::pair<int, int>> parse_api(std::string_view text) {
  int major = 0, minor = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc() || second.ptr != end || major < 0 || minor < 0) return std::nullopt;
  return std::pair{major, minor};
}

Error engine_error(ErrorClass cls, const std::string& what, std::string cause, std::string next = {}) {
  Error e;
  e.cls = cls;
  e.what = what;
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

Error refused(const std::string& what, int status, std::string_view body) {
  Error e = engine_error(status == 404 ? ErrorClass::not_found : ErrorClass::engine_error, what, parse_engine_message(body));
  e.store_code = std::to_string(status);
  if (e.cause.empty()) e.cause = "the engine gave no reason";
  return e;
}

bool wrong_version(int status, std::string_view body) {
  return status == 400 && parse_engine_message(body).find("client version") != std::string::npos;
}

std::string crash_name(std::string_view what) {
  constexpr std::string_view kFailed = "Failed to ";
  return "engine: " + std::string(what.starts_with(kFailed) ? what.substr(kFailed.size()) : what);
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      out += c;
    } else {
      out += '%';
      out += kUpperHexDigits[byte >> 4];
      out += kUpperHexDigits[byte & 15];
    }
  }
  return out;
}

Error EngineConnection::unreachable(const std::string& what, const Error& cause) const {
  if (cause.cls == ErrorClass::interrupted) return engine_error(ErrorClass::interrupted, what, cause.cause);
  if (cause.cls == ErrorClass::malformed) return engine_error(ErrorClass::engine_error, what, cause.what + ": " + cause.cause);
  std::string next = "Is the engine running? Try 'docker version'.";
  if (access(socket_path_.c_str(), F_OK) != 0)
    next = "Start the Docker engine, or set DOCKER_HOST to its unix:///path.";
  else if (access(socket_path_.c_str(), W_OK) != 0)
    next = "Run as root, or as a user of the group 'docker'.";
  if (cause.cls == ErrorClass::timeout)
    return engine_error(ErrorClass::engine_unreachable, what, "the engine at " + socket_path_ + " did not answer in time",
                        std::move(next));
  return engine_error(ErrorClass::engine_unreachable, what, cause.what + ": " + cause.cause, std::move(next));
}

void EngineConnection::forget_version() {
  std::lock_guard lock(mutex_);
  version_.clear();
}

Result<std::string> EngineConnection::api_version(const std::string& what, const Deadline& d, const std::stop_token& s) {
  {
    std::lock_guard lock(mutex_);
    if (!version_.empty()) return version_;
  }
  HttpRequest ping;
  ping.url = url("/_ping");
  auto answer = client_.send(ping, d, s);
  if (answer.has_error()) return unreachable(what, answer.error());
  if (answer->status >= 400) return refused(what, answer->status, view(answer->body));
  const auto offered = parse_api(answer->header("api-version"));
  if (!offered)
    return engine_error(ErrorClass::engine_error, what, "what answers at " + socket_path_ + " is not a Docker engine",
                        "Check DOCKER_HOST.");
  const auto used = std::min(*offered, kNewestApi);
  std::lock_guard lock(mutex_);
  version_ = std::to_string(used.first) + "." + std::to_string(used.second);
  return version_;
}

Result<std::pair<int, int>> EngineConnection::agreed_api(const std::string& what, const Deadline& d, const std::stop_token& s) {
  DSO_TRY(const std::string version, api_version(what, d, s));
  return parse_api(version).value();
}

Result<HttpResponse> EngineConnection::call(const Call& call, const Deadline& d, const std::stop_token& s) {
  if (call.method == "GET" || call.method == "HEAD") return send(call, d, s);
  const std::string name = crash_name(call.what);
  crash_point(name.c_str());
  auto answer = send(call, d, s);
  crash_point((name + " done").c_str());
  return answer;
}

Result<HttpResponse> EngineConnection::send(const Call& call, const Deadline& d, const std::stop_token& s) {
  for (bool again = false;; again = true) {
    DSO_TRY(const std::string version, api_version(call.what, d, s));
    HttpRequest request;
    request.method = call.method;
    request.url = url("/v" + version + call.target);
    request.max_body = kMaxBody;
    if (!call.body.empty()) {
      request.headers = {{"Content-Type", call.type}};
      request.body = call.body;
    }
    auto answer = client_.send(request, d, s);
    if (answer.has_error()) {
      forget_version();  // who answers next may be another engine
      return unreachable(call.what, answer.error());
    }
    if (answer->status < 300 || answer->status == 304) return answer;
    if (!again && wrong_version(answer->status, view(answer->body)))
      forget_version();
    else
      return refused(call.what, answer->status, view(answer->body));
  }
}

Result<void> EngineConnection::stream(const Call& call, const std::function<bool(std::string_view)>& on_piece,
                                      const std::stop_token& s) {
  DSO_TRY(const bool ended, pieces(call, on_piece, Deadline::in(kPingTimeout), Deadline::never(), s));
  if (!ended) return {};
  return engine_error(ErrorClass::engine_unreachable, call.what, "the engine ended the stream");
}

Result<void> EngineConnection::read(const Call& call, const std::function<bool(std::string_view)>& on_piece, const Deadline& d,
                                    const std::stop_token& s) {
  DSO_CHECK(pieces(call, on_piece, d, d, s));
  return {};
}

Result<bool> EngineConnection::pieces(const Call& call, const std::function<bool(std::string_view)>& on_piece,
                                      const Deadline& ping_deadline, const Deadline& d, const std::stop_token& s) {
  for (bool again = false;; again = true) {
    DSO_TRY(const std::string version, api_version(call.what, ping_deadline, s));
    HttpRequest request;
    request.method = call.method;
    request.url = url("/v" + version + call.target);
    bool ended_by_us = false;
    std::string refusal;
    auto status = client_.stream(
        request,
        [&](int code, std::string_view piece) {
          if (code < 400) return !(ended_by_us = !on_piece(piece));
          refusal += piece;
          return refusal.size() < 4096;
        },
        s, d);
    if (status.has_error()) {
      forget_version();
      return unreachable(call.what, status.error());
    }
    if (ended_by_us) return false;
    if (*status >= 400 && !again && wrong_version(*status, refusal)) {
      forget_version();
      continue;
    }
    if (*status >= 400) return refused(call.what, *status, refusal);
    return true;
  }
}

}  // namespace dso
