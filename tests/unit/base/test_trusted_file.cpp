// What is opened and what is not, on real files, folders and links; with files of others where the test runs as root.
#include "base/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <boost/test/unit_test.hpp>

#include "base/file.h"
#include "temp_folder.h"

using namespace dso;
using namespace dso::test;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kStranger = 61234;
constexpr const char* kText = "said";

struct Place : TempFolder {
  std::string write(const std::string& name, mode_t mode = 0644) const {
    spit(file(name), kText);
    BOOST_REQUIRE(chmod(file(name).c_str(), mode) == 0);
    return file(name);
  }
  std::string folder(const std::string& name, mode_t mode = 0755) const {
    fs::create_directories(file(name));
    BOOST_REQUIRE(chmod(file(name).c_str(), mode) == 0);
    return file(name);
  }
  void give(const std::string& name, uid_t uid = kStranger) const {
    BOOST_REQUIRE(lchown(file(name).c_str(), uid, static_cast<gid_t>(-1)) == 0);
  }
  void link(const std::string& target, const std::string& name) const { fs::create_symlink(target, file(name)); }
};

std::string told(const std::string& path, FileUse use = FileUse::obeyed) {
  auto fd = open_trusted_file(path, "config", use);
  if (fd.has_error()) return (fd.error().cls == ErrorClass::config ? "config: " : "io: ") + fd.error().cause;
  return read_opened_text(*fd, path, 100).value();
}
bool refused(const std::string& path, const std::string& why) {
  const std::string got = told(path);
  const bool as_wanted = got.starts_with("config: ") && got.find(why) != std::string::npos;
  if (!as_wanted) BOOST_TEST_MESSAGE(path << " gave: " << got);
  return as_wanted;
}

