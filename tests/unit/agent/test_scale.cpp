// What a poll and a change cost does not grow with the host: counted, not timed, at 10 and at 1,000 containers. Engine calls are
// counted by an engine that is a few lines of HTTP here, opened files and decrypted stores by inotify.
#include <sys/inotify.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>

#include "agent/agent_parts.h"
#include "agent/deliver.h"
#include "agent/watcher.h"
#include "delivery/store_fixture.h"
#include "logic/poll_rounds.h"
#include "net/local_server.h"

BOOST_AUTO_TEST_SUITE(scale)

namespace {

using namespace dso;
using namespace std::chrono_literals;

/// Every 10th poll compares values.
constexpr int kRound = kWholeCompareEvery;

struct Counts {
  int polls = 0, other_calls = 0, told = 0;
  std::size_t files = 0, decrypts = 0;
};
Counts operator-(const Counts& a, const Counts& b) {
  return {a.polls - b.polls, a.other_calls - b.other_calls, a.told - b.told, a.files - b.files, a.decrypts - b.decrypts};
}

/// Files that anybody opens in folders, not below them.
class Opened {
 public:
  /// `only`: the file that counts; empty: each.
  void watch(const std::string& folder, std::size_t& count, std::string only = {}) {
    const int wd = inotify_add_watch(fd_.get(), folder.c_str(), IN_OPEN | IN_ONLYDIR);
    BOOST_REQUIRE_MESSAGE(wd >= 0, "inotify: " << folder);
    counts_[wd] = {&count, std::move(only)};
  }
  void read_all() {
    alignas(inotify_event) char piece[65536];
    for (ssize_t n; (n = read(fd_.get(), piece, sizeof piece)) > 0;)
      for (ssize_t at = 0; at < n;) {
        const auto* event = reinterpret_cast<const inotify_event*>(piece + at);
        const auto it = counts_.find(event->wd);
        if (it != counts_.end() && !(event->mask & (IN_ISDIR | IN_IGNORED)) && event->len > 0 &&
            (it->second.only.empty() || it->second.only == event->name))
          ++*it->second.count;
        at += static_cast<ssize_t>(sizeof *event) + event->len;
      }
  }

 private:
  UniqueFd fd_{inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  struct Counted {
    std::size_t* count;
    std::string only;
  };
  std::map<int, Counted> counts_;
};

/// So many containers with a scope each, all delivered and running, and a watcher that polls when it is woken. The first secret
/// has one user, the others share the rest of the containers.
class Host : public test::StoreFixture {
 public:
  explicit Host(int containers) : secrets_(containers / 2), sources_(config(), paths()) {
    BOOST_REQUIRE(LocalStore::init(paths().store(), std::nullopt).has_value());
    for (int n = 0; n < secrets_; ++n) set(n, "first");
    for (int n = 0; n < containers; ++n) deliver(n, n == 0 ? 0 : 1 + (n - 1) % (secrets_ - 1));
    list_ = "[" + list_ + "]";
    opened_.watch(paths().store_dir, decrypts_, "store.key");  // once for each time that the store is decrypted
    watcher_.start();
  }

  void set(int secret, const std::string& value) {
    auto done = LocalStore::set(paths().store(), std::nullopt, name(secret), "password", SecretBytes::copy_of(value));
    BOOST_REQUIRE_MESSAGE(done.has_value(), (done.has_error() ? render(done.error()) : ""));
  }
  int secrets() const { return secrets_; }

  /// Lets so many polls begin; what was counted when the last one did.
  Counts poll(int count) {
    for (int i = 0; i < count; ++i) {
      std::unique_lock lock(mutex_);
      const int goal = counts_.polls + 1;
      watcher_.wake();
      BOOST_REQUIRE_MESSAGE(came_.wait_for(lock, 60s, [&] { return counts_.polls >= goal; }), "the watcher polls");
    }
    std::lock_guard lock(mutex_);
    return at_poll_;
  }
  void wait_told(int goal) {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE_MESSAGE(came_.wait_for(lock, 60s, [&] { return counts_.told >= goal; }), "the container is told");
    lock.unlock();
    agent_.reloader.wait_idle();
  }
  /// Until every state was read often enough to be believed; ends where a round of polls begins.
  Counts settle() {
    Counts before = poll(kRound);
    for (int i = 0; i < 50; ++i) {
      agent_.reloader.wait_idle();  // it may pause for longer than a round takes
      const Counts now = poll(kRound);
      if (now.files == before.files && now.other_calls == before.other_calls)
        return poll((kRound + 1 - now.polls % kRound) % kRound);
      before = now;
    }
    BOOST_FAIL("polls go on reading files");
    return before;
  }

 private:
  static std::string name(int secret) { return "team/service-" + std::to_string(secret); }
  Paths paths() const {
    Paths p;
    p.run_dir = root.paths().run_dir;
    p.state_dir = root.paths().state_dir;
    p.store_dir = root.path + "/store";
    return p;
  }
  static Config config() {
    Config c;
    ProviderInstance local;
    local.name = "default";
    local.type = "local";
    c.providers.push_back(local);
    c.agent.polling_interval = 1h;
    c.agent.debounce_quiet = 0ms;
    c.agent.monitor = 1h;  // a verdict half a minute after each was told, as on a busy machine, would be counted with the polls
    return c;
  }

