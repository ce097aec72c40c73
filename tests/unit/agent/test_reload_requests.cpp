// Who asks for another config, and who answers.
#include "agent/reload_requests.h"

#include <boost/test/unit_test.hpp>
#include <future>

namespace dso {
BOOST_AUTO_TEST_SUITE(reload_requests)

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(nobody_asks) {
  ReloadRequests r;
  BOOST_TEST(!r.wait(1ms, {}));
  std::stop_source stop;
  stop.request_stop();
  r.ask();
  BOOST_TEST(!r.wait(1h, stop.get_token()));
  BOOST_TEST((r.ask_and_wait(stop.get_token()).error().cls == ErrorClass::interrupted));
}

BOOST_AUTO_TEST_CASE(an_answer_is_for_all_who_had_asked_and_for_no_later_one) {
  ReloadRequests r;
  r.ask();
  r.ask();
  BOOST_REQUIRE(r.wait(1h, {}));
  r.ask();  // while it is being read
  r.answer(std::string("one"));
  BOOST_REQUIRE(r.wait(1h, {}));
  r.answer(std::string("two"));
  BOOST_TEST(!r.wait(1ms, {}));
}

BOOST_AUTO_TEST_CASE(who_waits_gets_the_verdict) {
  ReloadRequests r;
  for (const bool good : {true, false}) {
    auto asked = std::async(std::launch::async, [&r] { return r.ask_and_wait({}); });
    BOOST_REQUIRE(r.wait(1h, {}));
    if (good)
      r.answer(std::string("changed"));
    else
      r.answer(make_error(ErrorClass::config, "Cannot", "it is wrong"));
    const auto got = asked.get();
    BOOST_TEST(got.has_value() == good);
    if (good) BOOST_TEST(*got == "changed");
  }
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
