// The registry and Prometheus' text of it.
#include "base/metrics.h"

#include <boost/test/unit_test.hpp>

namespace dso::metrics {

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(text_has_help_type_labels_and_numbers) {
  const std::string text = text_of({{{Metric::polls, "prod"}, 3},
                                    {{Metric::polls, "a\"b\\c\nd"}, 1},
                                    {{Metric::last_good_poll, "prod"}, 1764144000.25},
                                    {{Metric::secrets_stale, ""}, 0}});
  BOOST_TEST(text ==
             "# HELP dso_polls_total Rounds of asking a provider for changes.\n"
             "# TYPE dso_polls_total counter\n"
             "dso_polls_total{provider=\"a\\\"b\\\\c\\nd\"} 1\n"
             "dso_polls_total{provider=\"prod\"} 3\n"
             "# HELP dso_last_good_poll_timestamp_seconds When a round was last answered.\n"
             "# TYPE dso_last_good_poll_timestamp_seconds gauge\n"
             "dso_last_good_poll_timestamp_seconds{provider=\"prod\"} 1764144000.25\n"
             "# HELP dso_secrets_stale Secrets whose readers get the last good value, the store being down.\n"
             "# TYPE dso_secrets_stale gauge\n"
             "dso_secrets_stale 0\n");
  BOOST_TEST(text_of({}).empty());
}

BOOST_AUTO_TEST_CASE(an_instance_that_is_gone_is_forgotten) {
  set(Metric::provider_up, "done", 1);  // a name that another metric has as a result
  set(Metric::provider_up, "stays", 1);
  add(Metric::polls, "done");
  add(Metric::reloads, "done");
  forget_provider("done");
  const Samples left = samples();
  BOOST_TEST(!left.contains({Metric::provider_up, "done"}));
  BOOST_TEST(!left.contains({Metric::polls, "done"}));
  BOOST_TEST(left.contains({Metric::provider_up, "stays"}));
  BOOST_TEST(left.contains({Metric::reloads, "done"}));
}

BOOST_AUTO_TEST_CASE(counts_add_up_and_gauges_are_replaced) {
  add(Metric::reloads, "test");
  add(Metric::reloads, "test", 2);
  set(Metric::provider_up, "test", 1);
  set(Metric::provider_up, "test", 0);
  const Samples now = samples();
  BOOST_TEST(now.at({Metric::reloads, "test"}) == 3);
  BOOST_TEST(now.at({Metric::provider_up, "test"}) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso::metrics
