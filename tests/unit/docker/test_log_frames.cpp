// Frames, a terminal's raw output, and frames that are cut.
#include "docker/log_frames.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(log_frames)

BOOST_AUTO_TEST_CASE(demultiplexes) {
  const std::string out("\1\0\0\0\0\0\0\3ab\n", 11), err("\2\0\0\0\0\0\0\2c\n", 10);
  BOOST_TEST(demultiplex_logs(out + err + out) == "ab\nc\nab\n");
  BOOST_TEST(demultiplex_logs("").empty());
  const std::string large = std::string("\1\0\0\0\0\1\0\0", 8) + std::string(65536, 'x');
  BOOST_TEST(demultiplex_logs(large) == std::string(65536, 'x'));
}

BOOST_AUTO_TEST_CASE(leaves_anything_else) {
  const std::string cut("\1\0\0\0\0\0\0\11ab", 10);
  for (const std::string& raw : {std::string("plain text\r\n"), std::string("short"), cut})
    BOOST_TEST(demultiplex_logs(raw) == raw);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
