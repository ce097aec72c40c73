// What /proc says of a pid counts only while the process that connected lives.
#include "agent/peer.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "net/local_server.h"

namespace dso {
namespace {

const std::string kId(64, 'c');

/// A process that waits to be killed, and a /proc in which it is in the container kId.
struct Process {
  test::TempFolder proc;
  pid_t pid = fork();
  PeerCredentials peer;
  Process() {
    if (pid == 0)
      while (true) pause();
    peer.pid = pid;
    peer.process = std::make_shared<const UniqueFd>(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    std::filesystem::create_directory(proc.file(std::to_string(pid)));
    std::ofstream(proc.file(std::to_string(pid) + "/cgroup")) << "0::/docker/" << kId << "\n";
  }
  void end() {
    if (std::exchange(ended_, true)) return;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  ~Process() { end(); }
  Result<std::string> container() const { return container_of_peer(peer, proc.file("")); }

 private:
  bool ended_ = false;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(peer, Process)

BOOST_AUTO_TEST_CASE(a_living_process) {
  BOOST_TEST(container().value() == kId);
}

BOOST_AUTO_TEST_CASE(one_that_ended_speaks_for_nobody_although_its_pid_still_says_something) {
  end();
  BOOST_REQUIRE(container().has_error());
  BOOST_TEST((container().error().cls == ErrorClass::access_denied));
  BOOST_TEST(container().error().cause == "the process that connected has ended");
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_seen) {
  PeerCredentials hidden = peer;
  hidden.pid = 0;  // another pid namespace
  BOOST_TEST(container_of_peer(hidden, proc.file("")).has_error());
  hidden = peer;
  hidden.process = nullptr;
  BOOST_TEST(container_of_peer(hidden, proc.file("")).has_error());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
