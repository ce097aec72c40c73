// Lines: a text with a line break in it is not sent, or loses it.
#include "net/dial_message.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace dso {
namespace {

constexpr std::string_view kConnect = "connect", kListen = "listen", kOpen = "open", kFailed = "failed";
constexpr std::chrono::hours kMostPatience{1};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.substr(0, kDialPacket / 4);
}

}  // namespace

std::string write_dial_request(const DialRequest& r) {
  const bool breaks = (r.host + r.port).find_first_of(std::string_view("\n\0", 2)) != std::string::npos;
  std::string packet(r.kind == DialRequest::Kind::connect ? kConnect : kListen);
  packet += "\n" + std::to_string(r.patience.count()) + "\n" + r.host + "\n" + r.port;
  return breaks || packet.size() > kDialPacket ? std::string() : packet;
}

std::optional<DialRequest> read_dial_request(std::string_view packet) {
  const auto lines = lines_of(packet);
  if (lines.size() != 4 || (lines[0] != kConnect && lines[0] != kListen) || lines[2].empty()) return std::nullopt;
  if (packet.find('\0') != std::string_view::npos) return std::nullopt;
  const auto patience = number<std::int64_t>(lines[1]);
  if (!patience || *patience < 0) return std::nullopt;
  DialRequest r;
  r.kind = lines[0] == kConnect ? DialRequest::Kind::connect : DialRequest::Kind::listen;
  r.patience = std::chrono::milliseconds(std::min<std::int64_t>(*patience, std::chrono::milliseconds(kMostPatience).count()));
  r.host = lines[2];
  r.port = lines[3];
  return r;
}

std::string write_dial_success() {
  return std::string(kOpen);
}

std::string write_dial_failure(const Error& e) {
  return std::string(kFailed) + "\n" + std::to_string(static_cast<int>(e.cls)) + "\n" + one_line(e.what) + "\n" +
         one_line(e.cause) + "\n" + one_line(e.next);
}

std::optional<Error> read_dial_answer(std::string_view packet) {
  if (packet == kOpen) return std::nullopt;
  const auto lines = lines_of(packet);
  if (lines.size() == 5 && lines[0] == kFailed)
    if (const auto cls = number<int>(lines[1]); cls && *cls != 0)
      return make_error(static_cast<ErrorClass>(*cls), std::string(lines[2]), std::string(lines[3]), std::string(lines[4]));
  return make_error(ErrorClass::network, "Cannot open a connection", "the dialer's answer is none",
                    "Restart it: systemctl restart dso-dialer.");
}

}  // namespace dso
