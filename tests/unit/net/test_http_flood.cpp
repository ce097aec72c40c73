// The server among clients that say nothing, never finish, or send rubbish: bounded, said once, others are served.
#include <poll.h>
#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "base/log.h"
#include "net/http_server_fixture.h"

namespace dso {

using namespace test;

BOOST_FIXTURE_TEST_SUITE(http_flood, HttpServerFixture)

BOOST_AUTO_TEST_CASE(ten_thousand_silent_connections_keep_nobody_out) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const rlimit before = files;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 11'000);
  setrlimit(RLIMIT_NOFILE, &files);
  const std::size_t flood = std::min<std::size_t>(10'000, files.rlim_cur - 500);
  HttpServer::Limits limits;
  limits.max_connections = 256;
  limits.read_timeout = 60s;  // it is not time that helps
  limits.name = "the flooded socket";
  std::atomic<int> said{0};
  const int follower = log::follow([&](const std::string& line) { said += has(line, "connections of the flooded socket"); });
  const auto server = serve(echo, limits);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<RawClient>> silent;
  int good = 0;
  for (std::size_t i = 0; i < flood; ++i) {
    silent.push_back(std::make_unique<RawClient>(path));
    if (i % 3 == 0) silent.back()->send("GET / HTTP/1.1\r\nX: ");  // never finished
    if (i % 500 == 0) good += get("/").has_value();
  }
  BOOST_TEST(good == static_cast<int>((flood + 499) / 500));
  const auto whole_minutes = std::chrono::floor<std::chrono::minutes>(std::chrono::steady_clock::now() - start).count();
  BOOST_TEST(said >= 1);
  BOOST_TEST(said <= 1 + whole_minutes);
  log::unfollow(follower);
  silent.clear();
  setrlimit(RLIMIT_NOFILE, &before);
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_being_answered_never_makes_room) {
  HttpServer::Limits limits;
  limits.max_connections = 2;
  std::promise<void> in_handler, go_on;
  auto released = go_on.get_future().share();
  const auto server = serve(
      [&](const ServerRequest& r) {
        if (r.target == "/long") {
          in_handler.set_value();
          released.wait();
          return text_answer(r.stop.stop_requested() ? "stopped" : "whole");
        }
        return echo(r);
      },
      limits);
  RawClient busy(path);  // the oldest
  busy.send("GET /long HTTP/1.1\r\n\r\n");
  in_handler.get_future().wait();
  for (int i = 0; i < 20; ++i) BOOST_TEST(get("/").has_value());
  RawClient idle(path);
  for (int i = 0; i < 5; ++i) BOOST_TEST(get("/").has_value());  // idle goes
  go_on.set_value();
  BOOST_TEST(has(busy.read("whole"), "whole"));
}

/// Whoever connects is the asker that is named at that moment.
struct Named {
  std::mutex mutex;
  HttpServer::Asker now{"greedy", false, false};
  std::atomic<int> asked{0};
  /// So many were accepted, or asked for again.
  void wait_asked(int times) const {
    while (asked < times) usleep(1000);
  }
  void is(HttpServer::Asker asker) {
    const std::lock_guard lock(mutex);
    now = std::move(asker);
  }
  HttpServer::Limits limits(int places, int kept = 0) {
    HttpServer::Limits out;
    out.max_connections = places;
    out.kept_for_root = kept;
    out.read_timeout = 60s;  // it is not time that helps
    out.who = [this](const PeerCredentials&) {
      const std::lock_guard lock(mutex);
      ++asked;
      return now;
    };
    return out;
  }
};

BOOST_AUTO_TEST_CASE(who_never_reads_makes_room_for_another) {
  Named named;
  std::atomic<int> large{0};
  const auto server = serve(
      [&](const ServerRequest& r) {
        large += r.target == "/large";
        return text_answer(r.target == "/large" ? std::string(4'000'000, 'x') : "small");
      },
      named.limits(4));
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 8; ++i) {
    greedy.push_back(std::make_unique<RawClient>(path));
    greedy.back()->send("GET /large HTTP/1.1\r\n\r\nGET /large HTTP/1.1\r\n\r\n");
  }
  while (large < 4) usleep(1000);
  named.wait_asked(8);
  named.is({"other", false, false});
  for (int i = 0; i < 3; ++i) BOOST_TEST(view(get("/").value().body) == "small");
  BOOST_TEST(large <= 8);  // the greedy one was not asked for a second answer
}

