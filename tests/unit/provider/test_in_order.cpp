// in_order: results come in order, never more at once than allowed, nobody runs far ahead, and an end is an end.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>
#include <vector>

#include "provider/in_order.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(in_order_work)

namespace {

SecretBuffer text(std::size_t i) {
  SecretBuffer out;
  append(out, std::to_string(i));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(in_their_order_and_all_at_once_up_to_the_bound) {
  std::atomic<int> under_way{0}, most{0};
  std::vector<std::string> given;
  in_order(
      100, 8,
      [&](std::size_t i) {
        const int now = ++under_way;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        // the first eight wait for each other: they are under way together
        while (i < 8 && most < 8) std::this_thread::yield();
        --under_way;
        return text(i);
      },
      [&](const SecretBuffer& one) {
        given.emplace_back(view(one));
        return true;
      });
  BOOST_TEST(most == 8);
  BOOST_REQUIRE(given.size() == 100u);
  for (std::size_t i = 0; i < given.size(); ++i) BOOST_TEST(given[i] == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(nobody_runs_far_ahead_of_one_that_is_slow) {
  std::atomic<std::size_t> begun{0};
  std::atomic<bool> first_may_end{false};
  std::size_t given = 0;
  std::jthread watcher([&] {
    while (begun < 8) std::this_thread::yield();  // the most that may be begun while the first is not done
    first_may_end = true;
  });
  std::atomic<std::size_t> most_ahead{0};
  in_order(
      50, 4,
      [&](std::size_t i) {
        ++begun;
        while (i == 0 && !first_may_end) std::this_thread::yield();
        if (!first_may_end) most_ahead = std::max(most_ahead.load(), i);
        return text(i);
      },
      [&](const SecretBuffer&) { return ++given, true; });
  BOOST_TEST(most_ahead < 8u);
  BOOST_TEST(given == 50u);
}

BOOST_AUTO_TEST_CASE(who_wants_no_more_gets_no_more) {
  std::atomic<int> begun{0};
  int given = 0;
  in_order(
      1000, 4,
      [&](std::size_t i) {
        ++begun;
        return text(i);
      },
      [&](const SecretBuffer&) { return ++given < 3; });
  BOOST_TEST(given == 3);
  BOOST_TEST(begun < 20);
  in_order(
      0, 4, [](std::size_t i) { return text(i); }, [](const SecretBuffer&) { return true; });
}

BOOST_AUTO_TEST_SUITE_END()
