// To a host by way of an HTTP proxy: CONNECT, and from its answer on the stream is the host's. What is said to the proxy, a
// password for it too, is in secret memory; no error repeats it.
#include <cctype>

#include "logic/base64.h"
#include "net/byte_stream.h"
#include "net/http_client.h"
#include "net/net_error.h"
#include "net/tcp_socket.h"

namespace dso {
namespace {

constexpr std::size_t kMaxHead = 16 * 1024;

/// Byte by byte: what follows the head is not ours.
Result<std::string> read_head(ByteStream& stream, const std::string& what, const Deadline& d, const std::stop_token& s) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    DSO_TRY(const std::size_t n, stream.read_some({&byte, 1}, d, s));
    if (n == 0 || head.size() == kMaxHead) return make_error(ErrorClass::network, what, "the proxy gives no answer of HTTP");
    head += byte;
  }
  return head;
}

}  // namespace

Result<std::unique_ptr<ByteStream>> connect_through(const std::string& proxy, const std::string& host, const std::string& port,
                                                    const Deadline& d, std::stop_token s) {
  if (proxy.empty()) return connect_tcp(host, port, d, std::move(s));
  const std::size_t begin = proxy.find("://") + 3, at = proxy.rfind('@');
  const bool named = at != std::string::npos && at >= begin;
  DSO_TRY(const UrlParts url, parse_url(named ? proxy.substr(0, begin) + proxy.substr(at + 1) : proxy));
  const std::string peer = peer_name(host, port), by = "the proxy " + peer_name(url.host, url.port);
  const std::string what = "Failed to connect to " + peer;
  if (url.scheme != "http")
    return make_error(ErrorClass::unsupported, what, by + " is not http://", "Write proxy: http://HOST:PORT.");
  auto stream = connect_tcp(url.host, url.port, d, s);
  if (stream.has_error()) {
    Error e = std::move(stream).error();
    e.cause = by + ": " + e.cause;
    e.what = what;
    return e;
  }
  SecretBuffer request;
  append(request, "CONNECT " + peer + " HTTP/1.1\r\nHost: " + peer + "\r\nUser-Agent: dso\r\n");
  if (named) {
    append(request, "Proxy-Authorization: Basic ");
    append_base64(request, std::string_view(proxy).substr(begin, at - begin));
    append(request, "\r\n");
  }
  append(request, "\r\n");
  DSO_CHECK((*stream)->write_all(view(request), d, s));
  DSO_TRY(const std::string head, read_head(**stream, what, d, s));
  const std::string status = head.starts_with("HTTP/1.") && head.size() > 12 ? head.substr(9, 3) : std::string();
  if (status.empty() || !std::isdigit(static_cast<unsigned char>(status[0])))
    return make_error(ErrorClass::network, what, by + " gives no answer of HTTP", "Correct the instance's `proxy`.");
  if (status[0] != '2')
    return make_error(ErrorClass::network, what, by + " answers " + status,
                      status == "407" ? "Write its user and password: proxy: http://USER:PASSWORD@HOST:PORT."
                                      : "Have the proxy let CONNECT to " + peer + " pass.");
  return stream;
}

}  // namespace dso
