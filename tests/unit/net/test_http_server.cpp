// The server against our own client and against raw bytes: slow, wrong, large, leaving.
#include "net/http_server.h"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <future>

#include "base/secret_memory.h"
#include "net/http_server_fixture.h"

namespace dso {

using namespace test;
using Clock = std::chrono::steady_clock;

BOOST_FIXTURE_TEST_SUITE(http_server, HttpServerFixture)

BOOST_AUTO_TEST_CASE(answers_and_keeps_the_connection) {
  const auto server = serve(echo);
  HttpClient client(nullptr);
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{500'000}}) {
    HttpRequest r;
    r.method = "POST";
    r.url = url("/a?b");
    r.body.assign(size, 'x');
    auto answer = client.send(r, Deadline::in(20s));
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(answer->status == 200);
    BOOST_TEST(answer->header("content-type") == "application/json");
    BOOST_TEST((view(answer->body) == "POST /a?b " + std::string(size, 'x')));
  }
  RawClient raw(path);
  BOOST_TEST(raw.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n"));  // pipelined
  const std::string both = raw.read();
  BOOST_TEST(has(both, "GET /1 "));
  BOOST_TEST(has(both, "GET /2 "));
}

BOOST_AUTO_TEST_CASE(tells_who_asks_and_lower_cases_names) {
  PeerCredentials peer;
  HttpHeaders headers;
  const auto server = serve([&](const ServerRequest& r) {
    peer = r.peer;
    headers = r.headers;
    return text_answer("");
  });
  BOOST_REQUIRE(get("/").has_value());
  BOOST_TEST(peer.pid == getpid());
  BOOST_TEST(peer.uid == getuid());
  BOOST_TEST(peer.gid == getgid());
  BOOST_REQUIRE(!headers.empty());
  BOOST_TEST(headers[0].first == "host");
}

BOOST_AUTO_TEST_CASE(head_204_and_expect) {
  const auto server = serve([](const ServerRequest& r) {
    ServerResponse answer = echo(r);
    if (r.target == "/none") answer.status = 204;
    return answer;
  });
  RawClient raw(path);
  raw.send("HEAD / HTTP/1.1\r\n\r\n");
  BOOST_TEST(raw.read("\r\n\r\n").ends_with("\r\n\r\n"));
  raw.send("GET /none HTTP/1.1\r\n\r\n");
  BOOST_TEST(!has(raw.read("\r\n\r\n"), "Content-Length"));
  raw.send("POST /e HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(has(raw.read("\r\n\r\n"), "100 Continue"));
  raw.send("ok");
  BOOST_TEST(has(raw.read("POST /e ok"), "200 OK"));
}

BOOST_AUTO_TEST_CASE(what_many_are_sent_is_there_once) {
  const auto shared = std::make_shared<const SecretBuffer>(4 * 1024 * 1024, 'x');
  const auto server = serve([&](const ServerRequest&) {
    ServerResponse answer;
    answer.shared_body = shared;
    return answer;
  });
  const std::size_t before = secret_memory_status().bytes_in_use;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::make_unique<RawClient>(path));
    clients.back()->send("GET / HTTP/1.1\r\n\r\n");
    BOOST_TEST(has(clients.back()->read("\r\n\r\n"), "Content-Length: 4194304"));  // it is being sent, and nobody takes it
  }
  BOOST_TEST(secret_memory_status().bytes_in_use < before + 16 * 128 * 1024);
}

BOOST_AUTO_TEST_CASE(answers_of_their_own_are_bounded) {
  HttpServer::Limits limits;
  limits.max_answer_bytes = 6 * 1024 * 1024;
  const auto server = serve(
      [&](const ServerRequest& r) {
        ServerResponse answer;
        answer.body.assign(r.target == "/large" ? 4 * 1024 * 1024 : 10, 'x');
        return answer;
      },
      limits);
  RawClient slow(path);
  slow.send("GET /large HTTP/1.1\r\n\r\n");
  BOOST_TEST(has(slow.read("\r\n\r\n"), "200 OK"));
  RawClient second(path);
  second.send("GET /large HTTP/1.1\r\n\r\n");
  BOOST_TEST(has(second.read("ask again"), "503 Service Unavailable"));
  second.send("GET /small HTTP/1.1\r\n\r\n");
  BOOST_TEST(has(second.read("xxxxxxxxxx"), "200 OK"));
}

BOOST_AUTO_TEST_CASE(too_long_and_wrong_requests) {
  HttpServer::Limits limits;
  limits.max_body = 100;
  std::atomic<int> handled{0};
  const auto server = serve(
      [&](const ServerRequest& r) {
        ++handled;
        return echo(r);
      },
      limits);
  const auto reply = [&](const std::string& request) {
    RawClient raw(path);
    raw.send(request);
    return raw.read();
  };
  BOOST_TEST(has(reply("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x')), " 413 "));
  BOOST_TEST(has(reply("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + std::string(255, 'x')), " 413 "));
  BOOST_TEST(has(reply("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"), " 400 "));
  BOOST_TEST(has(reply("what?\r\n\r\n"), " 400 "));
  BOOST_TEST(has(reply("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"), " 400 "));
  BOOST_TEST(handled == 0);
  BOOST_TEST(has(reply("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x')), " 200 "));
}

BOOST_AUTO_TEST_CASE(a_slow_sender_is_bounded) {
  HttpServer::Limits limits;
  limits.read_timeout = 300ms;
  const auto server = serve(echo, limits);
  const auto start = Clock::now();
  RawClient raw(path);
  std::jthread drip([&](std::stop_token stop) {
    raw.send("GET / HTTP/1.1\r\nX: ");
    while (!stop.stop_requested() && raw.send("x")) usleep(10'000);
  });
  BOOST_TEST(has(raw.read(), " 408 "));
  BOOST_TEST((Clock::now() - start < 3s));
  RawClient idle(path);
  BOOST_TEST(idle.read().empty());  // ended without a word
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_bounded) {
  HttpServer::Limits limits;
  limits.read_timeout = 300ms;
  limits.max_connections = 1;
  const auto server = serve(
      [](const ServerRequest& r) { return text_answer(r.target == "/large" ? std::string(4'000'000, 'x') : "small"); }, limits);
  RawClient lazy(path);
  lazy.send("GET /large HTTP/1.1\r\n\r\n");
  BOOST_TEST(view(get("/").value().body) == "small");  // waits for the one slot
}

BOOST_AUTO_TEST_CASE(connections_over_the_limit_wait) {
  HttpServer::Limits limits;
  limits.max_connections = 2;
  std::atomic<int> now{0}, most{0};
  const auto server = serve(
      [&](const ServerRequest&) {
        const int n = ++now;
        for (int seen = most; n > seen && !most.compare_exchange_weak(seen, n);) {
        }
        usleep(20'000);
        --now;
        return text_answer("ok");
      },
      limits);
  std::vector<std::jthread> clients;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) clients.emplace_back([&] { good += get("/").has_value(); });
  clients.clear();
  BOOST_TEST(good == 8);
  BOOST_TEST(most <= 2);
}

BOOST_AUTO_TEST_CASE(a_throwing_handler_is_a_500_without_its_text) {
  const auto server = serve([](const ServerRequest&) -> ServerResponse { throw std::runtime_error("hunter2"); });
  auto r = get("/");
  BOOST_TEST(r.value().status == 500);
  BOOST_TEST(!has(std::string(view(r.value().body)), "hunter2"));
}

BOOST_AUTO_TEST_CASE(streams_piece_by_piece) {
  std::promise<void> first_seen;
  auto seen = first_seen.get_future().share();
  const auto server = serve([&](const ServerRequest&) {
    ServerResponse r;
    r.stream = [seen](const std::function<bool(std::string_view)>& write) {
      write("one");
      write("");
      seen.wait();  // the client has it before we go on
      write("two");
    };
    return r;
  });
  HttpRequest r;
  r.url = url("/");
  std::string got;
  auto status = HttpClient(nullptr).stream(r,
                                           [&](int, std::string_view piece) {
                                             got += piece;
                                             if (got == "one") first_seen.set_value();
                                             return true;
                                           },
                                           {});
  BOOST_TEST(status.value() == 200);
  BOOST_TEST(got == "onetwo");
  RawClient old(path);
  old.send("GET / HTTP/1.0\r\n\r\n");
  const std::string plain = old.read();
  BOOST_TEST(plain.ends_with("\r\n\r\nonetwo"));
  BOOST_TEST(!has(plain, "chunked"));
}

BOOST_AUTO_TEST_CASE(half_a_close_is_no_leaving_and_a_whole_one_ends_the_stream) {
  std::promise<bool> stopped;
  const auto server = serve([&](const ServerRequest& request) {
    ServerResponse r;
    r.stream = [&stopped, stop = request.stop](const std::function<bool(std::string_view)>& write) {
      write("hello");
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any never;
      never.wait_for(lock, stop, 20s, [] { return false; });
      const bool alone = !write("more");
      stopped.set_value(alone && stop.stop_requested());
    };
    return r;
  });
  RawClient raw(path);
  raw.send("GET / HTTP/1.1\r\n\r\n");
  shutdown(raw.fd(), SHUT_WR);
  BOOST_TEST(has(raw.read("hello"), "hello"));
  auto future = stopped.get_future();
  BOOST_TEST((future.wait_for(200ms) == std::future_status::timeout));
  raw.close();
  BOOST_REQUIRE((future.wait_for(10s) == std::future_status::ready));
  BOOST_TEST(future.get());
}

BOOST_AUTO_TEST_CASE(a_leaving_peer_is_noticed) {
  std::promise<void> in_handler;
  std::promise<bool> stopped;
  const auto server = serve([&](const ServerRequest& request) {
    in_handler.set_value();
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, request.stop, 20s, [] { return false; });
    stopped.set_value(request.stop.stop_requested());
    return text_answer("");
  });
  RawClient raw(path);
  raw.send("GET / HTTP/1.1\r\n\r\n");
  in_handler.get_future().wait();
  raw.close();
  auto future = stopped.get_future();
  BOOST_REQUIRE((future.wait_for(10s) == std::future_status::ready));
  BOOST_TEST(future.get());
}

BOOST_AUTO_TEST_CASE(a_stop_ends_waiting_connections_and_handlers) {
  std::promise<void> in_handler;
  HttpServer::Limits limits;
  limits.read_timeout = 60s;
  auto server = serve(
      [&](const ServerRequest& request) {
        in_handler.set_value();
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, request.stop, 20s, [] { return false; });
        return text_answer("");
      },
      limits);
  RawClient idle(path), half(path), busy(path);
  half.send("GET / HT");
  busy.send("GET / HTTP/1.1\r\n\r\n");
  in_handler.get_future().wait();
  const auto start = Clock::now();
  server.reset();
  BOOST_TEST((Clock::now() - start < 2s));
  BOOST_TEST(access(path.c_str(), F_OK) != 0);
}

BOOST_AUTO_TEST_CASE(the_socket_file) {
  const mode_t before = umask(0077);
  struct stat st {};
  {
    auto server = HttpServer::listen_unix(path, 0660, echo, {});
    umask(before);
    BOOST_REQUIRE(server.has_value());
    BOOST_REQUIRE(stat(path.c_str(), &st) == 0);
    BOOST_TEST((st.st_mode & 07777) == 0660u);
    auto second = HttpServer::listen_unix(path, 0600, echo, {});
    BOOST_REQUIRE(second.has_error());
    BOOST_TEST(second.error().cause == "another process serves there");
    BOOST_TEST(get("/").has_value());  // and the first still serves
  }
  BOOST_TEST(access(path.c_str(), F_OK) != 0);

  {  // a process that was killed leaves its socket file
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::strcpy(a.sun_path, path.c_str());
    BOOST_REQUIRE(bind(fd.get(), reinterpret_cast<sockaddr*>(&a), sizeof a) == 0);
    BOOST_REQUIRE(listen(fd.get(), 1) == 0);
  }
  {
    const auto server = serve(echo);
    BOOST_TEST(get("/").has_value());
    // somebody else's file at our path is not ours to remove
    BOOST_REQUIRE(unlink(path.c_str()) == 0);
    std::ofstream(path) << "precious";
  }
  BOOST_TEST(access(path.c_str(), F_OK) == 0);
  auto over_file = HttpServer::listen_unix(path, 0600, echo, {});
  BOOST_REQUIRE(over_file.has_error());
  BOOST_TEST((over_file.error().cls == ErrorClass::io));
  BOOST_TEST(over_file.error().what == "Failed to listen on " + path);
  BOOST_TEST(access(path.c_str(), F_OK) == 0);
  BOOST_TEST(HttpServer::listen_unix(folder.file("none/s"), 0600, echo, {}).error().cause == "No such file or directory");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
