// The client against servers that behave, lie, drip, hang and vanish.
#include "net/http_client.h"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>

#include "net/local_server.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(http_client)

namespace {

using namespace std::chrono_literals;
using test::answer;
using test::LocalServer;
using test::read_request;
using test::send_text;
using Clock = std::chrono::steady_clock;

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

Result<HttpResponse> fetch(const std::string& url, Clock::duration time = 10s) {
  return HttpClient(nullptr).send(get(url), Deadline::in(time));
}

std::string text(const HttpResponse& r) {
  return std::string(view(r.body));
}

/// Answers each request of a connection with `reply`.
LocalServer::Script always(const std::string& reply) {
  return [reply](int fd, int) {
    while (!read_request(fd).empty())
      if (!send_text(fd, reply)) return;
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE(gets_over_unix_and_tcp) {
  for (const auto kind : {LocalServer::Kind::unix_socket, LocalServer::Kind::tcp}) {
    std::string seen;
    LocalServer server(
        [&](int fd, int) {
          seen = read_request(fd);
          send_text(fd, "HTTP/1.1 200 OK\r\nX-One: Two\r\nContent-Length: 5\r\n\r\nhello");
        },
        kind);
    auto r = fetch(server.url("/a/b?c=d"));
    BOOST_REQUIRE(r.has_value());
    BOOST_TEST(r->status == 200);
    BOOST_TEST(text(*r) == "hello");
    BOOST_TEST(r->header("x-one") == "Two");
    BOOST_TEST(seen.starts_with("GET /a/b?c=d HTTP/1.1\r\n"));
    BOOST_TEST(seen.find("Content-Length") == std::string::npos);
    if (kind == LocalServer::Kind::tcp) BOOST_TEST(seen.find("Host: 127.0.0.1:" + server.port() + "\r\n") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(posts_headers_and_body_small_and_large) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{300'000}}) {
    std::string seen;
    LocalServer server([&](int fd, int) {
      seen = read_request(fd);
      send_text(fd, answer(""));
    });
    HttpRequest request = get(server.url("/x"));
    request.method = "POST";
    request.headers = {{"X-Token", "t"}, {"HOST", "other"}};
    request.body.assign(size, 'b');
    auto r = HttpClient(nullptr).send(request, Deadline::in(10s));
    BOOST_REQUIRE(r.has_value());
    BOOST_TEST(seen.find("X-Token: t\r\n") != std::string::npos);
    BOOST_TEST(seen.find("Content-Length: " + std::to_string(size) + "\r\n") != std::string::npos);
    BOOST_TEST(seen.find("HOST: other\r\n") != std::string::npos);
    BOOST_TEST(seen.find("localhost") == std::string::npos);
    BOOST_TEST(seen.ends_with("\r\n\r\n" + std::string(size, 'b')));
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_would_smuggle_a_second_request) {
  LocalServer server(always(answer("x")));
  HttpRequest a = get(server.url("/"));
  a.headers = {{"X", "1\r\nY: 2"}};
  HttpRequest b = get(server.url("/"));
  b.headers = {{"X: 1\r\nY", "2"}};
  HttpRequest c = get(server.url("/ HTTP/1.1\r\nX: y"));
  HttpRequest e = get(server.url("/"));
  e.headers = {{"Transfer-Encoding", "chunked"}};
  HttpRequest f = get(server.url("/"));
  f.method = "GET / HTTP/1.1\r\nX:";
  for (const HttpRequest* request : {&a, &b, &c, &e, &f}) {
    auto r = HttpClient(nullptr).send(*request, Deadline::in(10s));
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::invalid_request));
  }
  BOOST_TEST(server.connections() == 0);
}

BOOST_AUTO_TEST_CASE(reads_chunked_interim_head_204_and_until_close) {
  LocalServer chunked(always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"));
  BOOST_TEST(text(fetch(chunked.url("/")).value()) == "abcde");
  LocalServer interim(always("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + answer("body")));
  BOOST_TEST(text(fetch(interim.url("/")).value()) == "body");
  LocalServer head(always("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
  HttpRequest request = get(head.url("/"));
  request.method = "HEAD";
  HttpClient client(nullptr);
  for (int i = 0; i < 2; ++i) {
    auto r = client.send(request, Deadline::in(10s));
    BOOST_REQUIRE(r.has_value());
    BOOST_TEST(r->header("content-length") == "99");
    BOOST_TEST(r->body.empty());
  }
  BOOST_TEST(head.connections() == 1);
  LocalServer none(always("HTTP/1.1 204 No Content\r\n\r\n"));
  BOOST_TEST(fetch(none.url("/")).value().status == 204);
  LocalServer closing([](int fd, int) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\n\r\nto the end");
  });
  BOOST_TEST(text(fetch(closing.url("/")).value()) == "to the end");
}

BOOST_AUTO_TEST_CASE(reuses_a_connection_per_origin) {
  LocalServer a(always(answer("a"))), b(always(answer("b")));
  HttpClient client(nullptr);
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(text(client.send(get(a.url("/")), Deadline::in(10s)).value()) == "a");
    BOOST_TEST(text(client.send(get(b.url("/")), Deadline::in(10s)).value()) == "b");
  }
  BOOST_TEST(a.connections() == 1);
  BOOST_TEST(b.connections() == 1);
}

BOOST_AUTO_TEST_CASE(does_not_reuse_after_connection_close_or_extra_bytes) {
  for (const std::string& reply :
       {std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na"), answer("a") + "stray"}) {
    LocalServer server(always(reply));
    HttpClient client(nullptr);
    for (int i = 0; i < 3; ++i) BOOST_TEST(text(client.send(get(server.url("/")), Deadline::in(10s)).value()) == "a");
    BOOST_TEST(server.connections() == 3);
  }
}

BOOST_AUTO_TEST_CASE(resends_once_on_a_stale_pooled_connection) {
  // Each connection answers one request and then closes on reading the next: only the client's write finds out.
  LocalServer server([](int fd, int) {
    read_request(fd);
    send_text(fd, answer("ok"));
    read_request(fd);
  });
  HttpClient client(nullptr);
  for (int i = 0; i < 4; ++i) {
    auto r = client.send(get(server.url("/")), Deadline::in(10s));
    BOOST_REQUIRE(r.has_value());
    BOOST_TEST(text(*r) == "ok");
  }
  BOOST_TEST(server.connections() == 4);
}

BOOST_AUTO_TEST_CASE(does_not_resend_on_a_new_connection_or_after_a_byte_of_an_answer) {
  LocalServer silent([](int fd, int) { read_request(fd); });
  auto r = fetch(silent.url("/"));
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::network));
  BOOST_TEST(silent.connections() == 1);

  LocalServer half([](int fd, int) {
    read_request(fd);
    send_text(fd, answer("ok"));
    read_request(fd);
    send_text(fd, "HTTP/1.1 2");
  });
  HttpClient client(nullptr);
  BOOST_REQUIRE(client.send(get(half.url("/")), Deadline::in(10s)).has_value());
  BOOST_TEST(client.send(get(half.url("/")), Deadline::in(10s)).has_error());
  BOOST_TEST(half.connections() == 1);
}

BOOST_AUTO_TEST_CASE(truncated_bodies_are_errors) {
  for (const std::string& reply : {std::string("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"value\": \"abc"),
                                   std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"val\r\n"),
                                   std::string("HTTP/1.1 200 OK\r\nContent-Le")}) {
    LocalServer server([&](int fd, int) {
      read_request(fd);
      send_text(fd, reply);
    });
    auto r = fetch(server.url("/"));
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::network));
    BOOST_TEST(r.error().cause.find("in the middle") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(half_closed_peer_still_gets_to_answer) {
  // The server ends its reading side early: a small request is through already, the answer counts.
  LocalServer server([](int fd, int) {
    read_request(fd);
    shutdown(fd, SHUT_RD);
    send_text(fd, answer("still"));
  });
  BOOST_TEST(text(fetch(server.url("/")).value()) == "still");
  // It ends its writing side without an answer: an error at once, not at the deadline.
  LocalServer mute([](int fd, int) {
    read_request(fd);
    shutdown(fd, SHUT_WR);
    read_request(fd);
  });
  const auto start = Clock::now();
  BOOST_TEST((fetch(mute.url("/"), 20s).error().cls == ErrorClass::network));
  BOOST_TEST((Clock::now() - start < 5s));
}

BOOST_AUTO_TEST_CASE(an_early_answer_beats_broken_pipe) {
  LocalServer server([](int fd, int) {
    char head[16];
    BOOST_TEST(recv(fd, head, sizeof head, 0) > 0);
    send_text(fd, answer("too long", "413 Payload Too Large"));
  });
  HttpRequest request = get(server.url("/"));
  request.method = "POST";
  request.body.assign(3'000'000, 'x');
  auto r = HttpClient(nullptr).send(request, Deadline::in(10s));
  BOOST_REQUIRE(r.has_value());
  BOOST_TEST(r->status == 413);
}

BOOST_AUTO_TEST_CASE(not_http_is_malformed_and_html_is_passed_on) {
  LocalServer ssh(always("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
  BOOST_TEST((fetch(ssh.url("/")).error().cls == ErrorClass::malformed));
  LocalServer html(always("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"));
  auto r = fetch(html.url("/"));
  BOOST_REQUIRE(r.has_value());
  BOOST_TEST(r->header("content-type") == "text/html");
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_stops_early) {
  std::atomic<std::size_t> sent{0};
  LocalServer endless([&](int fd, int) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    while (sent < 200u * 1024 * 1024 && send_text(fd, piece)) sent += piece.size();
  });
  auto r = fetch(endless.url("/"), 60s);
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::malformed));
  BOOST_TEST(r.error().cause == "it is longer than allowed");
  BOOST_TEST(sent < 8u * 1024 * 1024);

  LocalServer announced(always("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n"));
  BOOST_TEST((fetch(announced.url("/")).error().cls == ErrorClass::malformed));

  LocalServer exact(always(answer(std::string(1000, 'x'))));
  HttpRequest request = get(exact.url("/"));
  request.max_body = 1000;
  BOOST_TEST(HttpClient(nullptr).send(request, Deadline::in(10s)).has_value());
  request.max_body = 999;
  BOOST_TEST(HttpClient(nullptr).send(request, Deadline::in(10s)).has_error());
}

BOOST_AUTO_TEST_CASE(endless_heads_and_chunk_lines_are_malformed) {
  for (const std::string start : {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"}) {
    LocalServer server([&](int fd, int) {
      read_request(fd);
      send_text(fd, start);
      while (send_text(fd, std::string(4096, 'x'))) {
      }
    });
    auto r = fetch(server.url("/"), 60s);
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::malformed));
  }
}

BOOST_AUTO_TEST_CASE(the_deadline_holds_against_silence_and_drips) {
  LocalServer silent([](int fd, int) {
    read_request(fd);
    read_request(fd);
  });
  LocalServer drip([](int fd, int) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (send_text(fd, "x")) usleep(5000);
  });
  LocalServer flood([](int fd, int) {  // there is always more to read, and never an answer
    read_request(fd);
    std::string many;
    for (int i = 0; i < 2000; ++i) many += "HTTP/1.1 102 Processing\r\n\r\n";
    while (send_text(fd, many)) {
    }
  });
  for (const LocalServer* server : {&silent, &drip, &flood}) {
    const auto start = Clock::now();
    auto r = fetch(server->url("/"), 300ms);
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::timeout));
    BOOST_TEST((Clock::now() - start >= 300ms));
    BOOST_TEST((Clock::now() - start < 1500ms));
  }
}

BOOST_AUTO_TEST_CASE(a_stop_wakes_within_100_ms) {
  std::stop_source stop;
  std::mutex mutex;
  std::condition_variable waiting;
  bool there = false;
  LocalServer silent([&](int fd, int) {
    read_request(fd);
    {
      std::lock_guard lock(mutex);
      there = true;
    }
    waiting.notify_all();
    read_request(fd);
  });
  Clock::time_point stopped_at;
  std::thread stopper([&] {
    std::unique_lock lock(mutex);
    waiting.wait(lock, [&] { return there; });
    usleep(100'000);  // into poll(2), most likely; earlier is right too, but proves less
    stopped_at = Clock::now();
    stop.request_stop();
  });
  auto r = HttpClient(nullptr).send(get(silent.url("/")), Deadline::never(), stop.get_token());
  const auto after = Clock::now();
  stopper.join();
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::interrupted));
  BOOST_TEST((after - stopped_at < 100ms));
}

