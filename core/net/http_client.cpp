// One exchange of request and answer over a pooled or new connection. With http_server.cpp the only file that knows Beast.
#include "net/http_client.h"

#include <algorithm>

#include "net/beast_io.h"
#include "net/connection_pool.h"
#include "net/tls_context.h"

namespace dso {
namespace {

namespace http = wire::http;
using ResponseParser = http::response_parser<wire::SinkBody, SecretAllocator<char>>;

/// For stream(): a peer that accepts and then does not even begin to answer.
constexpr std::chrono::seconds kStreamHeadTimeout{30};
/// A peer that stops reading may have answered already ("413"); that answer says more than "Broken pipe".
constexpr std::chrono::seconds kEarlyAnswerTimeout{1};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

Result<SecretBuffer> request_head(const HttpRequest& request, const UrlParts& url) {
  const std::string what = "Bad request for " + url.origin();
  if (!is_token(request.method)) return make_error(ErrorClass::invalid_request, what, "the method is not a word");
  http::request<http::empty_body, wire::Fields> head;
  head.version(11);
  head.method_string(request.method);
  head.target(url.target);
  const bool default_port = url.port == (url.scheme == "https" ? "443" : "80");
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  head.set(http::field::host, url.scheme == "unix" ? "localhost" : default_port ? host : host + ":" + url.port);
  head.set(http::field::user_agent, "dso");
  // Beast writes fields as they are: a line break in one would be a second header or request.
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return make_error(ErrorClass::invalid_request, what, "a header's name is not a word");
    if (!is_field_value(value))
      return make_error(ErrorClass::invalid_request, what, "header '" + name + "' has a control character");
    // the length is ours to say, and two ways to say it make two requests of one
    if (wire::beast::iequals(name, "transfer-encoding") || wire::beast::iequals(name, "content-length"))
      return make_error(ErrorClass::invalid_request, what, "header '" + name + "' is set by the client itself");
    if (wire::beast::iequals(name, "host") || wire::beast::iequals(name, "user-agent"))
      head.set(name, value);
    else
      head.insert(name, value);
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
    head.set(http::field::content_length, std::to_string(request.body.size()));
  return wire::head_bytes(head);
}

Result<void> write_request(ByteStream& stream, const SecretBuffer& head, const SecretBuffer& body, const Deadline& d,
                           const std::stop_token& s) {
  if (body.empty()) return stream.write_all(view(head), d, s);
  if (head.size() + body.size() > wire::kReadPiece) {
    DSO_CHECK(stream.write_all(view(head), d, s));
    return stream.write_all(view(body), d, s);
  }
  SecretBuffer both;  // one packet, one TLS record
  both.reserve(head.size() + body.size());
  append(both, view(head));
  append(both, view(body));
  return stream.write_all(view(both), d, s);
}

/// A finished exchange: what came beside the body, which went to the sink.
struct Answer {
  int status = 0;
  HttpHeaders headers;
  bool reusable = false;
};

/// Reads the answer; interim ones ("100 Continue") are skipped. `sink` is told the status with each piece.
Result<Answer> read_answer(ByteStream& stream, bool head_only, std::optional<std::size_t> max_body, const Deadline& head_deadline,
                           const Deadline& d, const std::stop_token& s, const std::string& peer, wire::ReadProgress& progress,
                           const std::function<bool(int, std::string_view)>& sink) {
  wire::Buffer buffer;
  for (;;) {
    ResponseParser parser;
    parser.eager(true);
    parser.header_limit(wire::kHeaderLimit);
    if (max_body)
      parser.body_limit(*max_body);
    else
      parser.body_limit(boost::none);
    parser.skip(head_only);
    parser.get().body() = [&](std::string_view piece) { return sink(static_cast<int>(parser.get().result_int()), piece); };
    DSO_CHECK(wire::read_until(
        stream, buffer, parser, [](const ResponseParser& p) { return p.is_header_done(); }, head_deadline, s, peer, progress));
    if (!progress.sink_ended)
      DSO_CHECK(wire::read_until(
          stream, buffer, parser, [](const ResponseParser& p) { return p.is_done(); }, d, s, peer, progress));
    const int status = static_cast<int>(parser.get().result_int());
    if (status / 100 == 1 && status != 101) continue;
    Answer answer;
    answer.status = status;
    answer.headers = wire::headers_of(parser.get());
    answer.reusable = !progress.sink_ended && parser.is_done() && parser.keep_alive() && buffer.size() == 0 && status != 101;
    return answer;
  }
}

Result<std::unique_ptr<ByteStream>> open_stream(const UrlParts& url, const TlsContext* tls, const Deadline& d,
                                                const std::stop_token& s) {
  if (url.scheme == "unix") return connect_unix(url.host, d, s);
  if (url.scheme == "http") return connect_tcp(url.host, url.port, d, s);
  if (!tls) return make_error(ErrorClass::unsupported, "Failed to connect to " + url.origin(), "this client has no TLS");
  DSO_TRY(auto below, connect_through(tls->proxy(), url.host, url.port, d, s));
  return connect_tls(std::move(below), *tls, url.host, d, s);
}

std::string peer_of(const UrlParts& url) {
  return url.scheme == "unix" ? url.host : url.origin();
}

}  // namespace

std::string HttpResponse::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_case_name) return value;
  return {};
}

