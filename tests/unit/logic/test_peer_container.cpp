// Whose process it is: every combination of control groups, namespaces and engine's answers that was met or thought of.
#include "logic/peer_container.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(peer_container)

namespace {

const std::string kA(64, 'a'), kB(64, 'b');
const std::string kInitUsers = "0 0 4294967295\n", kMappedUsers = "0 100000 65536\n";

/// A process of the host; each test moves it elsewhere.
ProcessPlace at(const std::string& path = "/", int pid_depth = 1, const std::string& mount = "22",
                const std::string& root = "8:1 /", const std::string& users = kInitUsers) {
  return {"4:memory:" + path + "\n0::" + path + "\n", pid_depth, users, mount, root};
}
/// One in a container's namespaces.
ProcessPlace inside(const std::string& path, const std::string& mount = "900") {
  return at(path, 2, mount, "0:99 /");
}
HintedContainer running(const std::string& id, const ProcessPlace& init) {
  return {id, id, "web", 4711, 4711, init};
}
/// The agent under its unit: a mount namespace of its own, the host's root.
PeerFacts facts(const ProcessPlace& peer, std::vector<HintedContainer> known = {}) {
  return {peer, at("/system.slice/dso-agent.service", 1, "500", "8:1 /"), at("/init.scope"), {}, std::move(known)};
}

/// "host", "engine", a container's id, or why it is refused.
std::string whose(const PeerFacts& f) {
  const auto found = whose_process(f);
  if (found.has_error()) return found.error().cls == ErrorClass::access_denied ? found.error().cause : "another class";
  if (found->kind == PeerKind::container) return found->container;
  return found->kind == PeerKind::host ? "host" : "engine";
}

const std::string kUnknown = "it runs in namespaces of its own, and in no container that this engine knows";
const std::string kLies = "its control group has the name of the container 'web' and is not that container's";
const std::string kSeveral = "its control groups name several containers: a container was started below another one's group";

}  // namespace

BOOST_AUTO_TEST_CASE(processes_of_the_host) {
  BOOST_TEST(whose(facts(at())) == "host");
  BOOST_TEST(whose(facts(at("/user.slice/user-0.slice/session-1.scope"))) == "host");
  BOOST_TEST(whose(facts(at("/", 1, "600", "8:1 /"))) == "host");  // systemd-run -p PrivateTmp=yes
  BOOST_TEST(whose(facts(at("/", 1, "500", ""))) == "host");       // chroot into a folder, in the agent's mount namespace
  BOOST_TEST(whose(facts(at("/user.slice/docker-" + kA + ".scope"))) == "host");  // an id that the engine does not know
}

BOOST_AUTO_TEST_CASE(containers_by_their_group) {
  for (const std::string& path :
       {"/docker/" + kA, "/system.slice/docker-" + kA + ".scope", "/machine.slice/libpod-" + kA + ".scope"}) {
    const HintedContainer web = running(kA, inside(path));
    BOOST_TEST(whose(facts(inside(path), {web})) == kA);
    BOOST_TEST(whose(facts(inside(path + "/below"), {web})) == kA);
    BOOST_TEST(whose(facts(inside(path, "901"), {web})) == kA);          // it made a mount namespace of its own
    BOOST_TEST(whose(facts(at(path), {running(kA, at(path))})) == kA);   // even with the host's namespaces: it is a container
    BOOST_TEST(whose(facts(at("/user.slice" + path), {web})) == kLies);  // a user's own subtree
  }
}

BOOST_AUTO_TEST_CASE(one_hierarchy_elsewhere_is_enough_to_be_refused) {
  ProcessPlace peer = inside("/docker/" + kA);
  peer.cgroup = "4:memory:/docker/" + kA + "\n0::/\n";
  BOOST_TEST(whose(facts(peer, {running(kA, inside("/docker/" + kA))})) == kLies);
  peer.cgroup = "4:memory:/\n0::/docker/" + kA + "\n";
  BOOST_TEST(whose(facts(peer, {running(kA, inside("/docker/" + kA))})) == kLies);
}

BOOST_AUTO_TEST_CASE(a_path_with_two_ids) {
  const HintedContainer outer = running(kA, inside("/docker/" + kA)), inner = running(kB, inside("/docker/" + kA + "/" + kB));
  const ProcessPlace peer = inside("/docker/" + kA + "/" + kB, "901");
  BOOST_TEST(whose(facts(peer, {outer, inner})) == kSeveral);  // --cgroup-parent=/docker/<victim>
  BOOST_TEST(whose(facts(inside("/docker-" + kA + "/" + kB), {outer, inner})) == kSeveral);
  BOOST_TEST(whose(facts(peer, {outer})) == kA);  // an engine inside A: what it runs is A's for this one
  BOOST_TEST(whose(facts(peer, {inner})) == kB);  // the inner engine's agent, which sees the whole path
}

