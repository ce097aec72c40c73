// Who a container still serves: of the kernel's rows, and of a real server with real clients.
#include "docker/connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "docker/net_client.h"

namespace dso {
namespace {

using namespace std::chrono_literals;

const char* const kHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
std::string row(const std::string& local, const std::string& remote, const std::string& state) {
  return "   0: " + local + " " + remote + " " + state + " 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0\n";
}

Container running(const test::RealContainer& real) {
  return Engine::from_environment().value().inspect(real.id, Deadline::in(30s)).value();
}
void wait_for(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000 && !condition(); ++i) usleep(5'000);
  BOOST_TEST(condition());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_AUTO_TEST_CASE(rows) {
  const std::string tcp = kHead + row("00000000:1F40", "00000000:0000", "0A") +  // listens on 8000
                          row("020012AC:1F40", "010012AC:9C40", "01") +          // a client
                          row("020012AC:1F40", "010012AC:9C41", "08") +          // which has nothing more to say
                          row("020012AC:1F40", "010012AC:9C42", "04") +          // an answer not yet acknowledged
                          row("020012AC:1F40", "010012AC:9C43", "06") +          // over
                          row("0100007F:1F40", "0100007F:9C44", "01") +          // its own health check
                          row("020012AC:9C40", "030012AC:1F40", "01");           // a connection that it made itself
  const std::string tcp6 = kHead + row("00000000000000000000000000000000:2328", "00000000000000000000000000000000:0000", "0A") +
                           row("0000000000000000FFFF0000020012AC:2328", "0000000000000000FFFF0000010012AC:9C40", "01") +
                           row("0000000000000000FFFF00000100007F:2328", "0000000000000000FFFF00000100007F:9C40", "01") +
                           row("00000000000000000000000001000000:2328", "00000000000000000000000001000000:9C40", "01") +
                           row("000000FD000000000000000002000000:2328", "000000FD000000000000000001000000:9C40", "01");
  BOOST_TEST((listening_ports(tcp, tcp6) == std::set<std::uint16_t>{8000, 9000}));
  BOOST_TEST(count_inbound(tcp, "", {8000}) == 3);
  BOOST_TEST(count_inbound("", tcp6, {9000}) == 2);
  BOOST_TEST(count_inbound(tcp, tcp6, {8000, 9000}) == 5);
  BOOST_TEST(count_inbound(tcp, tcp6, {}) == 0);
  BOOST_TEST(count_inbound("garbage\n\n:::\n 0: x:y z 01\n0: 1:1F40", "", {8000}) == 0);
}

BOOST_AUTO_TEST_CASE(rows_of_listeners_that_lag) {
  const auto listener = [](const std::string& local, const std::string& state, const std::string& rx) {
    return "   0: " + local + " 00000000:0000 " + state + " 00000000:" + rx +
           " 00:00000000 00000000     0        0 1 1 0 100 0\n";
  };
  const std::string tcp = kHead + listener("00000000:1F40", "0A", "00000003") + listener("00000000:2328", "0A", "00000005") +
                          listener("020012AC:1F40", "01", "00000100");  // a connection with bytes to be read
  BOOST_TEST(count_unaccepted(tcp, "", {8000}) == 3);
  BOOST_TEST(count_unaccepted(tcp, kHead + listener("00000000000000000000000000000000:1F40", "0A", "00000002"), {8000}) == 5);
  BOOST_TEST(count_unaccepted(tcp, "", {80}) == 0);
  BOOST_TEST(count_unaccepted("garbage\n 0: 1:1F40 2:0 0A", "", {8000}) == 0);
}

BOOST_AUTO_TEST_CASE(a_listener_that_comes_to_its_connections_late) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const any = reinterpret_cast<sockaddr*>(&at);
  BOOST_REQUIRE(bind(listener.get(), any, sizeof at) == 0 && listen(listener.get(), 8) == 0);
  BOOST_REQUIRE(getsockname(listener.get(), any, &size) == 0 && connect(client.get(), any, sizeof at) == 0);
  const std::set<std::uint16_t> ports{ntohs(at.sin_port)};
  const Deadline soon = Deadline::in(100ms);
  wait_accepted(ports, soon, {});
  BOOST_TEST(soon.passed());
  std::jthread late([&] { usleep(50'000), UniqueFd(accept(listener.get(), nullptr, nullptr)); });
  const Deadline far = Deadline::in(20s);
  wait_accepted(ports, far, {});
  BOOST_TEST(!far.passed());
}

BOOST_AUTO_TEST_CASE(a_server_that_drains_after_its_listener_closed) {
  if (!test::engine_answers()) return;
  const test::RealContainer real("-e SHOW=WHO -e WHO=x -e DELAYMS=700 dso-test/web:1");
  const Container c = running(real);
  wait_for([&] { return bool(test::connect_from("", c.endpoints[0].ip, 8000)); });
  wait_for([&] { return InboundConnections(c).count() == 0; });
  const UniqueFd client = test::connect_from("", c.endpoints[0].ip, 8000);
  InboundConnections inbound(c);
  BOOST_TEST(inbound.count() == 1);
  BOOST_TEST(inbound.wait_drained(Deadline::in(120ms), {}).value() == false);
  std::string answer;
  std::thread asks([&] { answer = test::ask(client); });
  usleep(50'000);  // the request is under way; correct at any moment
  test::shell("docker kill -s TERM " + real.id);
  BOOST_TEST(inbound.wait_drained(Deadline::in(30s), {}).value() == true);
  asks.join();
  BOOST_TEST(answer == "x");
  wait_for([&] { return inbound.count() == 0; });
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_wait_at_once) {
  if (!test::engine_answers()) return;
  const test::RealContainer real("-e SHOW=WHO -e WHO=x dso-test/web:1");
  const Container c = running(real);
  UniqueFd client;
  wait_for([&] { return bool(client = test::connect_from("", c.endpoints[0].ip, 8000)); });
  std::stop_source stop;
  std::jthread stops([&] {
    usleep(80'000);
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  auto r = wait_drained(c, Deadline::in(30s), stop.get_token());
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::interrupted));
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));
}

BOOST_AUTO_TEST_CASE(nothing_to_wait_for) {
  Container c;
  BOOST_TEST(InboundConnections(c).count() == 0);
  BOOST_TEST(wait_drained(c, Deadline::in(30s), {}).value() == true);
  c.pid = getpid();
  for (const char* mode : {"host", "none", "container:0123"}) {
    c.network_mode = mode;
    BOOST_TEST(InboundConnections(c).count() == 0);
  }
  c.network_mode = "bridge", c.pid = 2147483646;  // gone
  BOOST_TEST(wait_drained(c, Deadline::in(30s), {}).value() == true);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
