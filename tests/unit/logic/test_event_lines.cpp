// Cut anywhere the lines are the same; one that is too long is passed over, and the next is read.
#include "logic/event_lines.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace dso {
BOOST_AUTO_TEST_SUITE(event_lines)

namespace {

struct Lines {
  std::vector<std::string> whole, heads;
  EventLines reader{[this](std::string_view line) {
                      whole.emplace_back(line);
                      return line != "stop";
                    },
                    [this](std::string_view head) { heads.emplace_back(head); }};
};

}  // namespace

BOOST_AUTO_TEST_CASE(cut_anywhere) {
  const std::string text = "one\n\r\n\ntwo\nthr";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Lines l;
    for (std::size_t at = 0; at < text.size(); at += size) BOOST_TEST(l.reader.feed(std::string_view(text).substr(at, size)));
    BOOST_TEST(l.whole == (std::vector<std::string>{"one", "two"}), boost::test_tools::per_element());
    BOOST_TEST(l.reader.feed("ee\n"));
    BOOST_TEST(l.whole.back() == "three");
    BOOST_TEST(l.heads.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_line_of_any_length_is_passed_over) {
  const std::string just(EventLines::kMaxLine, 'j'), huge = "{\"id\":\"abc\"" + std::string(3 * EventLines::kMaxLine, 'x');
  for (const std::size_t size : {std::size_t{7777}, std::size_t{100'000'000}}) {
    Lines l;
    const std::string text = "one\n" + huge + "\ntwo\n" + huge + "\n" + just + "\nthree\n";
    for (std::size_t at = 0; at < text.size(); at += size) BOOST_TEST(l.reader.feed(std::string_view(text).substr(at, size)));
    BOOST_TEST(l.whole == (std::vector<std::string>{"one", "two", just, "three"}), boost::test_tools::per_element());
    BOOST_REQUIRE(l.heads.size() == 2u);
    BOOST_TEST(l.heads[0].starts_with("{\"id\":\"abc\""));
    BOOST_TEST(l.heads[0].size() < 1000u);
  }
}

BOOST_AUTO_TEST_CASE(who_reads_may_end_it) {
  Lines l;
  BOOST_TEST(!l.reader.feed("one\nstop\ntwo\n"));
  BOOST_TEST(l.whole.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
