// A volume's folder, mounted read-only: what changes is seen, nothing can be written, and a new folder gets a new view.
#include "delivery/readonly_view.h"

#include <sys/mount.h>
#include <sys/stat.h>

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
  std::string whole = secrets_dir.substr(0, secrets_dir.rfind('/')) + "/readonly";
  ~Fixture() {
    delivery::remove_view(secrets_dir, "volume-v");
    umount2(whole.c_str(), MNT_DETACH);
  }
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

BOOST_AUTO_TEST_CASE(the_hosts_own_view_is_used_where_it_shows_this_tmpfs) {
  write("volume-v", "1", {{"/run/secrets/a", "old"}});
  BOOST_REQUIRE(mkdir(whole.c_str(), 0700) == 0);
  BOOST_TEST(view() == secrets_dir + "/.volumes/volume-v");  // a folder of that name is no view
  BOOST_REQUIRE(mount(secrets_dir.c_str(), whole.c_str(), nullptr, MS_BIND, nullptr) == 0);
  BOOST_TEST(view() == secrets_dir + "/.volumes/volume-v");  // nor is one that can be written to
  BOOST_REQUIRE(mount(nullptr, whole.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  const std::string path = view();
  BOOST_TEST(path == whole + folder("volume-v").substr(secrets_dir.size()));
  write("volume-v", "2", {{"/run/secrets/a", "new"}});
  BOOST_TEST(test::show_folder(path) == "a=new ");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