BOOST_AUTO_TEST_CASE(an_agent_in_a_container_is_no_container_to_itself) {
  PeerFacts f = facts(at("/docker/" + kA, 1, "900", "0:99 /"));  // docker exec agent dso status
  f.agent = at("/docker/" + kA, 1, "900", "0:99 /");
  BOOST_TEST(hinted_ids(f.peer, f.agent).empty());
  BOOST_TEST(whose(f) == "host");
  f.peer = at("/system.slice/docker.service");  // the engine, root as PID 1's: a managed plugin in the host's pid namespace
  BOOST_TEST(whose(f) == "host");
  f.peer = inside("/docker/" + kA + "/" + kB, "901");
  BOOST_TEST((hinted_ids(f.peer, f.agent) == std::vector<std::string>{kB}));
  f.known = {running(kB, f.peer)};
  BOOST_TEST(whose(f) == kB);
  f.first = f.agent;  // a pid namespace of its own: only what it can see is asked about, and the reference is itself
  f.known.clear();
  f.peer = at("/docker/" + kA, 1, "900", "0:99 /");
  BOOST_TEST(whose(f) == "host");
}

BOOST_AUTO_TEST_CASE(a_container_that_is_not_what_was_asked_for) {
  const ProcessPlace peer = inside("/docker/" + kA);
  HintedContainer web = running(kA, peer);
  web.id = kB;
  BOOST_TEST(whose(facts(peer, {web})) ==
             "its control group carries the id aaaaaaaaaaaa…, which is the name of another container");
  web = running(kA, peer);
  web.pid = 0;
  BOOST_TEST(whose(facts(peer, {web})) == "the container 'web' does not run");
  web = running(kA, peer);
  web.init.reset();
  BOOST_TEST(whose(facts(peer, {web})) == "the container 'web' does not run");
  for (const std::int64_t after : {0, 4712}) {
    web = running(kA, peer);
    web.pid_after = after;
    BOOST_TEST(whose(facts(peer, {web})) == "the container 'web' ended or was started anew meanwhile");
  }
}

BOOST_AUTO_TEST_CASE(a_container_without_a_group_of_its_own) {
  const std::string scope = "/user.slice/session-1.scope";
  const HintedContainer web = running(kA, inside(scope));
  BOOST_TEST(whose(facts(inside(scope), {web})) == kA);               // by the namespaces of State.Pid
  BOOST_TEST(whose(facts(inside(scope, "901"), {web})) == kUnknown);  // another mount namespace: another's, or made by it
  BOOST_TEST(whose(facts(inside(scope))) == kUnknown);
  BOOST_TEST(whose(facts(inside("/docker-" + kA), {web})) == kLies);  // everything lies below its group: that proves nothing
  HintedContainer ended = web;
  ended.pid_after = 0;
  BOOST_TEST(whose(facts(inside(scope), {ended})) == "the container 'web' ended or was started anew meanwhile");
  HintedContainer other = web;
  other.id = kB;
  BOOST_TEST(whose(facts(inside(scope), {other})) == kUnknown);
}

BOOST_AUTO_TEST_CASE(each_namespace_that_is_not_the_agents) {
  BOOST_TEST(whose(facts(at("/", 2))) == kUnknown);                               // pid
  BOOST_TEST(whose(facts(at("/", 0))) == kUnknown);                               // not told
  BOOST_TEST(whose(facts(at("/", 1, "22", "8:1 /", kMappedUsers))) == kUnknown);  // user
  BOOST_TEST(whose(facts(at("/", 1, "900", "0:99 /"))) == kUnknown);              // mount, with a root of its own: --pid=host
  BOOST_TEST(whose(facts(at("/", 1, "900", ""))) == kUnknown);
  PeerFacts f = facts(at());
  f.agent.pid_depth = 2;  // /proc is another pid namespace's: its numbers are not the kernel's
  BOOST_TEST(whose(f) == kUnknown);
  f = facts(at());
  f.first.reset();  // not to be seen from here
  BOOST_TEST(whose(f) == "host");
}

BOOST_AUTO_TEST_CASE(the_engine_in_namespaces_of_its_own) {
  const ProcessPlace rootless = at("/user.slice", 1, "700", "8:1 /", "0 1000 1\n1 100000 65536\n");
  PeerFacts f = facts(rootless);
  BOOST_TEST(whose(f) == kUnknown);
  f.engine = rootless;
  BOOST_TEST(whose(f) == "engine");
  f.peer = at("/user.slice", 2, "900", "0:99 /", rootless.user_map);  // a container of it
  BOOST_TEST(whose(f) == kUnknown);
  f.peer = at();
  BOOST_TEST(whose(f) == "host");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
