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
BOOST_AUTO_TEST_SUITE(connections)

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

BOOST_AUTO_TEST_CASE(rows) {
  const std::string tcp = kHead + row("00000000:1F40", "00000000:0000", "0A") +  // listens on 8000
                          row("020012AC:1F40", "010012AC:9C40", "01") +          // a client
                          row("020012AC:1F40", "010012AC:9C41", "08") +          // which has nothing more to say
                          row("020012AC:1F40", "010012AC:9C42", "04") +          // an answer not yet acknowledged
                          row("020012AC:1F40", "010012AC:9C43", "06") +          // over
                          row("020012AC:1F40", "010012AC:9C45", "03") +          // one whose last word of greeting is under way
                          row("0100007F:1F40", "0100007F:9C44", "01") +          // its own health check
                          row("020012AC:9C40", "030012AC:1F40", "01");           // a connection that it made itself
  const std::string tcp6 = kHead + row("00000000000000000000000000000000:2328", "00000000000000000000000000000000:0000", "0A") +
                           row("0000000000000000FFFF0000020012AC:2328", "0000000000000000FFFF0000010012AC:9C40", "01") +
                           row("0000000000000000FFFF00000100007F:2328", "0000000000000000FFFF00000100007F:9C40", "01") +
                           row("00000000000000000000000001000000:2328", "00000000000000000000000001000000:9C40", "01") +
                           row("000000FD000000000000000002000000:2328", "000000FD000000000000000001000000:9C40", "01");
  BOOST_TEST((listening_ports(tcp, tcp6) == std::set<std::uint16_t>{8000, 9000}));
  BOOST_TEST(count_inbound(tcp, "", {8000}) == 4);
  BOOST_TEST(count_inbound("", tcp6, {9000}) == 2);
  BOOST_TEST(count_inbound(tcp, tcp6, {8000, 9000}) == 6);
  BOOST_TEST(count_inbound(tcp, tcp6, {}) == 0);
  BOOST_TEST(count_inbound("garbage\n\n:::\n 0: x:y z 01\n0: 1:1F40", "", {8000}) == 0);
}

BOOST_AUTO_TEST_CASE(rows_of_clients_that_the_proxy_has_not_brought_on) {
  const ProxiedPorts ports{{8080}, {8000}, {"172.18.0.2"}};  // 1F90 → 020012AC:1F40
  const std::string listens = kHead + row("00000000:1F90", "00000000:0000", "0A");
  const std::string client = row("0100007F:1F90", "0100007F:9C40", "01"), leaves = row("0100007F:1F90", "0100007F:9C41", "08");
  const std::string brought_on = row("010012AC:9C50", "020012AC:1F40", "01");
  const std::string still_connects = row("010012AC:9C50", "020012AC:1F40", "02");
  const std::string its_own_row = row("0100007F:9C40", "0100007F:1F90", "01"),
                    elsewhere = row("010012AC:9C52", "030012AC:1F40", "01");
  const std::string other_port = row("010012AC:9C52", "020012AC:1F41", "01"), over = row("0100007F:1F90", "0100007F:9C42", "06");
  BOOST_TEST(count_not_brought_on(listens, "", ports) == 0);
  BOOST_TEST(count_not_brought_on(listens + client + its_own_row, "", ports) == 1);
  BOOST_TEST(count_not_brought_on(listens + client + still_connects, "", ports) == 1);
  BOOST_TEST(count_not_brought_on(listens + client + elsewhere + other_port, "", ports) == 1);
  BOOST_TEST(count_not_brought_on(listens + client + brought_on, "", ports) == 0);
  BOOST_TEST(count_not_brought_on(listens + client + leaves + brought_on, "", ports) == 1);
  BOOST_TEST(count_not_brought_on(listens + over, "", ports) == 0);
  const std::string answered = row("010012AC:9C50", "020012AC:1F40", "05");  // the proxy has passed on that the client left
  BOOST_TEST(count_not_brought_on(listens + leaves + answered, "", ports) == 0);

  const std::string client6 = kHead + row("00000000000000000000000001000000:1F90", "00000000000000000000000001000000:9C40", "01");
  const std::string mapped = row("0000000000000000FFFF0000010012AC:9C50", "0000000000000000FFFF0000020012AC:1F40", "01");
  BOOST_TEST(count_not_brought_on(listens, client6, ports) == 1);
  BOOST_TEST(count_not_brought_on(listens, client6 + mapped, ports) == 0);
  const std::string to6 = row("000000FD000000000000000001000000:9C50", "000000FD000000000000000002000000:1F40", "01");
  BOOST_TEST(count_not_brought_on(listens, client6 + to6, {{8080}, {8000}, {"fd00::2"}}) == 0);
  BOOST_TEST(count_not_brought_on(listens, client6 + to6, {{8080}, {8000}, {"fd00::3", "", "no address"}}) == 1);
  BOOST_TEST(count_not_brought_on("garbage\n 0: 1:1F90 2 01", "", ports) == 0);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_comes_to_its_clients_late) {
  // "proxy" and "container" are this process on two addresses of 127/8.
  const auto socket_v4 = [] { return UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); };
  struct Listener {
    UniqueFd fd;
    sockaddr_in at{};
    std::uint16_t port() const { return ntohs(at.sin_port); }
  };
  const auto listen_on = [&](const char* address) {
    Listener l{socket_v4()};
    l.at.sin_family = AF_INET;
    inet_pton(AF_INET, address, &l.at.sin_addr);
    socklen_t size = sizeof l.at;
    auto* const any = reinterpret_cast<sockaddr*>(&l.at);
    BOOST_REQUIRE(bind(l.fd.get(), any, size) == 0 && listen(l.fd.get(), 8) == 0 && getsockname(l.fd.get(), any, &size) == 0);
    return l;
  };
  const auto connect_to = [&](const Listener& l) {
    UniqueFd c = socket_v4();
    if (connect(c.get(), reinterpret_cast<const sockaddr*>(&l.at), sizeof l.at) != 0) c.reset();
    return c;
  };
  const Listener proxy = listen_on("127.0.0.1"), container = listen_on("127.9.9.9");
  const ProxiedPorts ports{{proxy.port()}, {container.port()}, {"127.9.9.9"}};
  const UniqueFd client = connect_to(proxy);
  BOOST_REQUIRE(bool(client));
  const auto waits = [&] {
    const Deadline soon = Deadline::in(100ms);
    wait_brought_on(ports, soon, {});
    return soon.passed();
  };
  BOOST_TEST(waits());
  const UniqueFd accepted(accept(proxy.fd.get(), nullptr, nullptr));
  BOOST_TEST(waits());  // accepted, and nothing more: where a request was once lost
  UniqueFd onward;
  std::jthread late([&] { usleep(50'000), onward = connect_to(container); });
  const Deadline far = Deadline::in(20s);
  wait_brought_on(ports, far, {});
  BOOST_TEST(!far.passed());
  late.join();
  BOOST_TEST(bool(onward));
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
