// What was spoken of since the last look, and when only a look at all will do.
#include "agent/changed_containers.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

BOOST_AUTO_TEST_SUITE(changed_containers)

BOOST_AUTO_TEST_CASE(by_events_after_a_first_look_at_all) {
  ChangedContainers changed(2);
  BOOST_TEST(changed.take().whole);
  BOOST_TEST(changed.take().whole, "nobody listens yet");
  changed.may_have_missed_something();
  changed.happened_to("a");
  BOOST_TEST(changed.take().whole);
  changed.happened_to("a");
  changed.happened_to("b");
  changed.happened_to("a");
  const auto taken = changed.take();
  BOOST_TEST((!taken.whole && taken.ids == std::set<std::string>{"a", "b"}));
  BOOST_TEST((!changed.take().whole && changed.take().ids.empty()));
  changed.look_failed();
  BOOST_TEST(changed.take().whole);
}

BOOST_AUTO_TEST_CASE(many_are_not_kept_for_who_never_looks) {
  ChangedContainers changed(2);
  changed.may_have_missed_something();
  (void)changed.take();
  for (const char* id : {"a", "b", "c", "d"}) changed.happened_to(id);
  const auto taken = changed.take();
  BOOST_TEST((taken.whole && taken.ids.empty()));
}

BOOST_AUTO_TEST_CASE(a_command_looks_once) {
  ChangedContainers changed(2, true);
  BOOST_TEST(changed.take().whole);
  BOOST_TEST(!changed.take().whole);
}

BOOST_AUTO_TEST_SUITE_END()
