// A whole swap under load loses no request, and a process killed at any step of a redirect leaves what list() finds and remove()
// cleans.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "docker/connections.h"
#include "docker/redirect_notes.h"
#include "docker/redirect_pair.h"
#include "places.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(redirect_swap)

namespace {

using namespace std::chrono_literals;
using test::can_redirect;
using test::kRedirectTools;
using test::packet_filter;
using test::shell;
using test::soon;
using Pair = test::RedirectPair;

const char* const kOrders = "DSO_UNIT_REDIRECT";

/// Requests all through a swap, from one place.
class Load {
 public:
  Load(const std::string& enter, const std::string& ip, std::uint16_t port, const std::string& more = "")
      : pipe_(popen(("LOAD_SAYS_WHEN=1 " + enter + " " + test::in_tree("tests/peers/load.sh") + " " + ip + " " +
                     std::to_string(port) + " 12 150 200 " + more + " 2>&1")
                        .c_str(),
                    "r")) {}
  void wait_until_it_begins() {
    char line[64];
    BOOST_REQUIRE(fgets(line, sizeof line, pipe_) != nullptr);
    BOOST_REQUIRE(std::string(line) == "begins\n");
  }
  /// Its report, in the end.
  std::string report() {
    std::string out;
    char piece[4096];
    while (const std::size_t n = fread(piece, 1, sizeof piece, pipe_)) out.append(piece, n);
    pclose(pipe_);
    return out;
  }

 private:
  FILE* pipe_;
};

/// How this program, started anew, ends: 0, or 137 when it was killed at its `at`-th change.
int in_a_process_killed_at(int at, const Pair& p, const std::string& tool, const std::string& what) {
  const RedirectFront* published = nullptr;
  for (const RedirectFront& f : p.redirect.fronts)
    if (f.host_port && !f.v6()) published = &f;
  BOOST_REQUIRE(published != nullptr);
  const std::string orders = what + " " + tool + " " + p.state.path + " " + p.redirect.rotation_id + " " + p.bridge + " " +
                             std::to_string(p.port) + " " + published->address + " " + published->to_address;
  const int status = std::system(("DSO_CRASH_AT=" + std::to_string(at) + " " + kOrders + "='" + orders + "' " +
                                  std::filesystem::read_symlink("/proc/self/exe").string() +
                                  " --run_test=redirect_swap/process_to_be_killed >/dev/null 2>&1")
                                     .c_str());
  return WEXITSTATUS(status);
}

/// Nothing by itself.
BOOST_AUTO_TEST_CASE(process_to_be_killed) {
  const char* const orders = std::getenv(kOrders);
  if (!orders) return;
  std::istringstream in(orders);
  std::string what, tool, state, id;
  RedirectFront f;
  in >> what >> tool >> state >> id >> f.bridge >> f.host_port >> f.address >> f.to_address;
  f.to_port = 8000;
  const RedirectTable table(state, test::redirect_tool(tool));
  BOOST_TEST((what == "put" ? table.put({id, {f}}, soon()) : table.remove(id, soon())).has_value());
}

#ifdef DSO_CRASH_POINTS
BOOST_DATA_TEST_CASE(killed_at_any_step, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool);
  const auto clean = [&] {
    return !p.listed() && !route_localnet(p.bridge) && packet_filter().find(p.redirect.rotation_id) == std::string::npos;
  };
  const auto guarded = [&] {
    const std::string name = redirect_name(p.redirect.rotation_id);
    const std::string now = shell("nft list table ip " + name + " 2>&1; iptables-save; iptables-legacy-save");
    return now.find("chain guard") != std::string::npos || now.find("-A PREROUTING -j " + name + "_guard") != std::string::npos;
  };
  int killed = 137, at = 0;
  while (killed == 137 && at < 40) {
    killed = in_a_process_killed_at(++at, p, tool, "put");
    BOOST_TEST(p.listed() == (at > 2), "put, step " << at);  // two are before the note is there
    if (route_localnet(p.bridge)) BOOST_TEST(guarded(), "put, step " << at);
    p.remove();
    BOOST_TEST(clean(), "put, step " << at);
    p.all_get("old");
  }
  BOOST_TEST(killed == 0);
  BOOST_TEST(at > 6);
  for (killed = 137, at = 0; killed == 137 && at < 40;) {
    p.put();
    killed = in_a_process_killed_at(++at, p, tool, "remove");
    const bool there = packet_filter().find(p.redirect.rotation_id) != std::string::npos;
    BOOST_TEST((p.listed() || (!there && !route_localnet(p.bridge))), "remove, step " << at);
    if (route_localnet(p.bridge)) BOOST_TEST(guarded(), "remove, step " << at);
    p.remove();
    BOOST_TEST(clean(), "remove, step " << at);
  }
  BOOST_TEST(killed == 0);
  BOOST_TEST(at > 6);
}
#endif

BOOST_DATA_TEST_CASE(no_request_is_lost, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool);
  const std::string ns = p.other.ns().substr(p.other.ns().rfind('/') + 1);
  Load far("ip netns exec " + ns, p.other.host(), p.port), host("", p.other.host(), p.port), loopback("", "127.0.0.1", p.port),
      kept("ip netns exec " + ns, p.other.host(), p.port, "--keepalive"),
      near("nsenter --net=" + p.neighbour_ns, p.other.host(), p.port);
  for (Load* load : {&far, &host, &loopback, &kept, &near}) load->wait_until_it_begins();
  usleep(500'000);  // some of the load before the swap; correct at any moment

  p.put();
  InboundConnections of_old(p.from), of_new(p.to);
  shell("docker kill -s TERM " + p.old_one.id);
  BOOST_TEST(of_old.wait_drained(Deadline::in(20s), {}).value());
  shell("docker rm -f " + p.old_one.id);
  const test::RealContainer final_one("--network " + p.network.name + " -p 0.0.0.0:" + std::to_string(p.port) +
                                      ":8000 -e SHOW=WHO -e WHO=final dso-test/web:1");
  Pair::wait_until_it_listens(p.engine.inspect(final_one.id, soon()).value());
  p.withdraw();
  shell("docker kill -s TERM " + p.new_one.id);
  BOOST_TEST(of_new.wait_drained(Deadline::in(20s), {}).value());
  p.remove();
  shell("docker rm -f " + p.new_one.id);

  for (Load* load : {&far, &host, &loopback, &kept, &near}) {
    const std::string report = load->report();
    BOOST_TEST_MESSAGE(report);
    BOOST_TEST(report.find("\"failed\": 0,") != std::string::npos, report);
    for (const char* each : {"\"old ", "\"new ", "\"final "}) BOOST_TEST(report.find(each) != std::string::npos, each << report);
  }
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace
}  // namespace dso
