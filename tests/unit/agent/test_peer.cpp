// What /proc says of a pid counts only while the process that connected lives, what the engine says of a container only if it
// says so twice. With an engine and a /proc of a few lines.
#include "agent/peer.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "fake_engine.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(peer)

namespace {

const std::string kId(64, 'c'), kVictim(64, 'd');
constexpr int kInit = 4711;
const std::string kImageRoot = "900 800 0:99 / / rw - overlay overlay rw\n";

std::string cgroup_at(const std::string& path) {
  return "4:memory:" + path + "\n0::" + path + "\n";
}
std::string inspect_of(const std::string& id, int pid, const std::string& state = "running") {
  return test::answer(R"({"Id":")" + id + R"(","Name":"/web","State":{"Status":")" + state + R"(","Pid":)" + std::to_string(pid) +
                      R"(},"Config":{"Labels":{"dso.secrets":"mine"}}})");
}

/// Waits to be killed, and does nothing else.
pid_t waiting_process() {
  const pid_t pid = fork();
  while (pid == 0) pause();  // NOLINT(bugprone-infinite-loop): until it is killed
  return pid;
}

/// A process that waits to be killed, a /proc in which it is in the container kId, whose State.Pid is kInit, and an engine that
/// knows that container.
struct World {
  test::TempFolder proc;
  pid_t pid = waiting_process();
  PeerCredentials peer;
  std::function<std::string(const std::string&, std::size_t)> inspect = [](const std::string& id, std::size_t) {
    return id == kId ? inspect_of(kId, kInit) : test::FakeEngine::refusal("404 Not Found", "No such container");
  };
  std::string listed = "[]";
  std::size_t inspects = 0, lists = 0;
  test::FakeEngine fake;

