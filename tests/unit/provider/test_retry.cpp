// When to ask again, and when to start again.
#include <boost/test/unit_test.hpp>

#include "provider/retry.h"

using namespace dso;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_retry)

BOOST_AUTO_TEST_CASE(transient_classes_are_tried_again_up_to_attempts) {
  const RetryPolicy policy{3, 1s};
  for (auto cls :
       {ErrorClass::throttled, ErrorClass::unavailable, ErrorClass::timeout, ErrorClass::network, ErrorClass::lease_lost}) {
    BOOST_TEST((next_retry({1, cls, {}}, policy, 1min, 0.5) == 500ms));
    BOOST_TEST((next_retry({2, cls, {}}, policy, 1min, 0.5) == 1000ms));
    BOOST_TEST(!next_retry({3, cls, {}}, policy, 1min, 0.5));
  }
}

BOOST_AUTO_TEST_CASE(what_will_not_change_is_not_tried_again) {
  const RetryPolicy policy{9, 1s};
  for (auto cls : {ErrorClass::access_denied, ErrorClass::invalid_credentials, ErrorClass::not_found, ErrorClass::tls,
                   ErrorClass::invalid_request, ErrorClass::interrupted, ErrorClass::plugin, ErrorClass::unsupported,
                   ErrorClass::decrypt_failed})
    BOOST_TEST(!next_retry({1, cls, {}}, policy, 1min, 0.5));
}

BOOST_AUTO_TEST_CASE(malformed_once) {
  const RetryPolicy policy{9, 1s};
  BOOST_TEST(next_retry({1, ErrorClass::malformed, {}}, policy, 1min, 0.5).has_value());
  BOOST_TEST(!next_retry({2, ErrorClass::malformed, {}}, policy, 1min, 0.5));
}

BOOST_AUTO_TEST_CASE(the_hint_is_a_lower_bound_and_the_deadline_an_upper) {
  const RetryPolicy policy{3, 1s};
  BOOST_TEST((next_retry({1, ErrorClass::throttled, 7s}, policy, 1min, 0.0) == 7s));
  BOOST_TEST((next_retry({1, ErrorClass::throttled, 10ms}, policy, 1min, 0.5) == 500ms));
  BOOST_TEST(!next_retry({1, ErrorClass::throttled, 7s}, policy, 7s, 0.0));
  BOOST_TEST(!next_retry({1, ErrorClass::throttled, {}}, policy, 0ms, 0.0));
}

// A store that took all the time is not asked once more in what is left of it: that would only be cut off, with a worse error.
BOOST_AUTO_TEST_CASE(no_attempt_is_begun_in_less_time_than_the_last_one_took) {
  const RetryPolicy policy{9, 10ms};
  for (auto cls : {ErrorClass::timeout, ErrorClass::unavailable}) {
    BOOST_TEST((next_retry({1, cls, {}, 400ms}, policy, 405ms, 0.5) == 5ms));
    BOOST_TEST(!next_retry({1, cls, {}, 400ms}, policy, 404ms, 0.5));
    BOOST_TEST(!next_retry({1, cls, {}, 9s}, policy, 1s, 0.5));
  }
  BOOST_TEST((next_retry({1, ErrorClass::network, {}, 0ms}, policy, 55ms, 0.5) == 5ms));
  BOOST_TEST(!next_retry({1, ErrorClass::network, {}, 0ms}, policy, 54ms, 0.5));
}

BOOST_AUTO_TEST_CASE(one_attempt_means_one) {
  BOOST_TEST(!next_retry({1, ErrorClass::unavailable, {}}, {1, 1s}, 1min, 0.5));
}

BOOST_AUTO_TEST_CASE(restarts_at_once_then_doubling_to_the_cap) {
  const RestartPolicy policy{1s, 60s};
  BOOST_TEST((restart_delay(0, policy) == 0ms));
  BOOST_TEST((restart_delay(1, policy) == 0ms));
  BOOST_TEST((restart_delay(2, policy) == 1s));
  BOOST_TEST((restart_delay(3, policy) == 2s));
  BOOST_TEST((restart_delay(8, policy) == 60s));
  BOOST_TEST((restart_delay(1000000, policy) == 60s));
}

BOOST_AUTO_TEST_SUITE_END()