BOOST_AUTO_TEST_CASE(what_works_for_the_greediest_is_told_to_stop_for_another) {
  Named named;
  std::atomic<int> working{0}, stopped{0};
  const auto server = serve(
      [&](const ServerRequest& r) {
        if (r.target != "/long") return text_answer("at once");
        ++working;
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, r.stop, 60s, [] { return false; });
        stopped += r.stop.stop_requested();
        return text_answer("");
      },
      named.limits(3));
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 3; ++i) {
    greedy.push_back(std::make_unique<RawClient>(path));
    greedy.back()->send("GET /long HTTP/1.1\r\n\r\n");
    while (working <= i) usleep(1000);
  }
  named.is({"other", false, false});
  BOOST_TEST(view(get("/").value().body) == "at once");
  BOOST_TEST(greedy[0]->read().empty());  // the one that worked for the longest
  BOOST_TEST(stopped == 1);
  RawClient second(path);
  second.send("GET /long HTTP/1.1\r\n\r\n");
  while (working < 4) usleep(1000);
  RawClient third(path);
  third.send("GET / HTTP/1.1\r\n\r\n");  // one of its own works already: two would take turns
  pollfd waits{third.fd(), POLLIN, 0};
  BOOST_TEST(poll(&waits, 1, 200) == 0);
  BOOST_TEST(stopped == 1);
}

BOOST_AUTO_TEST_CASE(places_are_kept_for_root) {
  Named named;
  std::promise<void> go_on;
  auto released = go_on.get_future().share();
  std::atomic<int> working{0};
  const auto server = serve(
      [&](const ServerRequest& r) {
        if (r.target == "/long") ++working, released.wait();  // deaf to a stop
        return text_answer("ok");
      },
      named.limits(3, 1));
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 20; ++i) {
    greedy.push_back(std::make_unique<RawClient>(path));
    greedy.back()->send("GET /long HTTP/1.1\r\n\r\n");
  }
  while (working < 2) usleep(1000);
  named.wait_asked(20);
  named.is({"root", true, false});
  for (int i = 0; i < 5; ++i) BOOST_TEST(get("/").has_value());
  BOOST_TEST(working == 2);
  go_on.set_value();
}

BOOST_AUTO_TEST_CASE(who_it_is_may_be_found_out_later) {
  Named named;
  std::atomic<std::uint64_t> changes{0};
  auto limits = named.limits(4);
  limits.who_changed = [&] { return changes.load(); };
  std::promise<void> go_on;
  auto released = go_on.get_future().share();
  std::atomic<int> working{0};
  const auto server = serve(
      [&](const ServerRequest& r) {
        if (r.target == "/long") ++working, released.wait();
        return text_answer("ok");
      },
      limits);
  named.is({"anybody", false, true});
  std::vector<std::unique_ptr<RawClient>> many;
  for (int i = 0; i < 8; ++i) {
    many.push_back(std::make_unique<RawClient>(path));
    many.back()->send("GET /long HTTP/1.1\r\n\r\n");
  }
  while (working < 4) usleep(1000);
  named.wait_asked(8);
  named.is({"greedy", false, true});
  ++changes;
  many.push_back(std::make_unique<RawClient>(path));
  named.wait_asked(17);  // the new one, and all others again: they are one asker by now
  named.is({"anybody", false, false});
  BOOST_TEST(get("/").has_value());
  go_on.set_value();
}

BOOST_AUTO_TEST_CASE(garbage_is_logged_once) {
  HttpServer::Limits limits;
  limits.name = "the garbage socket";
  std::atomic<int> said{0};
  const int follower = log::follow([&](const std::string& line) { said += has(line, "A client of the garbage socket"); });
  {
    const auto server = serve(echo, limits);
    for (int i = 0; i < 50; ++i) {
      RawClient raw(path);
      raw.send(std::string(2000, static_cast<char>(i)) + "\r\n\r\n");
      (void)raw.read();
    }
    BOOST_TEST(get("/").has_value());
  }
  log::unfollow(follower);
  BOOST_TEST(said == 1);
}

BOOST_AUTO_TEST_CASE(the_handler_keeps_what_it_likes_for_a_connection) {
  std::atomic<int> made{0};
  const auto server = serve([&](const ServerRequest& r) {
    if (!*r.kept) *r.kept = std::make_shared<int>(++made);
    ServerResponse answer;
    answer.shared_body = std::make_shared<const SecretBuffer>(SecretBuffer{'s', 'h', 'a', 'r', 'e', 'd'});
    return answer;
  });
  RawClient raw(path);
  for (int i = 0; i < 3; ++i) {
    raw.send("GET / HTTP/1.1\r\n\r\n");
    BOOST_TEST(has(raw.read("shared"), "Content-Length: 6"));
  }
  BOOST_TEST(made == 1);
  BOOST_REQUIRE(get("/").has_value());
  BOOST_TEST(made == 2);
}

BOOST_AUTO_TEST_CASE(the_process_that_connected) {
  std::shared_ptr<const UniqueFd> process;
  const auto server = serve([&](const ServerRequest& r) {
    process = r.peer.process;
    return text_answer("");
  });
  BOOST_REQUIRE(get("/").has_value());
  BOOST_REQUIRE(process);
  pollfd fd{process->get(), POLLIN, 0};
  BOOST_TEST(poll(&fd, 1, 0) == 0);  // a pidfd of a living process is not readable
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
