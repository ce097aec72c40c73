// The upgrade by Beast's serializer and parser, over wiping memory; then frames.
#include "net/websocket.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

#include "net/beast_io.h"

namespace dso {
namespace {

namespace http = wire::http;

constexpr std::chrono::seconds kQuiet{45}, kWriteTimeout{10};

std::string random_key() {
  unsigned char bytes[16], out[32];
  RAND_bytes(bytes, sizeof bytes);
  const int n = EVP_EncodeBlock(out, bytes, sizeof bytes);
  return std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(n));
}

std::uint32_t random_mask() {
  std::uint32_t mask = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&mask), sizeof mask);
  return mask;
}

SecretBuffer upgrade(const HttpRequest& request, const UrlParts& url, const std::string& key) {
  http::request<http::empty_body, wire::Fields> head;
  head.version(11);
  head.method(http::verb::get);
  head.target(url.target);
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  head.set(http::field::host, host + ":" + url.port);
  head.set(http::field::user_agent, "dso");
  for (const auto& [name, value] : request.headers) head.set(name, value);
  head.set(http::field::upgrade, "websocket");
  head.set(http::field::connection, "Upgrade");
  head.set(http::field::sec_websocket_version, "13");
  head.set(http::field::sec_websocket_key, key);
  return wire::head_bytes(head);
}

Error refused(int status, const std::string& peer) {
  const ErrorClass cls = status == 401 || status == 403 ? ErrorClass::access_denied
                         : status == 404                ? ErrorClass::not_found
                                                        : ErrorClass::unavailable;
  Error e = make_error(cls, "No events from " + peer, "it answers " + std::to_string(status) + " to the upgrade");
  e.store_code = std::to_string(status);
  return e;
}

/// Line breaks would start a header of their own. The provider's host has looked already; so must who connects.
bool is_clean(const HttpRequest& request) {
  const auto plain = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  };
  return std::all_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    return !header.first.empty() && plain(header.first) && plain(header.second) &&
           header.first.find_first_of(" :") == std::string::npos;
  });
}

}  // namespace

Result<std::unique_ptr<WebSocket>> WebSocket::connect(const HttpRequest& request, const TlsContext* tls, const Deadline& d,
                                                      std::stop_token s) {
  DSO_TRY(const UrlParts url, parse_url(request.url));
  const std::string peer = url.origin();
  if ((url.scheme != "http" && url.scheme != "https") || !is_clean(request) || (url.scheme == "https" && !tls))
    return make_error(ErrorClass::invalid_request, "No events from " + peer, "its address or a header cannot be used");
  DSO_TRY(auto stream, connect_through(url.scheme == "https" ? tls->proxy() : std::string(), url.host, url.port, d, s));
  if (url.scheme == "https") {
    DSO_TRY(stream, connect_tls(std::move(stream), *tls, url.host, d, s));
  }
  const std::string key = random_key();
  DSO_CHECK(stream->write_all(view(upgrade(request, url, key)), d, s));

  wire::Buffer buffer;
  http::response_parser<http::empty_body, SecretAllocator<char>> parser;
  parser.header_limit(wire::kHeaderLimit);
  parser.skip(true);
  wire::ReadProgress progress;
  DSO_CHECK(wire::read_until(
      *stream, buffer, parser, [](const auto& p) { return p.is_header_done(); }, d, s, peer, progress));
  const int status = static_cast<int>(parser.get().result_int());
  if (status != 101) return refused(status, peer);
  if (parser.get()[http::field::sec_websocket_accept] != wire::beast_text(websocket_accept(key)))
    return make_error(ErrorClass::malformed, "No events from " + peer, "its upgrade is no WebSocket's");
  std::unique_ptr<WebSocket> socket(new WebSocket(std::move(stream), peer));
  socket->reader_.feed({static_cast<const char*>(buffer.data().data()), buffer.size()});
  return socket;
}

Result<void> WebSocket::say(int opcode, std::string_view payload, std::stop_token s) {
  return stream_->write_all(control_frame(opcode, payload, random_mask()), Deadline::in(kWriteTimeout), std::move(s));
}

Result<void> WebSocket::next_message(std::stop_token s) {
  bool pinged = false;
  const auto ended = [this](std::string cause) {
    return make_error(ErrorClass::network, "No more events from " + peer_, std::move(cause));
  };
  for (;;) {
    while (const auto event = reader_.next()) {
      using Kind = FrameReader::Event::Kind;
      if (event->kind == Kind::message) return {};
      if (event->kind == Kind::closed) return ended("it closed the connection");
      if (event->kind == Kind::ping) DSO_CHECK(say(kPong, event->payload, s));
    }
    if (reader_.broken()) return ended("it sent something that is no WebSocket frame");
    char piece[4096];
    auto n = stream_->read_some(piece, Deadline::in(kQuiet), s);
    if (n.has_error()) {
      if (n.error().cls != ErrorClass::timeout) return std::move(n).error();
      if (std::exchange(pinged, true)) return ended("it does not answer");
      DSO_CHECK(say(kPing, {}, s));
      continue;
    }
    if (*n == 0) return ended("the connection was closed");
    pinged = false;
    reader_.feed({piece, *n});
  }
}

}  // namespace dso
