// Command lines of credential_process as words.
#include <boost/test/unit_test.hpp>

#include "logic/command_words.h"

using namespace dso;
using Words = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(command_words_of_a_line)

BOOST_AUTO_TEST_CASE(blanks_quotes_and_backslashes) {
  BOOST_TEST((command_words("/bin/x a  b\tc") == Words{"/bin/x", "a", "b", "c"}));
  BOOST_TEST((command_words(R"("/opt/my tool/x" --name 'a "b" $HOME' "c\"d\\e\f")") ==
              Words{"/opt/my tool/x", "--name", "a \"b\" $HOME", R"(c"d\e\f)"}));
  BOOST_TEST((command_words(R"(x a\ b '' "" c"d"'e')") == Words{"x", "a b", "", "", "cde"}));
}

BOOST_AUTO_TEST_CASE(nothing_is_expanded) {
  BOOST_TEST((command_words("x $HOME ~ * a|b; `c` > d") == Words{"x", "$HOME", "~", "*", "a|b;", "`c`", ">", "d"}));
}

BOOST_AUTO_TEST_CASE(what_is_no_command_line) {
  for (const char* line : {"", "  ", "x 'a", "x \"a", "x a\\", "\"\" a", "x \"a\\"})
    BOOST_TEST(!command_words(line).has_value(), line);
}

BOOST_AUTO_TEST_SUITE_END()
