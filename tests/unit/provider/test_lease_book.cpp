// Whose lease is which, how long it lasts, and which ones containers live on.
#include <boost/test/unit_test.hpp>

#include "provider/lease_book.h"

using namespace dso;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_lease_book)

namespace {

const LeaseBook::Time kNow = LeaseBook::Time() + 1h;

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_left_goes_by_the_last_that_was_said) {
  LeaseBook book;
  BOOST_TEST(!book.left("a", kNow).has_value());
  book.note("a", Lease{"id1", 60s, true}, kNow);
  BOOST_TEST((book.left("a", kNow + 20s) == std::optional<std::chrono::milliseconds>(40s)));
  BOOST_TEST((book.left("a", kNow + 90s) == std::optional<std::chrono::milliseconds>(0s)));
  book.note("a", Lease{"id1", 60s, true}, kNow + 50s);  // renewed
  BOOST_TEST((book.left("a", kNow + 60s) == std::optional<std::chrono::milliseconds>(50s)));
  book.note("a", Lease{"id2", 0s, false}, kNow);  // without an end
  BOOST_TEST(!book.left("a", kNow).has_value());
  book.note("a", std::nullopt, kNow);
  BOOST_TEST(!book.left("a", kNow).has_value());
}

BOOST_AUTO_TEST_CASE(it_ends_while_the_host_sleeps) {
  // the clock that stands still then, and the one that somebody may set, do not compile here
  static_assert(std::is_same_v<LeaseBook::Time, BootClock::time_point>);
  const auto before = BootClock::now();
  BOOST_TEST((BootClock::now() >= before));
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  BOOST_TEST((before.time_since_epoch().count() / 1000 <= now.tv_sec));
}

BOOST_AUTO_TEST_CASE(only_what_was_delivered_is_in_use_until_it_ends) {
  LeaseBook book;
  book.keep("a");  // it has none
  book.note("a", Lease{"id1", 60s, true}, kNow);
  BOOST_TEST(!book.in_use("id1"));
  book.keep("a");
  BOOST_TEST(book.in_use("id1"));
  book.note("a", Lease{"id2", 60s, true}, kNow + 10s);
  BOOST_TEST(book.in_use("id1"));  // containers have it until they are rotated
  BOOST_TEST(!book.in_use("id2"));
  book.keep("a");
  book.note("a", Lease{"id2", 60s, true}, kNow + 65s);
  BOOST_TEST(!book.in_use("id1"));
  BOOST_TEST(book.in_use("id2"));
}

BOOST_AUTO_TEST_SUITE_END()
