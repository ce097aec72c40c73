// What `dso rotate` says of each way in which a reconciliation ends.
#include "agent/rotate.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(rotate)

namespace {

const std::string kAsked = "api";

ReconcileResult brought(std::vector<std::string> names) {
  ReconcileResult r;
  r.content = "x";
  r.changed = {{"prod", "myapp/db"}};
  r.brought = std::move(names);
  return r;
}

}  // namespace

BOOST_AUTO_TEST_CASE(done) {
  BOOST_TEST(*rotation_told(kAsked, brought({"api"})) == "'api' has the present value of its secrets: 'myapp/db' changed");
  BOOST_TEST(*rotation_told(kAsked, brought({"api-1", "api-2"})) ==
             "'api-1', 'api-2' have the present value of its secrets: 'myapp/db' changed");
  BOOST_TEST(*rotation_told(kAsked, brought({})) == "The files of 'api' have the new value of 'myapp/db'");
  ReconcileResult same;
  same.content = "x";
  BOOST_TEST(rotation_told(kAsked, same)->empty());
}

BOOST_AUTO_TEST_CASE(failed) {
  ReconcileResult r = brought({});
  r.failed = true;
  BOOST_TEST((rotation_told(kAsked, r).error().cls == ErrorClass::unhealthy));
  r.error = make_error(ErrorClass::engine_unreachable, "Failed to list containers", "no such file");
  BOOST_TEST((rotation_told(kAsked, r).error().cls == ErrorClass::engine_unreachable));
  BOOST_TEST(rotation_told(kAsked, r).error().cause == "Failed to list containers: no such file");
  r.failed = false;  // told in the log, and came right
  BOOST_TEST(rotation_told(kAsked, r).has_value());
}

BOOST_AUTO_TEST_CASE(not_tried) {
  ReconcileResult store;
  store.error = make_error(ErrorClass::access_denied, "Failed to fetch secret 'myapp/db'", "denied", "Ask for it.");
  BOOST_TEST((rotation_told(kAsked, store).error().cls == ErrorClass::access_denied));
  BOOST_TEST(rotation_told(kAsked, store).error().next == "Ask for it.");
  ReconcileResult held;
  held.held_back = true;
  BOOST_TEST(rotation_told(kAsked, held).error().cause == "the store still has the value that was rolled back");
  BOOST_TEST((rotation_told(kAsked, {}).error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
