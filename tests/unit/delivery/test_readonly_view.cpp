// A volume's folder, mounted read-only: what changes is seen, nothing can be written, and a new folder gets a new view.
#include "delivery/readonly_view.h"

#include "delivery/store_fixture.h"

namespace dso {
namespace {

struct Fixture : test::StoreFixture {
  std::string secrets_dir = store.paths().secrets_dir();
  std::string view() {
    auto made = delivery::make_view(secrets_dir, "volume-v", folder("volume-v"));
    BOOST_REQUIRE_MESSAGE(made.has_value(), (made.has_error() ? render(made.error()) : ""));
    return delivery::view_path(secrets_dir, "volume-v", folder("volume-v"));
  }
  ~Fixture() { delivery::remove_view(secrets_dir, "volume-v"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(readonly_view, Fixture)

BOOST_AUTO_TEST_CASE(it_shows_every_change_and_takes_none) {
  write("volume-v", "1", {{"/run/secrets/a", "old"}});
  const std::string path = view();
  BOOST_TEST(path == secrets_dir + "/.volumes/volume-v");
  BOOST_TEST(test::show_folder(path) == "a=old ");
  write("volume-v", "2", {{"/run/secrets/a", "new"}});
  BOOST_TEST(test::show_folder(path) == "a=new ");
  const UniqueFd made(open((path + "/x").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  BOOST_TEST(errno == EROFS);
  BOOST_TEST(!made);
  BOOST_TEST(view() == path);  // a second mount is the same one
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_made_anew_gets_a_new_view) {
  write("volume-v", "1", {{"/run/secrets/a", "old"}});
  BOOST_REQUIRE(!view().empty());
  BOOST_REQUIRE(store.remove("volume-v").has_value());
  write("volume-v", "1", {{"/run/secrets/a", "new"}});
  BOOST_TEST(test::show_folder(view()) == "a=new ");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
