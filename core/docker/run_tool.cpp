// Input and output are files in memory: no pipe can fill up, so the only wait is for the end of the process.
#include "docker/run_tool.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "base/file.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::size_t kMaxOutput = 16 * 1024 * 1024;  // a host of a cluster has some ten thousand rules
constexpr std::size_t kMaxComplaint = 400;
constexpr int kOutOfTheWay = 10;  // our ends must not lie where the child's will be

UniqueFd memory_file(std::string_view content) {
  UniqueFd low(memfd_create("dso-tool", MFD_CLOEXEC));
  UniqueFd fd(low ? fcntl(low.get(), F_DUPFD_CLOEXEC, kOutOfTheWay) : -1);
  while (fd && !content.empty()) {
    const ssize_t n = write(fd.get(), content.data(), content.size());
    if (n <= 0 && errno != EINTR) return UniqueFd();
    if (n > 0) content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (fd) lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::string content_of(const UniqueFd& fd, std::size_t limit) {
  std::string text;
  char piece[65536];
  for (off_t at = 0; text.size() < limit;) {
    const ssize_t n = pread(fd.get(), piece, std::min(sizeof piece, limit - text.size()), at);
    if (n <= 0) break;
    text.append(piece, static_cast<std::size_t>(n));
    at += n;
  }
  return text;
}

/// False: the deadline passed. The child is left a zombie either way, for waitpid.
bool wait_for_end(pid_t pid, const Deadline& d) {
  const UniqueFd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!handle) return true;  // without a handle the wait cannot be bounded; such a kernel is below what the agent needs
  for (;;) {
    pollfd p{handle.get(), POLLIN, 0};
    const int ready = poll(&p, 1, static_cast<int>(d.left().count()));
    if (ready > 0) return true;
    if (d.passed() && ready == 0) return false;
  }
}

Result<pid_t> spawn(const std::string& path, const std::vector<std::string>& arguments, const int (&fds)[3]) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  for (int fd = 0; fd <= 2; ++fd) posix_spawn_file_actions_adddup2(&actions, fds[fd], fd);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> argv{const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  char* environment[] = {nullptr};
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, path.c_str(), &actions, &attributes, argv.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed) return io_error("Cannot run '" + path + "'", failed);
  return pid;
}

}  // namespace

std::string find_tool(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"})
    if (std::string path = folder + name; access(path.c_str(), X_OK) == 0) return path;
  return {};
}

Result<ToolRun> run_tool(const std::string& path, const std::vector<std::string>& arguments, std::string_view input,
                         const Deadline& d) {
  const UniqueFd in = memory_file(input), out = memory_file({}), err = memory_file({});
  if (!in || !out || !err) return io_error("Cannot run '" + path + "'", errno);
  DSO_TRY(const pid_t pid, spawn(path, arguments, {in.get(), out.get(), err.get()}));
  const bool ended = wait_for_end(pid, d);
  if (!ended) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return make_error(ErrorClass::timeout, "Cannot run '" + path + "'", "it did not end in time");
  return ToolRun{WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), content_of(out, kMaxOutput),
                 content_of(err, kMaxComplaint)};
}

Result<std::string> run_tool_well(const std::string& path, const std::vector<std::string>& arguments, std::string_view input,
                                  const Deadline& d, const std::string& what) {
  auto run = run_tool(path, arguments, input, d);
  if (run.has_error()) return make_error(run.error().cls, what, run.error().what + ": " + run.error().cause);
  if (run->exit_code == 0) return std::move(run->out);
  return make_error(
      ErrorClass::io, what,
      path + " ended with " + std::to_string(run->exit_code) + (run->err.empty() ? "" : ": " + std::string(trim(run->err))));
}

}  // namespace dso
