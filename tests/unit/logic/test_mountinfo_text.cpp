// From which file system a process has a scope's folders, whatever else stands in its mountinfo.
#include "logic/mountinfo_text.h"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace dso;

BOOST_AUTO_TEST_SUITE(mountinfo_text)

namespace {

const std::string kRoot = "900 800 0:52 / / rw,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u\n";
const std::string kProc = "901 900 0:53 / /proc rw,nosuid - proc proc rw\n";

std::string line(const std::string& device, const std::string& path, const std::string& place = "/run/secrets") {
  return "902 900 " + device + " " + path + " " + place + " ro,nosuid,nodev,noexec master:5 - tmpfs dso-secrets rw,mode=700\n";
}

}  // namespace

BOOST_AUTO_TEST_CASE(present_gone_or_none) {
  const auto seen = [](const std::string& more) { return scope_mount_seen(kRoot + kProc + more + kProc, "web", "0:45"); };
  BOOST_TEST((seen("") == ScopeMountSeen::none));
  BOOST_TEST((seen(line("0:45", "/web/files-0123")) == ScopeMountSeen::present));
  BOOST_TEST((seen(line("0:44", "/web/files-0123")) == ScopeMountSeen::gone));
  BOOST_TEST((seen(line("0:451", "/web/files-0123")) == ScopeMountSeen::gone));
  BOOST_TEST((seen(line("0:44", "/web/env//deleted")) == ScopeMountSeen::gone));
  // one of two is enough: it is of the same start
  BOOST_TEST((seen(line("0:44", "/web/env") + line("0:45", "/web/files-1")) == ScopeMountSeen::present));
}

BOOST_AUTO_TEST_CASE(wherever_the_container_and_the_host_have_it) {
  // below a user's own tmpfs, with a space in its path and in the container's
  BOOST_TEST((scope_mount_seen(line("0:45", "/my\\040own/secrets/web/files-1", "/var/my\\040secrets"), "web", "0:45") ==
              ScopeMountSeen::present));
  BOOST_TEST((scope_mount_seen(line("0:44", "/my\\040own/secrets/web/files-1"), "web", "0:45") == ScopeMountSeen::gone));
}

BOOST_AUTO_TEST_CASE(another_scope_is_not_meant) {
  for (const char* path : {"/web.2/files-1", "/aweb/files-1", "/web", "/", "/web/files-1/below", "/api/web"})
    BOOST_TEST((scope_mount_seen(line("0:44", path), "web", "0:45") == ScopeMountSeen::none), path);
}

BOOST_AUTO_TEST_CASE(what_lies_on_top_of_ours) {
  const auto mount = [](const std::string& place, const std::string& source) {
    return "24 23 0:21 / " + place + " rw,nosuid shared:1 master:2 - tmpfs " + source + " rw,size=65536k\n";
  };
  const auto covered = [](const std::string& text) { return is_covered(text, "/run/my own", "dso-secrets"); };
  const std::string here = "/run/my\\040own", ours = mount(here, "dso-secrets"), theirs = mount(here, "tmpfs");
  BOOST_TEST(!covered(""));
  BOOST_TEST(!covered(ours));
  BOOST_TEST(!covered(theirs), "mounted for us, under another name");
  BOOST_TEST(covered(ours + theirs));
  BOOST_TEST(covered(ours + "25 24 8:1 /x " + here + " rw - ext4 /dev/sda1 rw\n"));
  BOOST_TEST(!covered(ours + theirs + ours));
  BOOST_TEST(!covered(ours + ours));
  BOOST_TEST(!covered(ours + mount(here + "/below", "tmpfs") + mount("/run", "tmpfs")));
  for (const char* half : {"24 23 0:21 / /run/my\\040own", "24 23 0:21 / /run/my\\040own rw - tmpfs", "\n"})
    BOOST_TEST(!covered(half), half);
}

BOOST_AUTO_TEST_CASE(halves_and_garbage_say_nothing) {
  for (const char* text :
       {"", "\n\n", "902", "902 900 0:44", "902 900 0:44 ", "a b c web/files", "///deleted", "902 900 0:44 //deleted"})
    BOOST_TEST((scope_mount_seen(text, "web", "0:45") == ScopeMountSeen::none), text);
}

BOOST_AUTO_TEST_SUITE_END()