struct HttpClient::Impl {
  std::shared_ptr<const TlsContext> tls;
  ConnectionPool pool;
};

HttpClient::HttpClient(std::shared_ptr<const TlsContext> tls, std::size_t max_idle)
    : impl_(new Impl{std::move(tls), ConnectionPool(max_idle)}) {}
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request, const Deadline& d, std::stop_token s) {
  DSO_TRY(const UrlParts url, parse_url(request.url));
  DSO_TRY(const SecretBuffer head, request_head(request, url));
  const std::string origin = url.origin(), peer = peer_of(url);
  for (bool fresh = false;; fresh = true) {
    std::unique_ptr<ByteStream> stream = fresh ? nullptr : impl_->pool.take(origin);
    const bool pooled = stream != nullptr;
    if (!stream) {
      DSO_TRY(stream, open_stream(url, impl_->tls.get(), d, s));
    }
    HttpResponse response;
    wire::ReadProgress progress;
    auto wrote = write_request(*stream, head, request.body, d, s);
    const Deadline until = wrote.has_value() ? d : d.capped(kEarlyAnswerTimeout);
    auto answer = read_answer(*stream, request.method == "HEAD", request.max_body, until, until, s, peer, progress,
                              [&](int, std::string_view piece) {
                                append(response.body, piece);
                                return true;
                              });
    if (answer.has_value()) {
      response.status = answer->status;
      response.headers = std::move(answer->headers);
      if (wrote.has_value() && answer->reusable) impl_->pool.give(origin, std::move(stream));
      return response;
    }
    const Error& error = wrote.has_error() ? wrote.error() : answer.error();
    // The server closed the idle connection just as we wrote: nothing was answered, so a new connection decides.
    if (pooled && !progress.any_byte && error.cls == ErrorClass::network) continue;
    return error;
  }
}

Result<int> HttpClient::stream(const HttpRequest& request, const std::function<bool(int status, std::string_view piece)>& on_data,
                               std::stop_token s, const Deadline& d) {
  DSO_TRY(const UrlParts url, parse_url(request.url));
  DSO_TRY(const SecretBuffer head, request_head(request, url));
  const Deadline head_deadline = d.capped(kStreamHeadTimeout);
  DSO_TRY(const auto stream, open_stream(url, impl_->tls.get(), head_deadline, s));
  DSO_CHECK(write_request(*stream, head, request.body, head_deadline, s));
  wire::ReadProgress progress;
  DSO_TRY(const Answer answer,
          read_answer(*stream, request.method == "HEAD", std::nullopt, head_deadline, d, s, peer_of(url), progress, on_data));
  return answer.status;
}

}  // namespace dso
