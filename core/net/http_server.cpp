// HTTP/1.1 on one connection after the other request: read within the limits, ask the handler, answer. With http_client.cpp the
// only file that knows Beast.
#include "net/http_server.h"

#include <algorithm>
#include <atomic>
#include <boost/beast/http/chunk_encode.hpp>
#include <mutex>

#include "base/locked_memory.h"
#include "base/log.h"
#include "net/beast_io.h"
#include "net/connection_threads.h"
#include "net/tcp_listener.h"
#include "net/unix_listener.h"

namespace dso {
namespace {

namespace http = wire::http;
using RequestParser = http::request_parser<wire::SinkBody, SecretAllocator<char>>;

/// What came of a request whose time is over already is read, and no more waited for.
constexpr std::chrono::milliseconds kLate{20};

ServerResponse plain_answer(int status, std::string_view message) {
  ServerResponse response;
  response.status = status;
  append(response.body, "{\"message\":\"");
  append(response.body, message);  // ours: nothing to escape
  append(response.body, "\"}\n");
  return response;
}

/// Clients that send what is no request, or never finish one: said once a minute at most, however many there are.
class Nuisance {
 public:
  explicit Nuisance(std::string server) : server_(std::move(server)) {}
  void tell(int pid, ErrorClass cls) {
    const auto now = std::chrono::steady_clock::now();
    {
      const std::lock_guard lock(mutex_);
      if (now < next_) return;
      next_ = now + std::chrono::minutes(1);
    }
    log::warn("Agent",
              "A client of " + server_ + " (process " + std::to_string(pid) + ") " +
                  (cls == ErrorClass::timeout ? "did not finish its request in time" : "sent what cannot be read as a request") +
                  "; others are served, and more of this is not logged for a minute");
  }

 private:
  const std::string server_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_{};
};

/// A share of the bytes that a server may have under way, while it lives.
class Share {
 public:
  Share(std::atomic<std::size_t>& all, std::size_t bytes, std::size_t most) : all_(all), bytes_(bytes) {
    fits_ = all_.fetch_add(bytes_) + bytes_ <= std::max(most, bytes_);
  }
  ~Share() { all_ -= bytes_; }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  bool fits() const { return fits_; }

 private:
  std::atomic<std::size_t>& all_;
  const std::size_t bytes_;
  bool fits_ = false;
};

/// A connection's conversation.
class Conversation {
 public:
  Conversation(ByteStream& stream, const PeerCredentials& peer, std::stop_token stop, ConnectionPlace& place,
               const HttpServer::Handler& handler, const HttpServer::Limits& limits, Nuisance& nuisance,
               std::atomic<std::size_t>& under_way)
      : stream_(stream),
        peer_(peer),
        stop_(std::move(stop)),
        place_(place),
        handler_(handler),
        limits_(limits),
        nuisance_(nuisance),
        under_way_(under_way) {}

  void run() {
    while (!stop_.stop_requested() && one_exchange()) {
    }
  }

 private:
  /// False: the connection ends.
  bool one_exchange() {
    RequestParser parser;
    ServerRequest request;
    parser.eager(true);
    parser.header_limit(wire::kHeaderLimit);
    parser.body_limit(limits_.max_body);
    parser.get().body() = [&](std::string_view piece) {
      append(request.body, piece);
      return true;
    };
    // One deadline for the whole request, so that a slow sender gains nothing by sending a byte now and then.
    const Deadline deadline = Deadline::in(place_.late() ? kLate : limits_.read_timeout);
    wire::ReadProgress progress;
    auto read = read_request(parser, deadline, progress);
    if (read.has_error()) return refuse(read.error(), progress);

    request.method = std::string(parser.get().method_string());
    request.target = std::string(parser.get().target());
    request.headers = wire::headers_of(parser.get());
    request.peer = peer_;
    request.stop = stop_;
    request.kept = &kept_;
    const bool head_only = parser.get().method() == http::verb::head;
    const bool http_1_1 = parser.get().version() == 11;
    if (!place_.begin_work()) return false;  // before anything was done: the client may ask again on a new connection
    const bool goes_on = answer(call_handler(request), parser.keep_alive(), head_only, http_1_1);
    return place_.end_work() && goes_on;
  }

  Result<void> read_request(RequestParser& parser, const Deadline& d, wire::ReadProgress& progress) {
    DSO_CHECK(wire::read_until(
        stream_, buffer_, parser, [](const RequestParser& p) { return p.is_header_done(); }, d, stop_, "the client", progress));
    if (!parser.is_done() && wire::beast::iequals(parser.get()[http::field::expect], "100-continue"))
      DSO_CHECK(stream_.write_all("HTTP/1.1 100 Continue\r\n\r\n", d, stop_));
    return wire::read_until(
        stream_, buffer_, parser, [](const RequestParser& p) { return p.is_done(); }, d, stop_, "the client", progress);
  }

  bool refuse(const Error& error, const wire::ReadProgress& progress) {
    if (!progress.any_byte) return false;  // an idle connection's ordinary end
    if (error.cls == ErrorClass::timeout || error.cls == ErrorClass::malformed) nuisance_.tell(peer_.pid, error.cls);
    if (error.cls == ErrorClass::timeout)
      answer(plain_answer(408, "the request did not come in time"), false, false, true);
    else if (progress.at_limit)
      answer(plain_answer(413, "the body is too long"), false, false, true);
    else if (error.cls == ErrorClass::malformed)
      answer(plain_answer(400, "this is not an HTTP request"), false, false, true);
    return false;
  }

