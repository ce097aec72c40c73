// Bounded reads, replacing that is whole or not at all, folders, locks.
#include "base/file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <map>
#include <thread>

#include "base/secret_memory.h"
#include "temp_folder.h"

using namespace dso;
using namespace dso::test;

namespace {

std::size_t entries(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}
mode_t mode_of(const std::string& path) {
  struct stat st {};
  BOOST_REQUIRE(stat(path.c_str(), &st) == 0);
  return st.st_mode & 07777;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(file, TempFolder)

BOOST_AUTO_TEST_CASE(reads_to_the_byte_up_to_the_limit) {
  const std::string bytes("a\0b\n", 4);
  spit(file("f"), bytes);
  BOOST_TEST(view(read_secret_file(file("f"), 4).value()) == bytes);
  BOOST_TEST(read_text_file(file("f"), 100).value() == bytes);
  const Error e = read_secret_file(file("f"), 3).error();
  BOOST_TEST((e.cls == ErrorClass::io));
  BOOST_TEST(render(e) == "Cannot read '" + file("f") + "': it is larger than 3 bytes");
  spit(file("empty"), "");
  BOOST_TEST(read_text_file(file("empty"), 0).value() == "");
}

BOOST_AUTO_TEST_CASE(a_large_file_and_the_memory_it_took) {
  const std::size_t before = secret_memory_status().bytes_in_use;
  const std::string bytes(1024 * 1024, 'b');
  spit(file("f"), bytes);
  BOOST_TEST((view(read_secret_file(file("f"), bytes.size()).value()) == bytes));
  BOOST_TEST(read_secret_file(file("f"), bytes.size() - 1).has_error());
  BOOST_TEST(secret_memory_status().bytes_in_use == before);
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_an_error_with_the_path) {
  BOOST_TEST(render(read_secret_file(path, 10).error()) == "Cannot read '" + path + "': it is a directory");
  BOOST_TEST(render(read_text_file(file("none"), 10).error()) == "Cannot read '" + file("none") + "': No such file or directory");
  BOOST_REQUIRE(mkfifo(file("fifo").c_str(), 0600) == 0);
  BOOST_TEST(render(read_text_file(file("fifo"), 10).error()) == "Cannot read '" + file("fifo") + "': it is not a regular file");
}

BOOST_AUTO_TEST_CASE(replaces_with_mode_and_owner_and_leaves_no_temp_file) {
  const FileOwner owner = geteuid() == 0 ? FileOwner{1234, 5678} : FileOwner{};
  BOOST_REQUIRE(replace_file(file("f"), "one", 0640, owner).has_value());
  BOOST_TEST(slurp(file("f")) == "one");
  BOOST_TEST(mode_of(file("f")) == 0640u);
  struct stat st {};
  stat(file("f").c_str(), &st);
  BOOST_TEST(st.st_uid == owner.uid.value_or(geteuid()));
  BOOST_TEST(st.st_gid == owner.gid.value_or(getegid()));
  const mode_t before = umask(0777);  // the mode is the one asked for
  BOOST_REQUIRE(replace_file(file("f"), "two", 0444).has_value());
  umask(before);
  BOOST_TEST(slurp(file("f")) == "two");
  BOOST_TEST(mode_of(file("f")) == 0444u);
  BOOST_TEST(entries(path) == 1u);
}

BOOST_AUTO_TEST_CASE(an_open_reader_keeps_the_old_file_whole) {
  spit(file("f"), "old");
  std::ifstream reader(file("f"));
  BOOST_REQUIRE(replace_file(file("f"), "new and longer", 0600).has_value());
  BOOST_TEST(std::string(std::istreambuf_iterator<char>(reader), {}) == "old");
}

BOOST_AUTO_TEST_CASE(a_failed_write_leaves_the_old_file_alone) {
  spit(file("f"), "old");
  // A file size limit stands in for a full disk; it is the child's own.
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &small);
    const auto done = replace_file(file("f"), std::string(5000, 'n'), 0600);
    _exit(done.has_error() && done.error().what.find(file("f")) != std::string::npos ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
  BOOST_TEST(slurp(file("f")) == "old");
  BOOST_TEST(entries(path) == 1u);
  BOOST_TEST(replace_file(file("none/f"), "x", 0600).has_error());
}

BOOST_AUTO_TEST_CASE(readers_see_old_or_new_never_a_part) {
  const std::string a(100'000, 'a'), b(100'000, 'b');
  BOOST_REQUIRE(replace_file(file("f"), a, 0600).has_value());
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::jthread reader([&] {
    while (!done) {
      const auto seen = read_text_file(file("f"), 200'000);
      if (seen.has_error() || (*seen != a && *seen != b)) ++torn;
    }
  });
  for (int i = 0; i < 50; ++i) BOOST_REQUIRE(replace_file(file("f"), i % 2 ? a : b, 0600).has_value());
  done = true;
  reader.join();
  BOOST_TEST(torn == 0);
}

BOOST_AUTO_TEST_CASE(makes_folders) {
  BOOST_REQUIRE(make_folders(file("a/b/c"), 0700).has_value());
  BOOST_TEST(mode_of(file("a/b")) == 0700u);
  BOOST_TEST(make_folders(file("a/b/c"), 0755).has_value());
  BOOST_TEST(mode_of(file("a/b/c")) == 0700u);
  spit(file("f"), "x");
  const Error e = make_folders(file("f/d"), 0700).error();
  BOOST_TEST(render(e).find(file("f")) != std::string::npos);
  BOOST_TEST(make_folders(file("f"), 0700).has_error());
}

BOOST_AUTO_TEST_CASE(a_promised_mode_is_had_under_any_umask) {
  for (const mode_t mask : {0000, 0022, 0077, 0177, 0777}) {
    const std::string at = file(std::to_string(mask)) + "/";
    const mode_t before = umask(mask);
    const auto own = make_own_folder(at + "a/read", 0755);
    const auto lock = lock_file(at + "a/lock", 0);
    const auto replaced = replace_file(at + "a/file", "x", 0644);
    const auto plain = make_folders(at + "b/c", 0711);
    umask(before);
    for (const bool done : {own.has_value(), lock.has_value(), replaced.has_value(), plain.has_value()}) BOOST_TEST(done);
    for (const auto& [name, mode] : std::map<std::string, mode_t>{
             {"", 0755}, {"a", 0755}, {"a/read", 0755}, {"a/lock", 0600}, {"a/file", 0644}, {"b", 0711}, {"b/c", 0711}})
      BOOST_TEST(mode_of(at + name) == mode, name << " under the umask " << mask);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_of_our_own_is_set_right_and_one_of_others_left_alone) {
  std::filesystem::create_directories(file("a/b"));
  for (const mode_t mode : {0700, 0777, 02755}) {
    BOOST_REQUIRE(chmod(file("a").c_str(), mode) == 0);
    BOOST_REQUIRE(chmod(file("a/b").c_str(), mode) == 0);
    BOOST_TEST(make_folders(file("a/b"), 0755).has_value());
    BOOST_TEST(mode_of(file("a/b")) == mode);
    BOOST_TEST(make_own_folder(file("a/b"), 0755).has_value());
    BOOST_TEST(mode_of(file("a/b")) == 0755u);
    BOOST_TEST(mode_of(file("a")) == mode);
  }
  BOOST_REQUIRE(symlink(file("a/b").c_str(), file("link").c_str()) == 0);
  BOOST_TEST(make_own_folder(file("link"), 0700).has_error());  // what it leads to is not ours by that name
  BOOST_TEST(mode_of(file("a/b")) == 0755u);
}

BOOST_AUTO_TEST_CASE(a_lock_has_one_holder) {
  auto first = lock_file(file("lock"), 0);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(mode_of(file("lock")) == 0600u);
  const Error e = lock_file(file("lock"), 10).error();
  BOOST_TEST(render(e).find("another process has held it for 10 ms") != std::string::npos);
  std::atomic<bool> had = false;
  std::jthread second([&] { had = lock_file(file("lock"), 60'000).has_value(); });
  first->reset();
  second.join();
  BOOST_TEST(had);
  BOOST_TEST(lock_file(file("none/lock"), 0).has_error());
}

BOOST_AUTO_TEST_SUITE_END()