bool is_root() {
  return geteuid() == 0;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(trusted_file, Place)

BOOST_AUTO_TEST_CASE(opens_what_is_ours) {
  BOOST_TEST(told(write("f")) == kText);
  BOOST_TEST(told(path + "//./sub/.././f") == "io: No such file or directory");
  folder("sub");
  BOOST_TEST(told(path + "//./sub/.././f") == kText);
  BOOST_TEST(read_trusted_text(file("f"), "config", 3).error().cause == "it is larger than 3 bytes");
  BOOST_TEST(view(read_trusted_secret(file("f"), "config", 4).value()) == kText);
  const auto before = fs::current_path();
  fs::current_path(path);
  const std::string here = told("f"), dot = told("./sub/../f");
  fs::current_path(before);
  BOOST_TEST(here == kText);
  BOOST_TEST(dot == kText);
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_io) {
  BOOST_TEST(told(path) == "io: it is a directory");
  BOOST_TEST(told("/") == "io: it is a directory");
  BOOST_TEST(told("") == "io: No such file or directory");
  BOOST_TEST(told("/dev/null") == "io: it is not a regular file");
  BOOST_REQUIRE(mkfifo(file("fifo").c_str(), 0600) == 0);
  BOOST_TEST(told(file("fifo")) == "io: it is not a regular file");
  write("f");
  BOOST_TEST(told(file("f/")) == "io: Not a directory");
  BOOST_TEST(told(file("f/x")) == "io: Not a directory");
  link("loop", "loop");
  BOOST_TEST(told(file("loop")) == "io: Too many levels of symbolic links");
  BOOST_TEST(!why_not_trusted(file("none"), "ca_file").has_value(), "missing is another's to say");
}

BOOST_AUTO_TEST_CASE(others_may_not_write_it) {
  for (const mode_t mode : {0664, 0646, 0666, 0620, 0602}) {
    write("f", mode);
    BOOST_TEST(refused(file("f"), mode_text(mode)));
  }
  const Error e = *why_not_trusted(file("f"), "ca_file");
  BOOST_TEST(e.what == "Cannot use the ca_file '" + file("f") + "'");
  BOOST_TEST(exit_code(e.cls) == 2);
  write("k", 0644);
  BOOST_TEST(told(file("k")) == kText);
  BOOST_TEST(told(file("k"), FileUse::private_key).starts_with("config: everybody may read it"));
}

BOOST_AUTO_TEST_CASE(nor_the_folders_that_lead_to_it) {
  folder("a");
  folder("a/b");
  write("a/b/f");
  BOOST_TEST(told(file("a/b/f")) == kText);
  for (const char* writable : {"a/b", "a"}) {
    folder(writable, 0777);
    BOOST_TEST(refused(file("a/b/f"), "the folder '" + file(writable) + "'"));
    folder(writable, 0775);
    BOOST_TEST(refused(file("a/b/f"), "its group may write it"));
    folder(writable, 01777);
    BOOST_TEST(told(file("a/b/f")) == kText, "with the sticky bit nobody moves what is ours");
    folder(writable);
  }
}

BOOST_AUTO_TEST_CASE(links_are_followed_and_each_place_on_the_way_counts) {
  // as Kubernetes projects a volume
  folder("vol", 01777);
  folder("vol/..2026");
  write("vol/..2026/token");
  link("..2026", "vol/..data");
  link("..data/token", "vol/token");
  BOOST_TEST(told(file("vol/token")) == kText);
  // as /etc/ssl/certs: to another folder, by an absolute path
  folder("share");
  write("share/ca.crt");
  link(file("share/ca.crt"), "ca.pem");
  BOOST_TEST(told(file("ca.pem")) == kText);
  folder("share", 0777);
  BOOST_TEST(refused(file("ca.pem"), "the folder '" + file("share") + "'"));
  folder("share");
  folder("open", 0777);
  link(file("share/ca.crt"), "open/ca.pem");
  BOOST_TEST(refused(file("open/ca.pem"), "the folder '" + file("open") + "'"));
  link("share", "alias");
  BOOST_TEST(told(file("alias/ca.crt")) == kText);
  BOOST_TEST(told(file("alias/../share/./ca.crt")) == kText);
}

BOOST_AUTO_TEST_CASE(what_was_opened_for_us_is_taken_as_it_is) {
  write("f");
  const UniqueFd fd(open(file("f").c_str(), O_RDONLY | O_CLOEXEC));
  unlink(file("f").c_str());
  BOOST_TEST(told(name_of_opened(fd)) == kText);
  BOOST_TEST(told("/dev/fd/" + std::to_string(fd.get())) == kText);
  BOOST_REQUIRE(fchmod(fd.get(), 0666) == 0);
  BOOST_TEST(refused(name_of_opened(fd), "everybody may write it"));
}

BOOST_AUTO_TEST_CASE(an_access_list_that_lets_somebody_write) {
  write("f");
  // user::rw- user:61234:rw- group::r-- mask::rw- other::r--, as the kernel stores it
  const unsigned char acl[] = {2,  0, 0, 0,                         // version
                               1,  0, 6, 0, 255,  255,  255, 255,   // owner
                               2,  0, 6, 0, 0x32, 0xef, 0,   0,     // uid 61234
                               4,  0, 4, 0, 255,  255,  255, 255,   // its group
                               16, 0, 6, 0, 255,  255,  255, 255,   // mask
                               32, 0, 4, 0, 255,  255,  255, 255};  // others
  if (setxattr(file("f").c_str(), "system.posix_acl_access", acl, sizeof acl, 0) != 0) {
    BOOST_TEST_MESSAGE("no access lists here");
    return;
  }
  BOOST_TEST(refused(file("f"), "its group may write it"));
}

BOOST_AUTO_TEST_CASE(of_strangers, *boost::unit_test::precondition([](auto) { return is_root(); })) {
  folder("mine");
  write("mine/f", 0600);
  give("mine/f");
  BOOST_TEST(refused(file("mine/f"), "it belongs to uid 61234 and has mode 0600, and root obeys root's files alone"));
  folder("theirs");
  write("theirs/f");
  give("theirs");
  BOOST_TEST(refused(file("theirs/f"), "the folder '" + file("theirs") + "': it belongs to uid 61234 and has mode 0755"));
  const auto before = fs::current_path();
  fs::current_path(file("theirs"));
  const std::string here = told("f");
  fs::current_path(before);
  BOOST_TEST(here.starts_with("config: another can be put in its place, by way of the folder '" + file("theirs") + "'"));
  // a link to root's own file, where anybody may put one
  folder("tmp", 01777);
  write("good");
  link(file("good"), "tmp/dso.yaml");
  BOOST_TEST(told(file("tmp/dso.yaml")) == kText);
  give("tmp/dso.yaml");
  BOOST_TEST(refused(file("tmp/dso.yaml"), "the link '" + file("tmp/dso.yaml") + "'"));
}

BOOST_AUTO_TEST_CASE(a_user_obeys_itself_and_root, *boost::unit_test::precondition([](auto) { return is_root(); })) {
  BOOST_REQUIRE(chmod(path.c_str(), 0755) == 0);
  write("roots");
  folder("home");
  write("home/f", 0600);
  write("others", 0644);
  give("home");
  give("home/f");
  give("others", kStranger + 1);
  BOOST_REQUIRE(seteuid(kStranger) == 0);
  const std::string roots = told(file("roots")), own = told(file("home/f")), others = told(file("others"));
  BOOST_REQUIRE(seteuid(0) == 0);
  BOOST_TEST(roots == kText);
  BOOST_TEST(own == kText);
  BOOST_TEST(others == "config: it belongs to uid 61235 and has mode 0644, and uid 61234 obeys its own files and root's");
}

BOOST_AUTO_TEST_SUITE_END()
