// posix_spawn, pidfd and signal handlers: the mechanics of a child that behaves as if it had been started by the shell.
#include "docker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

#include "base/file.h"
#include "base/pause.h"

extern char** environ;

namespace dso::cli {
namespace {

volatile sig_atomic_t g_child = 0;
volatile sig_atomic_t g_asked_at = 0;  ///< Seconds of the boot clock; 0: never.

sig_atomic_t seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<sig_atomic_t>(now.tv_sec) + 1;
}

/// Sent by a process: passed on. Sent by the terminal (si_code > 0): the whole foreground group got it, docker included.
void pass_on(int signal, siginfo_t* info, void*) {
  const int saved = errno;
  if (signal == SIGINT || signal == SIGTERM || signal == SIGQUIT) g_asked_at = seconds_now();
  if (info->si_code <= 0 && g_child > 0) kill(static_cast<pid_t>(g_child), signal);
  errno = saved;
}

constexpr std::array kPassed = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

/// From start() on the calling thread takes these signals, whatever the rest of the program does with them; before, they wait.
class PassSignals {
 public:
  PassSignals() {
    struct sigaction action {};
    action.sa_sigaction = pass_on;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigemptyset(&set_);
    for (std::size_t i = 0; i < kPassed.size(); ++i) {
      sigaction(kPassed[i], &action, &before_[i]);
      sigaddset(&set_, kPassed[i]);
    }
    pthread_sigmask(SIG_BLOCK, &set_, &mask_);
  }
  void start(pid_t child) {
    g_child = child;
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }
  ~PassSignals() {
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    for (std::size_t i = 0; i < kPassed.size(); ++i) sigaction(kPassed[i], &before_[i], nullptr);
    g_child = 0;
  }
  PassSignals(const PassSignals&) = delete;
  PassSignals& operator=(const PassSignals&) = delete;

 private:
  std::array<struct sigaction, kPassed.size()> before_{};
  sigset_t set_{}, mask_{};
};

std::vector<char*> words(const DockerCall& call, std::vector<std::string>& storage) {
  storage.emplace_back("docker");
  storage.insert(storage.end(), call.arguments.begin(), call.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : storage) argv.push_back(word.data());
  argv.push_back(nullptr);
  return argv;
}

Error cannot_start(int error_number) {
  return io_error("Cannot start `docker`", error_number,
                  error_number == ENOENT ? "Install Docker's command line program, or put it into PATH." : "");
}

void keep_open(const DockerCall& call, bool open) {
  for (int fd : call.inherited) fcntl(fd, F_SETFD, open ? 0 : FD_CLOEXEC);
}

Result<pid_t> spawn(const DockerCall& call, int out_fd, int err_fd, short flags = 0) {
  std::vector<std::string> storage;
  const std::vector<char*> argv = words(call, storage);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (call.stdin_fd >= 0) posix_spawn_file_actions_adddup2(&files, call.stdin_fd, STDIN_FILENO);
  if (out_fd >= 0) posix_spawn_file_actions_adddup2(&files, out_fd, STDOUT_FILENO);
  if (err_fd >= 0) posix_spawn_file_actions_adddup2(&files, err_fd, STDERR_FILENO);

  // We block and ignore some signals; docker shall find them as a shell leaves them.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  for (int s : kPassed) sigaddset(&defaults, s);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | flags));

  keep_open(call, true);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, "docker", &files, &attributes, argv.data(), environ);
  keep_open(call, false);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return cannot_start(error);
  return pid;
}

Result<int> wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return io_error("Cannot wait for `docker`", errno);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct Pipe {
  UniqueFd read, write;
};
Result<Pipe> make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return io_error("Cannot make a pipe", errno);
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

/// False at the end.
bool read_some(int fd, SecretBuffer& into) {
  std::array<char, 16384> chunk;
  const ssize_t n = read(fd, chunk.data(), chunk.size());
  if (n > 0) append(into, {chunk.data(), static_cast<std::size_t>(n)});
  explicit_bzero(chunk.data(), chunk.size());
  return n > 0 || (n < 0 && errno == EINTR);
}

}  // namespace

Result<int> run_docker(const DockerCall& call) {
  PassSignals passing;
  DSO_TRY(const pid_t pid, spawn(call, call.stdout_to_stderr ? STDERR_FILENO : -1, -1));
  passing.start(pid);
  return wait_for(pid);
}

Result<int> run_docker_shown_by(const DockerCall& call, const DockerCall& shows) {
  const UniqueFd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  PassSignals passing;
  DSO_TRY(const pid_t shower, spawn(shows, -1, -1, POSIX_SPAWN_SETPGROUP));
  auto code = spawn(call, nowhere.get(), nowhere.get());
  if (code.has_value()) {
    passing.start(*code);
    code = wait_for(*code);
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (waitpid(shower, nullptr, WNOHANG) == 0) {  // its own end is the container's
    if (code.has_error() || std::chrono::steady_clock::now() > patience) kill(shower, SIGKILL);
    pause_for(std::chrono::milliseconds(20), {});
  }
  return code;
}

void end_docker() {
  if (const pid_t child = static_cast<pid_t>(g_child); child > 0) kill(child, SIGKILL);
}

bool asked_to_end() {
  return g_asked_at != 0 && seconds_now() - g_asked_at <= 15;
}

Error exec_docker(const DockerCall& call) {
  std::vector<std::string> storage;
  const std::vector<char*> argv = words(call, storage);
  if (call.stdin_fd >= 0 && dup2(call.stdin_fd, STDIN_FILENO) < 0) return io_error("Cannot pass stdin to `docker`", errno);
  sigset_t none;
  sigemptyset(&none);
  signal(SIGPIPE, SIG_DFL);
  keep_open(call, true);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  execvp("docker", argv.data());
  return cannot_start(errno);
}

Result<DockerOutput> capture_docker(const DockerCall& call) {
  DSO_TRY(Pipe out, make_pipe());
  DSO_TRY(Pipe err, make_pipe());
  UniqueFd empty;
  DockerCall quiet = call;
  if (quiet.stdin_fd < 0) {
    empty = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    quiet.stdin_fd = empty.get();
  }
  PassSignals passing;
  DSO_TRY(const pid_t pid, spawn(quiet, out.write.get(), err.write.get()));
  passing.start(pid);
  out.write.reset();
  err.write.reset();
  DockerOutput output;
  while (out.read || err.read) {
    std::array<pollfd, 2> polled{{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    if (polled[0].revents && !read_some(out.read.get(), output.out)) out.read.reset();
    if (polled[1].revents && !read_some(err.read.get(), output.err)) err.read.reset();
  }
  DSO_TRY(output.exit_code, wait_for(pid));
  return output;
}

Result<UniqueFd> memory_file(std::string_view content) {
  UniqueFd fd(memfd_create("dso", MFD_CLOEXEC));
  if (!fd) return io_error("Cannot make a file in memory", errno);
  while (!content.empty()) {
    const ssize_t n = write(fd.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return io_error("Cannot write a file in memory", errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (lseek(fd.get(), 0, SEEK_SET) < 0) return io_error("Cannot rewind a file in memory", errno);
  return fd;
}

std::string fd_path(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

SecretBuffer read_to_end(int fd) {
  SecretBuffer out;
  while (read_some(fd, out)) {
  }
  return out;
}

}  // namespace dso::cli
