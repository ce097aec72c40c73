// The one rendering of errors: one harmless line, whatever a store answered; and the classes' facts.
#include "base/error.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

BOOST_AUTO_TEST_SUITE(error)

namespace {

Error full() {
  Error e;
  e.cls = ErrorClass::access_denied;
  e.what = "Failed to fetch secret 'myapp/db'";
  e.cause = "permission denied";
  e.next = "Ask for the right to read it.";
  e.store_code = "403";
  e.request_id = "r-1";
  e.identity = "approle dso";
  return e;
}

}  // namespace

BOOST_AUTO_TEST_CASE(everything_in_one_line) {
  BOOST_TEST(render(full()) ==
             "Failed to fetch secret 'myapp/db': AccessDenied: permission denied (403, request r-1, as approle dso). Ask for the "
             "right to read it.");
}

BOOST_AUTO_TEST_CASE(no_byte_of_a_store_steers_a_terminal) {
  Error e = full();
  e.cause = "a\x7f\xc2\x9b\x33\x31m\x9b\n\x1b[0m ü";
  BOOST_TEST(render(e).find("a\\x7f\\xc2\\x9b31m\\x9b\\n\\x1b[0m ü") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(parts_may_be_missing) {
  Error e;
  e.cls = ErrorClass::not_found;
  e.what = "Cannot find secret 'x'";
  BOOST_TEST(render(e) == "Cannot find secret 'x': NotFound");
  e.cls = ErrorClass::io;  // our own classes say nothing that the text does not
  BOOST_TEST(render(e) == "Cannot find secret 'x'");
  e.next = "Do it.";
  BOOST_TEST(render(e) == "Cannot find secret 'x'. Do it.");
  e.what = "Which one?";
  BOOST_TEST(render(e) == "Which one? Do it.");
}

BOOST_AUTO_TEST_CASE(control_characters_are_escaped_everywhere) {
  Error e = full();
  for (std::string* part : {&e.what, &e.cause, &e.next, &e.store_code, &e.request_id, &e.identity})
    *part += std::string("\n\r\x1b[31m\x7f\0", 9);
  const std::string line = render(e);
  for (char c : line) BOOST_TEST((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
  BOOST_TEST(line.find("\\n\\x0d\\x1b[31m\\x7f") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(utf8_stays_readable) {
  Error e;
  e.what = "Datei fehlt: sch\xc3\xb6n";
  BOOST_TEST(render(e) == e.what);
}

BOOST_AUTO_TEST_CASE(exit_codes_and_names) {
  const std::tuple<ErrorClass, std::string_view, int, bool> rows[] = {
      {ErrorClass::access_denied, "AccessDenied", 3, false},
      {ErrorClass::invalid_credentials, "InvalidCredentials", 3, false},
      {ErrorClass::not_found, "NotFound", 4, false},
      {ErrorClass::deleted, "Deleted", 4, false},
      {ErrorClass::throttled, "Throttled", 5, true},
      {ErrorClass::unavailable, "Unavailable", 5, true},
      {ErrorClass::timeout, "Timeout", 5, true},
      {ErrorClass::network, "Network", 5, true},
      {ErrorClass::tls, "TlsError", 5, false},
      {ErrorClass::usage, "Usage", 2, false},
      {ErrorClass::config, "Config", 2, false},
      {ErrorClass::io, "Io", 1, false},
      {ErrorClass::engine_unreachable, "EngineUnreachable", 7, false},
      {ErrorClass::unhealthy, "Unhealthy", 6, false},
      {ErrorClass::interrupted, "Interrupted", 130, false},
      {ErrorClass::store_corrupt, "StoreCorrupt", 1, false},
  };
  for (const auto& [cls, name, code, transient] : rows) {
    BOOST_TEST(class_name(cls) == name);
    BOOST_TEST(exit_code(cls) == code, name);
    BOOST_TEST(is_transient(cls) == transient, name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
