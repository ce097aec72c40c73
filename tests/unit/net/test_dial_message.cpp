// What a process and its dialer say to each other, and what neither takes for an answer.
#include "net/dial_message.h"

#include <boost/test/unit_test.hpp>

namespace dso {

using namespace std::chrono_literals;
BOOST_AUTO_TEST_SUITE(dial_message)

using Kind = DialRequest::Kind;

BOOST_AUTO_TEST_CASE(a_request_arrives_as_it_was_asked) {
  for (const DialRequest& r :
       {DialRequest{Kind::connect, "vault.example", "8200", 1500ms}, DialRequest{Kind::connect, "2001:db8::1", "https", 0ms},
        DialRequest{Kind::listen, "[::1]:9477", "", 5s}}) {
    const auto read = read_dial_request(write_dial_request(r));
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST((read->kind == r.kind && read->host == r.host && read->port == r.port && read->patience == r.patience));
  }
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_ever) {
  BOOST_TEST((read_dial_request(write_dial_request({Kind::connect, "h", "1", 24h}))->patience == 1h));
}

BOOST_AUTO_TEST_CASE(a_name_cannot_smuggle_a_line) {
  BOOST_TEST(write_dial_request({Kind::connect, "good\nevil", "1", 1s}).empty());
  BOOST_TEST(write_dial_request({Kind::connect, "h", "1\n", 1s}).empty());
  BOOST_TEST(write_dial_request({Kind::connect, std::string("h\0x", 3), "1", 1s}).empty());
  BOOST_TEST(write_dial_request({Kind::connect, std::string(kDialPacket, 'h'), "1", 1s}).empty());
}

BOOST_AUTO_TEST_CASE(garbage_is_no_request) {
  for (const std::string& text :
       {std::string(), std::string("connect"), std::string("connect\n1\n\n80"), std::string("connect\n-1\nh\n80"),
        std::string("connect\n1x\nh\n80"), std::string("resolve\n1\nh\n80"), std::string("connect\n1\nh\n80\n"),
        std::string("connect\n1\nh\0\n80", 15), std::string("connect\n99999999999999999999\nh\n80")})
    BOOST_TEST(!read_dial_request(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(an_error_arrives_whole_but_for_its_line_breaks) {
  const auto read =
      read_dial_answer(write_dial_failure(make_error(ErrorClass::timeout, "Failed to connect to h:1", "a\nb", "Look.")));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST((read->cls == ErrorClass::timeout));
  BOOST_TEST(render(*read) == "Failed to connect to h:1: Timeout: a b. Look.");
  BOOST_TEST(!read_dial_answer(write_dial_success()).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_is_an_error) {
  for (const char* text : {"", "open\n", "failed", "failed\n0\na\nb\nc", "failed\nx\na\nb\nc", "failed\n11\na\nb"})
    BOOST_TEST((read_dial_answer(text).has_value() && read_dial_answer(text)->cls == ErrorClass::network), text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
