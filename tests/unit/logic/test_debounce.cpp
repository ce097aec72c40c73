// The debouncer: a burst of changes is one rotation with the newest value, and waits no longer than its maximum.
#include <boost/test/unit_test.hpp>

#include "logic/debounce.h"

using namespace dso;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(debounce)

namespace {
const Debouncer::Time t0{};
const SecretKey db{"default", "db"}, api{"default", "api"};
}  // namespace

BOOST_AUTO_TEST_CASE(one_change_is_due_after_the_quiet_time) {
  Debouncer d({2s, 30s});
  BOOST_TEST((d.note(db, "1", t0) == Debouncer::Noted::held));
  BOOST_TEST(d.due_keys(t0 + 1999ms).empty());
  BOOST_TEST(d.take_due(t0 + 2s).size() == 1u);
  BOOST_TEST(d.take_due(t0 + 2s).empty());
  BOOST_TEST(!d.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(other_settings_count_for_what_is_held) {
  Debouncer d({1h, 2h});
  d.note(db, "1", t0);
  d.use({2s, 30s});
  BOOST_TEST(d.take_due(t0 + 2s).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_same_value_again_does_not_prolong_the_wait) {
  Debouncer d({2s, 30s});
  d.note(db, "1", t0);
  BOOST_TEST((d.note(db, "1", t0 + 1900ms) == Debouncer::Noted::known));
  BOOST_TEST(d.take_due(t0 + 2s).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_newer_value_waits_anew_and_replaces_the_older) {
  Debouncer d({2s, 30s});
  d.note(db, "1", t0);
  BOOST_TEST((d.note(db, "2", t0 + 1s) == Debouncer::Noted::superseded));
  BOOST_TEST(d.due_keys(t0 + 2s).empty());
  BOOST_TEST(d.held(db).value() == "2");
  BOOST_TEST(d.take_due(t0 + 3s).size() == 1u);
}

BOOST_AUTO_TEST_CASE(thirty_changes_in_a_row_wait_no_longer_than_the_maximum) {
  Debouncer d({2s, 30s});
  for (int i = 0; i < 60; ++i) d.note(db, std::to_string(i), t0 + i * 1s);
  BOOST_TEST((d.next_due().value() == t0 + 30s));
}

BOOST_AUTO_TEST_CASE(secrets_wait_apart) {
  Debouncer d({2s, 30s});
  d.note(db, "1", t0);
  d.note(api, "1", t0 + 1s);
  BOOST_TEST((d.take_due(t0 + 2s) == std::vector<SecretKey>{db}));
  BOOST_TEST((d.next_due().value() == t0 + 3s));
}

BOOST_AUTO_TEST_CASE(a_value_that_goes_back_is_forgotten) {
  Debouncer d({2s, 30s});
  d.note(db, "1", t0);
  BOOST_TEST(d.forget(db));
  BOOST_TEST(!d.forget(db));
  BOOST_TEST(d.take_due(t0 + 60s).empty());
}

BOOST_AUTO_TEST_SUITE_END()