  ServerResponse call_handler(const ServerRequest& request) {
    try {
      return handler_(request);
    } catch (const SecretMemoryRefused& refused) {  // it is in the log already
      return plain_answer(503, refused.what());
    } catch (const std::exception&) {  // its text may hold anything
      log::error("Agent", "The handler of a request failed: " + request.method + " on a socket");
      return plain_answer(500, "internal error");
    }
  }

  bool answer(const ServerResponse& response, bool keep_alive, bool head_only, bool http_1_1) {
    const Share share(under_way_, response.body.size(), limits_.max_answer_bytes);
    if (!share.fits())
      return send(plain_answer(503, "too many answers are under way: ask again"), keep_alive, head_only, http_1_1);
    return send(response, keep_alive, head_only, http_1_1);
  }

  bool send(const ServerResponse& response, bool keep_alive, bool head_only, bool http_1_1) {
    const bool chunked = response.stream && http_1_1;
    keep_alive = keep_alive && (chunked || !response.stream);
    const bool bodyless = response.status / 100 == 1 || response.status == 204 || response.status == 304;
    const SecretBuffer& body = response.shared_body ? *response.shared_body : response.body;
    http::response<http::empty_body, wire::Fields> head;
    head.version(11);
    head.result(static_cast<unsigned>(response.status));
    head.set(http::field::content_type, response.content_type);
    if (chunked)
      head.chunked(true);
    else if (!response.stream && !bodyless)
      head.content_length(body.size());
    head.keep_alive(keep_alive);
    const SecretBuffer bytes = wire::head_bytes(head);
    const bool with_body = !response.stream && !head_only && !bodyless;
    if (!response.stream) place_.begin_writing();  // a stream is work for as long as it lasts
    if (!write(view(bytes), with_body ? view(body) : std::string_view())) return false;
    if (response.stream && !head_only && !bodyless && !stream_body(response, chunked)) return false;
    return keep_alive;
  }

  bool stream_body(const ServerResponse& response, bool chunked) {
    bool alive = true;
    const auto write_piece = [&](std::string_view piece) {
      if (alive && !piece.empty()) alive = !stop_.stop_requested() && (chunked ? write_chunk(piece) : write(piece));
      return alive && !stop_.stop_requested();
    };
    try {
      response.stream(write_piece);
    } catch (const std::exception&) {
      log::error("Agent", "The answer to a request broke off");
      return false;  // without the last chunk: the client sees that it is not whole
    }
    return alive && (!chunked || write("0\r\n\r\n"));
  }

  bool write_chunk(std::string_view piece) {
    SecretBuffer bytes;
    const auto chunk = http::make_chunk(boost::asio::const_buffer(piece.data(), piece.size()));
    for (const boost::asio::const_buffer b : wire::beast::buffers_range_ref(chunk))
      append(bytes, {static_cast<const char*>(b.data()), b.size()});
    return write(view(bytes));
  }

  bool write(std::string_view bytes, std::string_view then = {}) {
    return stream_.write_both(bytes, then, Deadline::in(limits_.read_timeout), stop_).has_value();
  }

  ByteStream& stream_;
  const PeerCredentials peer_;
  const std::stop_token stop_;
  ConnectionPlace& place_;
  const HttpServer::Handler& handler_;
  const HttpServer::Limits& limits_;
  Nuisance& nuisance_;
  std::atomic<std::size_t>& under_way_;
  std::shared_ptr<void> kept_;
  wire::Buffer buffer_;
};

class ThreadedHttpServer final : public HttpServer {
 public:
  ThreadedHttpServer(std::unique_ptr<Listener> listener, Handler handler, const Limits& limits)
      : handler_(std::move(handler)),
        limits_(limits),
        nuisance_(limits.name),
        threads_(std::move(listener), limits_,
                 [this](ByteStream& stream, const PeerCredentials& peer, std::stop_token stop, ConnectionPlace& place) {
                   try {
                     Conversation(stream, peer, std::move(stop), place, handler_, limits_, nuisance_, under_way_).run();
                   } catch (const SecretMemoryRefused&) {  // it is in the log already
                   } catch (const std::exception&) {
                     log::error("Agent", "A connection failed: no memory");
                   }
                 }) {}

 private:
  const Handler handler_;
  const Limits limits_;
  Nuisance nuisance_;
  std::atomic<std::size_t> under_way_ = 0;  ///< Bytes of answers.
  ConnectionThreads threads_;               // last: it uses the others
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen_unix(const std::string& socket_path, unsigned mode, Handler handler,
                                                            const Limits& limits) {
  DSO_TRY(auto listener, UnixListener::bind(socket_path, mode));
  return std::unique_ptr<HttpServer>(
      new ThreadedHttpServer(std::make_unique<UnixListener>(std::move(listener)), std::move(handler), limits));
}

std::unique_ptr<HttpServer> HttpServer::serve_unix(UniqueFd listening, Handler handler, const Limits& limits) {
  return std::unique_ptr<HttpServer>(new ThreadedHttpServer(
      std::make_unique<UnixListener>(UnixListener::adopt(std::move(listening))), std::move(handler), limits));
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen_tcp(const std::string& address, Handler handler, const Limits& limits) {
  DSO_TRY(auto listener, dso::listen_tcp(address));
  return std::unique_ptr<HttpServer>(new ThreadedHttpServer(std::move(listener), std::move(handler), limits));
}

}  // namespace dso