  World() : fake([this](const std::string& call) { return respond(call); }) {
    peer.pid = pid;
    peer.process = std::make_shared<const UniqueFd>(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    const std::string agent_mounts = "500 400 8:1 / / ro - ext4 /dev/sda1 rw\n";
    process("self", cgroup_at("/system.slice/dso-agent.service"), "50", agent_mounts);
    process("1", cgroup_at("/init.scope"), "1", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    process(std::to_string(kInit), cgroup_at("/docker/" + kId), "4711\t1", kImageRoot);
    here(cgroup_at("/docker/" + kId));
  }
  ~World() { end(); }
  void end() {
    if (std::exchange(ended_, true)) return;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  void process(const std::string& name, const std::string& cgroup, const std::string& pids, const std::string& mounts,
               int parent = 1, const std::string& arguments = "x") const {
    std::filesystem::create_directories(proc.file(name));
    std::ofstream(proc.file(name + "/cgroup")) << cgroup;
    std::ofstream(proc.file(name + "/status")) << "Name:\tx\nPPid:\t" << parent << "\nNSpid:\t" << pids << "\n";
    std::ofstream(proc.file(name + "/uid_map")) << "0 0 4294967295\n";
    std::ofstream(proc.file(name + "/mountinfo")) << mounts;
    std::ofstream(proc.file(name + "/cmdline")) << arguments;
  }
  /// The peer itself.
  void here(const std::string& cgroup, const std::string& pids = "4800\t7", const std::string& mounts = kImageRoot,
            int parent = 1) const {
    process(std::to_string(pid), cgroup, pids, mounts, parent);
  }
  Result<Peer> find() const {
    return PeerFinder(Engine::at(fake.socket()), proc.file("")).find(peer, Deadline::in(std::chrono::seconds(20)), {});
  }
  bool is(PeerKind kind) const {
    const auto found = find();
    return found.has_value() && found->identity.kind == kind;
  }
  std::string container() const {
    const auto found = find();
    return found.has_value() ? found->identity.container : found.error().cause;
  }
  std::string cause() const {
    const auto found = find();
    if (found.has_value()) return "found";
    return found.error().cls == ErrorClass::access_denied ? found.error().cause : render(found.error());
  }

 private:
  std::string respond(const std::string& call) {
    if (call.starts_with("GET /containers/json")) return ++lists, test::answer(listed);
    const std::string id = call.substr(std::string("GET /containers/").size(), 64);
    return inspect(id, ++inspects);
  }
  bool ended_ = false;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_container_by_its_group_costs_an_inspect_before_and_one_after, World) {
  const auto found = find();
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST((found->identity.kind == PeerKind::container));
  BOOST_TEST(found->identity.container == kId);
  BOOST_TEST(found->container.label_or("dso.secrets") == "mine");  // nobody has to ask again
  BOOST_TEST(inspects == 2u);
  BOOST_TEST(lists == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_process_of_the_host_costs_no_inspect, World) {
  here(cgroup_at("/user.slice"), "4800", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  BOOST_TEST(is(PeerKind::host));
  here(cgroup_at("/user.slice"), "4800", "77 60 8:1 / / rw - ext4 /dev/sda1 rw\n");  // systemd-run -p PrivateTmp=yes
  BOOST_TEST(is(PeerKind::host));
  BOOST_TEST(inspects + lists == 0u);
}

BOOST_FIXTURE_TEST_CASE(one_that_ended_speaks_for_nobody_although_its_pid_still_says_something, World) {
  end();
  BOOST_TEST(cause() == "the process that connected has ended");
}

BOOST_FIXTURE_TEST_CASE(one_that_cannot_be_seen, World) {
  peer.pid = 0;
  BOOST_TEST(cause() == "the process that connected cannot be seen from the agent's pid namespace");
  peer.pid = pid;
  peer.process = nullptr;
  BOOST_TEST(cause() == "the process that connected cannot be seen from the agent's pid namespace");
}

BOOST_FIXTURE_TEST_CASE(a_group_that_is_called_like_a_container, World) {
  for (const std::string& path : {"/user.slice/docker-" + kId + ".scope", "/docker-" + kId, "/x/docker/" + kId}) {
    here(cgroup_at(path), "4800", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    BOOST_TEST(cause() == "its control group has the name of the container 'web' and is not that container's");
  }
}

BOOST_FIXTURE_TEST_CASE(a_container_below_the_group_of_another, World) {
  here(cgroup_at("/docker/" + kVictim + "/" + kId));
  const auto listing = [](const std::string& id) {
    return R"({"Id":")" + id + R"(","Names":["/x"],"State":"running","Mounts":[]})";
  };
  listed = "[" + listing(kVictim) + "," + listing(kId) + "]";
  BOOST_TEST(cause() == "its control groups name several containers: a container was started below another one's group");
  BOOST_TEST(inspects == 0u);
  listed = "[" + listing(kId) + "]";  // kVictim is another engine's
  process(std::to_string(kInit), cgroup_at("/docker/" + kVictim + "/" + kId), "4711\t1", kImageRoot);
  BOOST_TEST(container() == kId);
  BOOST_TEST(inspects == 2u);
}

BOOST_FIXTURE_TEST_CASE(more_ids_than_engines_can_be_nested, World) {
  std::string path;
  for (char c : {'0', '1', '2', '3', '4', '5', '6', '7', '8'}) path += "/" + std::string(64, c);
  here(cgroup_at(path));
  BOOST_TEST(cause() == "its control groups carry 9 ids of containers");
  BOOST_TEST(inspects + lists == 0u);
}

BOOST_FIXTURE_TEST_CASE(an_answer_with_another_id, World) {
  inspect = [](const std::string&, std::size_t) { return inspect_of(kVictim, kInit); };  // whose name is this id
  BOOST_TEST(cause() == "its control group carries the id cccccccccccc…, which is the name of another container");
}

BOOST_FIXTURE_TEST_CASE(a_container_that_ends_in_the_middle, World) {
  const std::string ended = "the container 'web' ended or was started anew meanwhile";
  for (const std::string& after : {inspect_of(kId, 0, "exited"), inspect_of(kId, kInit + 1), inspect_of(kId, kInit, "exited"),
                                   inspect_of(kVictim, kInit), test::FakeEngine::refusal("404 Not Found", "No such container")}) {
    inspects = 0;
    inspect = [&](const std::string&, std::size_t n) { return n == 1 ? inspect_of(kId, kInit) : after; };
    BOOST_TEST(cause() == ended);
  }
  inspect = [&](const std::string&, std::size_t) { return inspect_of(kId, 0, "exited"); };
  BOOST_TEST(cause() == "the container 'web' does not run");
  inspect = [&](const std::string&, std::size_t) { return inspect_of(kId, kInit + 1); };  // no such process any more
  BOOST_TEST(cause() == "the container 'web' does not run");
}

BOOST_FIXTURE_TEST_CASE(a_container_without_a_group_is_found_by_what_started_it, World) {
  const std::string session = cgroup_at("/user.slice/session-1.scope");
  process(std::to_string(kInit), session, "4711\t1", kImageRoot, 60);
  process("60", session, "60", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", 1,
          "conmon" + std::string(1, '\0') + "-c" + std::string(1, '\0') + kId);
  here(session, "4800\t7", kImageRoot, kInit);
  BOOST_TEST(container() == kId);
  BOOST_TEST(inspects == 2u);
  const std::string unknown = "it runs in namespaces of its own, and in no container that this engine knows";
  here(session, "4800\t7", "901 800 0:98 / / rw - overlay overlay rw\n", kInit);  // a hint proves nothing
  BOOST_TEST(cause() == unknown);
  here(session, "4800\t7", kImageRoot, 1);  // no hint
  BOOST_TEST(cause() == unknown);
}

BOOST_FIXTURE_TEST_CASE(the_engine_in_namespaces_of_its_own, World) {
  const std::string mounts = "700 600 0:50 / / rw - squashfs core rw\n";
  here(cgroup_at("/system.slice/snap.docker.dockerd.service"), "4800", mounts);
  BOOST_TEST(cause() == "it runs in namespaces of its own, and in no container that this engine knows");
  process(std::to_string(getpid()), cgroup_at("/"), "51", mounts);  // who listens on the engine's socket: this test
  BOOST_TEST(is(PeerKind::engine));
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_does_not_answer_is_no_verdict, World) {
  inspect = [](const std::string&, std::size_t) { return test::FakeEngine::refusal("500 Internal Server Error", "busy"); };
  const auto found = find();
  BOOST_REQUIRE(found.has_error());
  BOOST_TEST((found.error().cls == ErrorClass::engine_error));
}

/// The same with a first process that can end, and one finder for all connections.
struct Kept : World {
  pid_t init = waiting_process();
  std::atomic<int> asked{0};
  PeerFinder finder{Engine::at(fake.socket()), proc.file("")};

  Kept() {
    first_process_is_in("/docker/" + kId);
    inspect = [this](const std::string& id, std::size_t) {
      ++asked;
      return id == kId ? inspect_of(kId, init) : test::FakeEngine::refusal("404 Not Found", "No such container");
    };
  }
  ~Kept() { end_first(); }
  void first_process_is_in(const std::string& group) const {
    process(std::to_string(init), cgroup_at(group), std::to_string(init) + "\t1", kImageRoot);
  }
  void end_first() {
    if (init > 0) kill(init, SIGKILL), waitpid(init, nullptr, 0);
    init = 0;
  }
  std::string found() const {
    const auto found = finder.find(peer, Deadline::in(std::chrono::seconds(20)), {});
    return found.has_value() ? found->identity.container : found.error().cause;
  }
};
const std::string kNotIts = "its control group has the name of the container 'web' and is not that container's";

BOOST_FIXTURE_TEST_CASE(a_container_that_was_asked_about_costs_nothing_and_is_looked_at_each_time, Kept) {
  for (int i = 0; i < 10; ++i) BOOST_TEST(found() == kId);
  BOOST_TEST(asked == 2);
  BOOST_TEST(finder.find(peer, Deadline::in(std::chrono::seconds(20)), {})->container.labels.contains("dso.secrets"));
  here(cgroup_at("/user.slice/docker-" + kId + ".scope"), "4800", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  BOOST_TEST(found() == kNotIts);
  here(cgroup_at("/docker/" + kId));
  first_process_is_in("/kubepods/" + kId);
  BOOST_TEST(found() == kNotIts);
  first_process_is_in("/docker/" + kId);
  BOOST_TEST(found() == kId);
  BOOST_TEST(asked == 2);
}

BOOST_FIXTURE_TEST_CASE(what_the_engine_said_ends_with_the_first_process, Kept) {
  BOOST_TEST(found() == kId);
  inspect = [this](const std::string&, std::size_t) { return ++asked, inspect_of(kId, 0, "exited"); };
  BOOST_TEST(found() == kId);
  end_first();
  BOOST_TEST(found() == "the container 'web' does not run");
  BOOST_TEST(asked == 3);
}

BOOST_FIXTURE_TEST_CASE(what_the_engine_said_ends_with_an_event, Kept) {
  BOOST_TEST(found() == kId);
  finder.happened_to(kVictim);
  BOOST_TEST(found() == kId);
  BOOST_TEST(asked == 2);
  finder.happened_to(kId);
  BOOST_TEST(found() == kId);
  BOOST_TEST(asked == 4);
  finder.may_have_missed_something();
  BOOST_TEST(found() == kId);
  BOOST_TEST(asked == 6);
}

BOOST_FIXTURE_TEST_CASE(ids_that_the_engine_does_not_know_are_not_asked_for_again_and_again, Kept) {
  here(cgroup_at("/user.slice/docker-" + kVictim + ".scope"), "4800", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  for (int i = 0; i < 3; ++i) BOOST_TEST(found().empty());  // the host's
  BOOST_TEST(asked == 1);
  here(cgroup_at("/docker/" + kVictim + "/" + std::string(64, 'e')));
  for (int i = 0; i < 3; ++i) (void)found();
  BOOST_TEST(lists == 0u);  // one is known to be strange, and so one is left
  BOOST_TEST(asked == 2);
  here(cgroup_at("/docker/" + std::string(64, 'f') + "/" + std::string(64, 'a')));
  for (int i = 0; i < 3; ++i) (void)found();
  BOOST_TEST(lists == 1u);
  finder.happened_to(kVictim);  // it was made just now
  here(cgroup_at("/docker/" + kVictim));
  (void)found();
  BOOST_TEST(asked == 3);
}

BOOST_FIXTURE_TEST_CASE(many_connections_at_once_cost_what_one_does, Kept) {
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) threads.emplace_back([&] { good += found() == kId; });
  }
  BOOST_TEST(good == 16);
  BOOST_TEST(asked == 2);
}

BOOST_FIXTURE_TEST_CASE(whose_connections_count_together, Kept) {
  const std::string host_mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", web = "the container 'web' (cccccccccccc)";
  const auto is = [&](const std::string& name, bool root, bool may_change) {
    const auto asker = finder.asker(peer);
    BOOST_TEST(asker.name == name);
    BOOST_TEST(asker.root == root);
    BOOST_TEST(asker.may_change == may_change);
  };
  is("uid 0 in a container", false, true);
  const auto before = finder.changes();
  BOOST_TEST(found() == kId);
  BOOST_TEST(finder.changes() != before);
  is(web, false, false);
  peer.uid = 1000;
  is(web, false, false);
  here(cgroup_at("/user.slice/docker-" + kId + ".scope"), "4800", host_mounts);
  is("uid 1000 in a container", false, true);
  here(cgroup_at("/user.slice"), "4800", host_mounts);
  is("uid 1000", false, false);
  peer.uid = 0;
  is("uid 0 of the host", true, false);
  here(cgroup_at("/user.slice"), "4800\t7", kImageRoot);
  is("uid 0", false, false);
  here(cgroup_at("/docker/" + kId));
  is(web, false, false);
  end_first();
  is("uid 0 in a container", false, true);
  BOOST_TEST(asked == 2);  // never for this
  end();
  is("uid 0", false, false);
}

BOOST_AUTO_TEST_CASE(a_user_asks_the_engine_about_few_at_a_time) {
  KnownContainers known;
  const auto soon = [] { return Deadline::in(std::chrono::milliseconds(20)); };
  std::vector<KnownContainers::Question> questions;
  for (const char* id : {"a", "b", "c", "d"}) {
    auto question = known.begin(id, 1000, soon(), {});
    BOOST_REQUIRE(question.has_value());
    questions.push_back(std::move(*question));
  }
  BOOST_TEST((known.begin("e", 1000, soon(), {}).error().cls == ErrorClass::timeout));
  BOOST_TEST((known.begin("a", 0, soon(), {}).error().cls == ErrorClass::timeout));  // is being asked
  BOOST_TEST(known.begin("e", 1001, soon(), {}).has_value());
  for (const char* id : {"f", "g", "h", "i", "j", "k"}) BOOST_TEST(known.begin(id, 0, soon(), {}).has_value());
  std::stop_source stop;
  stop.request_stop();
  BOOST_TEST(
      (known.begin("a", 0, Deadline::in(std::chrono::minutes(1)), stop.get_token()).error().cls == ErrorClass::interrupted));
  questions.erase(questions.begin());
  BOOST_TEST(known.begin("a", 1000, soon(), {}).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_known_is_bounded) {
  KnownContainers known;
  const auto container = [](const std::string& id, std::size_t bytes) {
    auto out = std::make_shared<KnownContainer>();
    out->id = id;
    out->process = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
    out->container.labels["book"] = std::string(bytes, 'x');
    return out;
  };
  known.keep(container("huge", 5 << 20));
  BOOST_TEST(!known.kept("huge"));
  for (int i = 0; i < 100; ++i) known.keep(container(std::to_string(i), 1 << 20));
  BOOST_TEST(!known.kept("90"));
  BOOST_TEST(known.kept("99"));
  for (int i = 0; i < 5000; ++i) known.keep("strange " + std::to_string(i), KnownContainers::Is::strange);
  BOOST_TEST((known.what_is("strange 10") == KnownContainers::Is::unasked));
  BOOST_TEST((known.what_is("strange 4999") == KnownContainers::Is::strange));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
