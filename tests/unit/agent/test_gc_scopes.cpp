// gc_scopes against an engine that is a few lines of HTTP here: what is used stays, what is young stays, the rest goes.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <mutex>

#include "agent/gc_scopes.h"
#include "delivery/scope_hold.h"
#include "delivery/store_fixture.h"
#include "net/local_server.h"

namespace {

using namespace dso;
using Ids = std::vector<std::string>;
const auto each = boost::test_tools::per_element();

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Containers that mount these scopes; `also`: what else it lists; `refuses`: the engine has an error of its own.
struct FakeEngine : test::StoreFixture {
  std::mutex mutex;
  Ids used;
  std::string also;
  bool refuses = false;
  std::unique_ptr<test::LocalServer> server = std::make_unique<test::LocalServer>([this](int fd, int) { serve(fd); });
  Engine engine = Engine::at(server->socket_path());

  void serve(int fd) {
    for (std::string request; !(request = test::read_request(fd)).empty();) {
      const std::lock_guard lock(mutex);
      const bool ping = request.find("/_ping") != std::string::npos;
      std::string text = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
      if (!ping) text = refuses ? test::answer(R"({"message":"no"})", "500 Internal Server Error") : test::answer(containers());
      if (!test::send_text(fd, text)) return;
    }
  }
  std::string containers() const {
    std::string body = also;
    for (const std::string& id : used)
      body += std::string(body.empty() ? "" : ",") +
              R"({"Id":"c","Names":["/c"],"Image":"i","ImageID":"i","State":"exited","Mounts":[{"Type":"bind","Source":")" +
              store.paths().secrets_dir() + "/" + id + R"(/f"}]})";
    return "[" + body + "]";
  }

  Result<Ids> gc(std::int64_t now, const std::set<std::string>& force = {}) {
    return gc_scopes(engine, store, force, now, Deadline::in(std::chrono::seconds(20)), {});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gc, FakeEngine)

BOOST_AUTO_TEST_CASE(only_what_no_container_uses_goes) {
  write("run-used", "d", {{"/run/secrets/a", "1"}});
  write("run-left", "d", {{"/run/secrets/a", "1"}});
  used = {"run-used", "run-of-another-run-dir"};
  auto removed = gc(now_ms() + 120'000);
  BOOST_REQUIRE_MESSAGE(removed.has_value(), (removed.has_error() ? render(removed.error()) : ""));
  BOOST_TEST(*removed == (Ids{"run-left"}), each);
  BOOST_TEST(store.list() == (Ids{"run-used"}), each);
  BOOST_TEST(store.known_scopes().size() == 1u);
}

// `dso run` delivers before its container exists; the delivered_at of a value that has not changed is no proof of age.
BOOST_AUTO_TEST_CASE(what_was_just_written_stays) {
  write("run-young", "d", {{"/run/secrets/a", "1"}});
  for (const std::int64_t later : {0, 30'000}) {
    auto removed = gc(now_ms() + later);
    BOOST_REQUIRE(removed.has_value());
    BOOST_TEST(removed->empty());
  }
  BOOST_TEST(gc(now_ms() + 61'000)->size() == 1u);
}

BOOST_AUTO_TEST_CASE(force_is_for_the_young_not_for_the_used) {
  write("a", "d", {{"/run/secrets/a", "1"}});
  write("b", "d", {{"/run/secrets/a", "1"}});
  write("c", "d", {{"/run/secrets/a", "1"}});
  used = {"b"};
  auto removed = gc(now_ms(), {"a", "b", "never-was"});
  BOOST_REQUIRE(removed.has_value());
  BOOST_TEST(*removed == (Ids{"a"}), each);
  BOOST_TEST(store.list() == (Ids{"b", "c"}), each);
}

// A pull or a build takes as long as it takes; force is another command's, which knows nothing of it.
BOOST_AUTO_TEST_CASE(what_a_process_holds_stays_however_old) {
  write("a", "d", {{"/run/secrets/a", "1"}});
  {
    const auto one = hold_scope(store, "a"), another = hold_scope(store, "a");
    BOOST_REQUIRE((one.has_value() && another.has_value()));
    BOOST_TEST(gc(now_ms() + 86'400'000)->empty());
    BOOST_TEST(gc(now_ms(), {"a"})->empty());
    BOOST_TEST(store.list() == (Ids{"a"}), each);
  }
  BOOST_TEST(*gc(now_ms() + 86'400'000) == (Ids{"a"}), each);
  BOOST_TEST(!std::filesystem::exists(hold_path(store.paths(), "a")));
}

BOOST_AUTO_TEST_CASE(an_engine_that_does_not_say_removes_nothing) {
  write("a", "d", {{"/run/secrets/a", "1"}});
  refuses = true;
  BOOST_TEST(gc(now_ms() + 120'000, {"a"}).has_error());
  server.reset();
  BOOST_TEST(gc(now_ms() + 120'000, {"a"}).has_error());
  BOOST_TEST(store.list() == (Ids{"a"}), each);
}

// What an image calls itself keeps nothing and takes nothing; what is mounted stays, whoever else cannot be read.
BOOST_AUTO_TEST_CASE(what_is_mounted_counts_and_no_label) {
  write("a", "d", {{"/run/secrets/a", "1"}});
  write("b", "d", {{"/run/secrets/a", "1"}});
  const std::string of_a = R"("Mounts":[{"Type":"bind","Source":")" + store.paths().secrets_dir() + R"(/a/f"}])";
  also = R"({"Id":"x","State":"running","Labels":{"dso.scope":"b"},"Mounts":[]},{"Id":"y","State":"running",)" + of_a +
         R"(,"Labels":{"x":")" + std::string(5 << 20, 'x') + "\"}}";
  auto removed = gc(now_ms(), {"a", "b"});
  BOOST_REQUIRE_MESSAGE(removed.has_value(), (removed.has_error() ? render(removed.error()) : ""));
  BOOST_TEST(*removed == (Ids{"b"}), each);
  also += R"(,{"Id":"z","State":7,)" + of_a + "}";
  used = {"c"};
  BOOST_TEST(gc(now_ms(), {"a"}).has_error());  // it may have mounted anything
  BOOST_TEST(store.list() == (Ids{"a"}), each);
}

// After a reboot the files are gone, the names are not.
BOOST_AUTO_TEST_CASE(names_without_files_are_forgotten) {
  write("a", "d", {{"/run/secrets/a", "1"}});
  std::filesystem::remove_all(store.paths().secrets_dir() + "/a");
  BOOST_REQUIRE(store.known_scopes().size() == 1u);
  auto removed = gc(now_ms());
  BOOST_REQUIRE(removed.has_value());
  BOOST_TEST(store.known_scopes().empty());
}

BOOST_AUTO_TEST_SUITE_END()
