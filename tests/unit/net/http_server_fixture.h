// The HTTP server on a socket of its own, and a client that writes what it likes.
#pragma once
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "net/http_server.h"
#include "net/local_server.h"

namespace dso::test {

using namespace std::chrono_literals;

inline ServerResponse text_answer(std::string_view text) {
  ServerResponse r;
  append(r.body, text);
  return r;
}

/// Method, target, body, as the handler saw them.
inline ServerResponse echo(const ServerRequest& request) {
  ServerResponse r = text_answer(request.method + " " + request.target + " ");
  append(r.body, view(request.body));
  return r;
}

struct HttpServerFixture {
  TempFolder folder;
  std::string path = folder.file("server.sock");

  std::unique_ptr<HttpServer> serve(HttpServer::Handler handler, const HttpServer::Limits& limits = {}) const {
    auto server = HttpServer::listen_unix(path, 0600, std::move(handler), limits);
    BOOST_REQUIRE_MESSAGE(server.has_value(), render(server.error()));
    return std::move(*server);
  }
  std::string url(const std::string& target) const { return "unix://" + path + ":" + target; }
  Result<HttpResponse> get(const std::string& target) const {
    HttpRequest r;
    r.url = url(target);
    return HttpClient(nullptr).send(r, Deadline::in(20s));
  }
};

/// A client that writes what it likes.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::strcpy(a.sun_path, path.c_str());
    BOOST_REQUIRE(connect(fd_.get(), reinterpret_cast<sockaddr*>(&a), sizeof a) == 0);
    const timeval limit{20, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  bool send(std::string_view text) { return send_text(fd_.get(), text); }
  /// Until the server ends the connection, or `until` was read.
  std::string read(std::string_view until = {}) {
    std::string got;
    char piece[4096];
    while (until.empty() || got.find(until) == std::string::npos) {
      const ssize_t n = recv(fd_.get(), piece, sizeof piece, 0);
      if (n <= 0) break;
      got.append(piece, static_cast<std::size_t>(n));
    }
    return got;
  }
  int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }

 private:
  UniqueFd fd_;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace dso::test
