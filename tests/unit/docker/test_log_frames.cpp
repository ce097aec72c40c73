// Frames, a terminal's raw output, and frames that are cut.
#include "docker/log_frames.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(log_frames)

namespace {

std::string text_of(std::string_view bytes) {
  const SecretBuffer text = demultiplex_logs(bytes);
  return std::string(view(text));
}

}  // namespace

BOOST_AUTO_TEST_CASE(demultiplexes) {
  const std::string out("\1\0\0\0\0\0\0\3ab\n", 11), err("\2\0\0\0\0\0\0\2c\n", 10);
  BOOST_TEST(text_of(out + err + out) == "ab\nc\nab\n");
  BOOST_TEST(text_of("").empty());
  const std::string large = std::string("\1\0\0\0\0\1\0\0", 8) + std::string(65536, 'x');
  BOOST_TEST(text_of(large) == std::string(65536, 'x'));
}

BOOST_AUTO_TEST_CASE(leaves_anything_else) {
  const std::string cut("\1\0\0\0\0\0\0\11ab", 10), no_stream("\x81\0\0\0\0\0\0\2ab", 10);
  for (const std::string& raw : {std::string("plain text\r\n"), std::string("short"), cut, no_stream})
    BOOST_TEST(text_of(raw) == raw);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