BOOST_AUTO_TEST_CASE(nobody_listens) {
  test::TempFolder folder;
  auto r = fetch("unix://" + folder.file("none") + ":/");
  BOOST_TEST((r.error().cls == ErrorClass::network));
  BOOST_TEST(r.error().what == "Failed to connect to " + folder.file("none"));
  BOOST_TEST(r.error().cause == "No such file or directory");
  BOOST_TEST((fetch("unix:///" + std::string(200, 'x') + ":/").error().cls == ErrorClass::network));
  std::string port;
  {
    LocalServer gone(always(""), LocalServer::Kind::tcp);
    port = gone.port();
  }
  auto t = fetch("http://127.0.0.1:" + port + "/");
  BOOST_TEST(t.error().what == "Failed to connect to 127.0.0.1:" + port);
  BOOST_TEST(t.error().cause == "Connection refused");
  BOOST_TEST((fetch("http://no-such-host.invalid/").error().cls == ErrorClass::network));
  BOOST_TEST((fetch("https://127.0.0.1:1/").error().cls == ErrorClass::unsupported));
}

BOOST_AUTO_TEST_CASE(many_threads_share_a_client) {
  LocalServer server(always(answer("ok")));
  HttpClient client(nullptr, 2);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i)
        if (auto r = client.send(get(server.url("/")), Deadline::in(10s)); r.has_value() && view(r->body) == "ok") ++good;
    });
  for (auto& t : threads) t.join();
  BOOST_TEST(good == 120);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
