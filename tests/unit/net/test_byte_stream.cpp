// The stream's own promises, below HTTP.
#include "net/byte_stream.h"

#include <boost/test/unit_test.hpp>
#include <chrono>

#include "net/local_server.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(byte_stream)

namespace {

using namespace std::chrono_literals;

/// Both ends of a connection.
struct Pair {
  UniqueFd other;
  std::unique_ptr<ByteStream> stream;
  Pair() {
    int fds[2];
    BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    other = UniqueFd(fds[0]);
    stream = adopt_socket(UniqueFd(fds[1]));
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(time_is_checked_even_if_there_is_always_more) {
  Pair pair;
  BOOST_REQUIRE(test::send_text(pair.other.get(), "more"));
  char byte;
  BOOST_TEST((pair.stream->read_some({&byte, 1}, Deadline::in(-1s), {}).error().cls == ErrorClass::timeout));
  BOOST_TEST((pair.stream->write_all("x", Deadline::in(-1s), {}).error().cls == ErrorClass::timeout));
  std::stop_source stop;
  stop.request_stop();
  BOOST_TEST((pair.stream->read_some({&byte, 1}, Deadline::never(), stop.get_token()).error().cls == ErrorClass::interrupted));
  BOOST_TEST((pair.stream->write_all("x", Deadline::never(), stop.get_token()).error().cls == ErrorClass::interrupted));
  BOOST_TEST(pair.stream->read_some({&byte, 1}, Deadline::in(5s), {}).value() == 1u);
}

BOOST_AUTO_TEST_CASE(idle_and_open) {
  Pair pair;
  BOOST_TEST(pair.stream->idle_and_open());
  BOOST_REQUIRE(test::send_text(pair.other.get(), "x"));
  BOOST_TEST(!pair.stream->idle_and_open());
  char byte;
  BOOST_TEST(pair.stream->read_some({&byte, 1}, Deadline::in(5s), {}).value() == 1u);
  BOOST_TEST(pair.stream->idle_and_open());
  pair.other.reset();
  BOOST_TEST(!pair.stream->idle_and_open());
  BOOST_TEST(pair.stream->read_some({&byte, 1}, Deadline::in(5s), {}).value() == 0u);
  BOOST_TEST((pair.stream->write_all("x", Deadline::in(5s), {}).error().cls == ErrorClass::network));  // and no SIGPIPE
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_times_out) {
  Pair pair;
  // NOLINTNEXTLINE(bugprone-string-constructor): more than any socket buffers
  BOOST_TEST((pair.stream->write_all(std::string(10'000'000, 'x'), Deadline::in(100ms), {}).error().cls == ErrorClass::timeout));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
