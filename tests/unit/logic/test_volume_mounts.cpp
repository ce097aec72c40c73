// Counting what the engine mounts and unmounts, and when that is reason to ask whether the values may go.
#include "logic/volume_mounts.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(volume_mounts)

namespace {

constexpr std::int64_t kMinute = 60'000;

}  // namespace

BOOST_AUTO_TEST_CASE(the_same_id_again_counts_again) {
  VolumeMounts m;
  m.mount("a", 1);
  m.mount("a", 2);  // docker cp into a running container
  m.unmount("a", 0);
  BOOST_TEST(m.mounted());
  m.mount("b", 3);
  m.unmount("a", 0);
  BOOST_TEST(m.mounted());
  m.unmount("b", 0);
  BOOST_TEST(!m.mounted());
}

BOOST_AUTO_TEST_CASE(an_unmount_of_what_was_never_mounted_takes_nothing_away) {
  VolumeMounts m;
  m.mount("a", 1);
  m.unmount("b", 0);
  m.unmount("b", 0);
  BOOST_TEST(m.mounted());
  m.unmount("a", 0);
  m.unmount("a", 0);
  m.mount("a", 2);
  BOOST_TEST(m.mounted());
}

BOOST_AUTO_TEST_CASE(the_engine_is_asked_when_nobody_has_it_or_a_count_is_old) {
  VolumeMounts m;
  BOOST_TEST((sweep_of(m, 0) == VolumeSweep::ask_engine));
  m.mount("a", 100 * kMinute);
  BOOST_TEST((sweep_of(m, 100 * kMinute) == VolumeSweep::keep));
  BOOST_TEST((sweep_of(m, 109 * kMinute) == VolumeSweep::keep));
  BOOST_TEST((sweep_of(m, 110 * kMinute) == VolumeSweep::ask_engine));  // a killed engine never unmounts
  BOOST_TEST((sweep_of(m, 99 * kMinute) == VolumeSweep::ask_engine));   // counted in another boot
  m.mount("b", 110 * kMinute);
  BOOST_TEST((sweep_of(m, 111 * kMinute) == VolumeSweep::keep));
}

BOOST_AUTO_TEST_CASE(one_that_is_restarted_finds_its_files_again) {
  VolumeMounts m;
  m.mount("a", kMinute);
  m.mount("b", kMinute);
  m.unmount("a", 2 * kMinute);
  BOOST_TEST((sweep_of(m, 2 * kMinute) == VolumeSweep::keep));
  m.unmount("never", 3 * kMinute);
  m.unmount("b", 3 * kMinute);
  BOOST_TEST((sweep_of(m, 3 * kMinute) == VolumeSweep::soon));
  BOOST_TEST((sweep_of(m, 3 * kMinute + 9'999) == VolumeSweep::soon));
  BOOST_TEST((sweep_of(m, 3 * kMinute + 10'000) == VolumeSweep::ask_engine));
  BOOST_TEST((sweep_of(m, kMinute) == VolumeSweep::ask_engine));  // in another boot
  BOOST_TEST((sweep_of(parse_volume_mounts(volume_mounts_json(m)), 3 * kMinute) == VolumeSweep::soon));
  BOOST_TEST((sweep_of(parse_volume_mounts(R"({"counts":{},"last_ms":1})"), 3 * kMinute) == VolumeSweep::ask_engine));
}

BOOST_AUTO_TEST_CASE(as_text_and_back) {
  VolumeMounts m;
  m.mount("a", 1);
  m.mount("a", 5);
  m.mount("b", 7);
  const VolumeMounts back = parse_volume_mounts(volume_mounts_json(m));
  BOOST_TEST((back.counts == m.counts));
  BOOST_TEST(back.last_ms == 7);
  for (const char* damaged : {"", "{}", "[1]", R"({"counts":{"a":"x"},"last_ms":1})"})
    BOOST_TEST(!parse_volume_mounts(damaged).mounted());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
