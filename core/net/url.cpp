// Takes a URL apart: http, https, and unix:///socket/path:/target. No I/O.
#include <algorithm>
#include <cctype>

#include "net/http_client.h"
#include "net/net_error.h"

namespace dso {
namespace {

Error bad_url(const std::string& url, std::string cause) {
  // a query or user part may hold a credential
  std::string shown = url.substr(0, std::min(url.find_first_of("?#"), std::size_t{200}));
  const std::size_t at = shown.find('@'), slashes = shown.find("://");
  if (at != std::string::npos) shown.erase(slashes < at ? slashes + 3 : 0, at - (slashes < at ? slashes + 3 : 0));
  return make_error(ErrorClass::invalid_request, "Bad URL '" + shown + "'", std::move(cause),
                    "Use http://host[:port]/…, https://host[:port]/… or unix:///socket/path:/….");
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// A space, control character or raw UTF-8 would end up in the request line and could start a second request.
bool fit_for_request_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}
constexpr const char* kUnfit = "it has a space, control or non-ASCII character";

Result<UrlParts> parse_unix(const std::string& url, const std::string& rest) {
  UrlParts parts;
  parts.scheme = "unix";
  const std::size_t end = rest.find(":/");
  parts.host = rest.substr(0, end);
  parts.target = end == std::string::npos ? "/" : rest.substr(end + 1);
  if (parts.host.empty() || parts.host[0] != '/') return bad_url(url, "the socket's path must be absolute");
  if (!fit_for_request_line(parts.target))
    return bad_url(url, kUnfit);  // the path is never sent, a folder's name may have a space
  return parts;
}

}  // namespace

std::string UrlParts::origin() const {
  if (scheme == "unix") return "unix://" + host;
  return scheme + "://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

Result<UrlParts> parse_url(const std::string& url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string::npos) return bad_url(url, "it has no scheme");
  std::string scheme = url.substr(0, colon);
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string rest = url.substr(colon + 3);
  if (scheme == "unix") return parse_unix(url, rest);
  if (!fit_for_request_line(url)) return bad_url(url, kUnfit);
  rest.resize(std::min(rest.size(), rest.find('#')));
  if (scheme != "http" && scheme != "https") return bad_url(url, "the scheme is neither http, https nor unix");

  UrlParts parts;
  parts.scheme = scheme;
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  std::string authority = rest.substr(0, path);
  parts.target = rest.substr(path);
  if (parts.target.empty() || parts.target[0] == '?') parts.target.insert(0, "/");
  if (authority.find('@') != std::string::npos) return bad_url(url, "user names in a URL are not supported");

  std::string port;
  if (!authority.empty() && authority[0] == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string::npos) return bad_url(url, "']' is missing");
    parts.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port[0] != ':') return bad_url(url, "':' and a port, or nothing, must follow ']'");
  } else {
    const std::size_t at = authority.find(':');
    parts.host = authority.substr(0, at);
    port = at == std::string::npos ? "" : authority.substr(at);
  }
  if (parts.host.empty()) return bad_url(url, "it has no host");
  std::transform(parts.host.begin(), parts.host.end(), parts.host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (port.empty()) {
    parts.port = scheme == "https" ? "443" : "80";
  } else {
    parts.port = port.substr(1);
    if (!all_digits(parts.port) || parts.port.size() > 5 || std::stoi(parts.port) < 1 || std::stoi(parts.port) > 65535)
      return bad_url(url, "the port must be 1 to 65535");
  }
  return parts;
}

}  // namespace dso
