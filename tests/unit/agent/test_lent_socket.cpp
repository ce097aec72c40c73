// Descriptors as systemd passes them: in a child, where they are 3, 4, …
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <functional>

#include "agent/lent_socket.h"
#include "base/temp_folder.h"

namespace {

using namespace dso;

UniqueFd listener(const std::string& path, bool listens = true) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  std::strcpy(a.sun_path, path.c_str());
  BOOST_REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0);
  BOOST_REQUIRE((!listens || listen(fd.get(), 4) == 0));
  return fd;
}

/// What a process sees that got these as 3 and 4: 0 where `check` holds.
int in_a_child(const UniqueFd& third, const UniqueFd& fourth, bool for_it, const std::function<bool()>& check) {
  const pid_t child = fork();
  if (child == 0) {
    const int a = fcntl(third.get(), F_DUPFD, 100), b = fcntl(fourth.get(), F_DUPFD, 100);
    dup2(a, 3);
    dup2(b, 4);
    setenv("LISTEN_PID", std::to_string(for_it ? getpid() : 1).c_str(), 1);
    setenv("LISTEN_FDS", "2", 1);
    setenv("LISTEN_FDNAMES", "a:b", 1);
    _exit(check() ? 0 : 1);
  }
  int status = -1;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool open_on_exec(int fd) {
  const int flags = fcntl(fd, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lent_socket_)

BOOST_AUTO_TEST_CASE(the_one_at_the_path_is_kept_and_passed_to_nobody) {
  const test::TempFolder folder;
  const UniqueFd other = listener(folder.file("other")), ours = listener(folder.file("ours"));
  std::filesystem::create_symlink(folder.path, folder.path + "-link");  // as /var/run is to /run
  for (const std::string& path : {folder.file("ours"), folder.path + "-link/ours"})
    BOOST_TEST(in_a_child(other, ours, true, [&] {
                 const UniqueFd got = lent_socket(path);
                 return got.get() == 4 && !open_on_exec(4) && fcntl(3, F_GETFD) < 0 && !getenv("LISTEN_PID") &&
                        !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES");
               }) == 0);
  std::filesystem::remove(folder.path + "-link");
}

BOOST_AUTO_TEST_CASE(none_where_there_is_none) {
  const test::TempFolder folder;
  const UniqueFd other = listener(folder.file("other")), deaf = listener(folder.file("deaf"), false);
  for (const std::string& path : {folder.file("ours"), folder.file("deaf"), std::string()})
    BOOST_TEST(in_a_child(other, deaf, true, [&] { return !lent_socket(path); }) == 0);
}

BOOST_AUTO_TEST_CASE(what_was_passed_to_another_process_is_left_alone) {
  const test::TempFolder folder;
  const UniqueFd other = listener(folder.file("other")), ours = listener(folder.file("ours"));
  BOOST_TEST(in_a_child(other, ours, false,
                        [&] { return !lent_socket(folder.file("ours")) && open_on_exec(3) && open_on_exec(4); }) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