  void deliver(int container, int secret) {
    Scope scope;
    scope.id = scope.service = "run-" + std::to_string(container);
    scope.items.push_back({{"default", name(secret)}, {}, {}});
    auto done = deliver_scope(scope, sources_, store, Deadline::in(60s), {});
    BOOST_REQUIRE_MESSAGE(done.has_value(), (done.has_error() ? render(done.error()) : ""));
    opened_.watch(store.paths().secrets_dir() + "/" + scope.id, scope_files_);
    list_ += (list_.empty() ? "" : ",") + summary(scope.id);
  }
  static std::string labels(const std::string& scope) {
    return R"("Labels":{"dso.reloader":"true","dso.strategy":"signal","dso.scope":")" + scope + "\"}";
  }
  std::string mounts(const std::string& scope) const {
    return R"("Mounts":[{"Type":"bind","Source":")" + folder(scope) + R"("}])";
  }
  std::string summary(const std::string& scope) const {
    return R"({"Id":"id-)" + scope + R"(","Names":["/)" + scope + R"("],"Image":"i","ImageID":"i","State":"running",)" +
           mounts(scope) + "," + labels(scope) + "}";
  }

  void serve(int fd) {
    for (std::string request; !(request = test::read_request(fd)).empty();)
      if (!test::send_text(fd, answer_to(request))) return;
  }
  std::string answer_to(const std::string& request) {
    const std::lock_guard lock(mutex_);
    if (request.find("/_ping") != std::string::npos) return "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
    came_.notify_all();
    if (request.starts_with("GET") && request.find("/images/i/json") != std::string::npos)
      return test::answer(R"({"Id":"i","Config":{"Labels":{"maintainer":"x"}}})");
    if (const auto at = request.find("secrets%2F"); at != std::string::npos) {  // who mounts this scope?
      ++counts_.other_calls;
      const std::string scope = request.substr(at + 10, request.find('%', at + 10) - at - 10);
      return test::answer("[" + summary(scope) + "]");
    }
    if (request.find("/containers/json") != std::string::npos) {
      opened_.read_all();
      ++counts_.polls;
      counts_.files = scope_files_;
      counts_.decrypts = decrypts_;
      at_poll_ = counts_;
      return test::answer(list_);
    }
    ++counts_.other_calls;
    if (request.starts_with("POST")) {
      ++counts_.told;
      return test::answer("", "204 No Content");
    }
    const auto at = request.find("/containers/id-") + 15;
    const std::string scope = request.substr(at, request.find('/', at) - at);
    return test::answer(R"({"Id":"id-)" + scope + R"(","Image":"i","Name":"/)" + scope + R"(",)" + mounts(scope) +
                        R"(,"Config":{)" + labels(scope) +
                        R"(},"HostConfig":{},"State":{"Status":"running","StartedAt":"2020-01-01T00:00:00Z"}})");
  }

  const int secrets_;
  std::mutex mutex_;
  std::condition_variable came_;
  Counts counts_, at_poll_;
  std::string list_;
  std::size_t scope_files_ = 0, decrypts_ = 0;
  Opened opened_;
  test::LocalServer server_{[this](int fd, int) { serve(fd); }};
  Engine engine_ = Engine::at(server_.socket_path());
  Sources sources_;
  test::AgentParts agent_{sources_, store, engine_, 2};
  OptedInList opted_in_{engine_};
  Watcher watcher_{config().providers[0], sources_, store, opted_in_, agent_.reloader, agent_.untold};
};

}  // namespace

BOOST_DATA_TEST_CASE(counted_not_timed, boost::unit_test::data::make({10, 1000}), containers) {
  Host host(containers);
  const Counts begin = host.settle();

  // at rest: one call a poll, no file; and once in a round the values are compared, many a time the store is opened
  const Counts rest = host.poll(kRound), idle = rest - begin;
  BOOST_TEST(idle.other_calls == 0);
  BOOST_TEST(idle.files == 0u);
  const std::size_t whole = (static_cast<std::size_t>(host.secrets()) + kFetchedAtOnce - 1) / kFetchedAtOnce;
  BOOST_TEST(idle.decrypts == whole);

  // one change, one user: what it costs is the same at any size
  host.set(0, "second");
  host.poll(1);
  host.wait_told(rest.told + 1);
  const Counts change = host.poll(kRound - 1) - rest;
  BOOST_TEST(change.told == 1);
  // its scope's containers, the one of them, its signal, how it is then; and one look more by a poll that began before this was
  // done
  BOOST_TEST(change.other_calls >= 4);
  BOOST_TEST(change.other_calls <= 6);
  BOOST_TEST(change.files > 0u);
  BOOST_TEST(change.files <= 60u);
  // `set` itself, versions, once more when it is due, the delivery; and the whole comparison of this round
  BOOST_TEST(change.decrypts >= 3 + whole);
  BOOST_TEST(change.decrypts <= 7 + whole);
}

BOOST_AUTO_TEST_SUITE_END()
