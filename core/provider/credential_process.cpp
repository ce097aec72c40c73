// posix_spawn in a session of its own, one pipe, and poll(2) until it ended, was too slow or said too much.
#include "provider/credential_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <vector>

#include "base/file.h"
#include "base/unique_fd.h"
#include "logic/command_words.h"
#include "logic/text.h"
#include "provider/child_fds.h"
#include "provider/frame_channel.h"

namespace dso {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr std::string_view kKey = "credential_process";

Error failed(const std::string& program, std::string cause, const std::string& next = {}) {
  return make_error(ErrorClass::credentials_unavailable, "the program '" + program + "' of credential_process failed",
                    std::move(cause), next.empty() ? "Run it by hand, as the user and with the variables that DSO has." : next);
}

std::vector<std::string> clean_environment(const EnvLookup& env) {
  std::vector<std::string> out;
  const char* path = env("PATH");
  out.push_back(std::string("PATH=") + (path ? path : "/usr/local/bin:/usr/bin:/bin"));
  for (const char* name : {"HOME", "USER"})
    if (const char* value = env(name)) out.push_back(std::string(name) + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Result<pid_t> spawn(std::vector<std::string> words, std::vector<std::string> variables, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);  // what whoever started us left open
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  auto argv = pointers(words), environment = pointers(variables);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error) return failed(words[0], io_error({}, error).cause, "Check the path in the profile; no shell is used.");
  return pid;
}

class RunningProgram {
 public:
  RunningProgram(std::string name, pid_t pid, UniqueFd output)
      : name_(std::move(name)),
        pid_(pid),
        handle_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
        output_(std::move(output)) {}
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() { reap(); }

  Result<SecretBuffer> read(const Deadline& deadline, int stop_fd) {
    SecretBuffer out;
    out.reserve(kMaxOutput);
    for (bool ended = false;;) {
      pollfd fds[3] = {{output_.get(), POLLIN, 0}, {ended ? -1 : handle_.get(), POLLIN, 0}, {stop_fd, POLLIN, 0}};
      const int ready = poll(fds, 3, ended ? 0 : static_cast<int>(deadline.left().count()));
      if (ready < 0 && errno == EINTR) continue;
      if (fds[2].revents) return make_error(ErrorClass::interrupted, {}, "interrupted");
      if (fds[0].revents) {
        char piece[4096];
        const ssize_t n = ::read(output_.get(), piece, sizeof piece);
        if (n > 0) append(out, {piece, static_cast<std::size_t>(n)});
        explicit_bzero(piece, sizeof piece);
        if (out.size() > kMaxOutput) return failed(name_, "it printed more than 64 KiB");
        if (n > 0 || (n < 0 && errno == EINTR)) continue;
        output_.reset();
      }
      if (ended || (!output_ && !handle_)) break;  // what still holds the pipe open is not waited for
      ended = fds[1].revents != 0;
      if (!ended && deadline.passed()) {
        Error e = failed(name_, "it did not end in time and was stopped", "Raise the instance's timeout, or make it faster.");
        e.cls = ErrorClass::timeout;
        return e;
      }
    }
    reap();
    if (WIFSIGNALED(status_)) return failed(name_, "it was ended by signal " + std::to_string(WTERMSIG(status_)));
    if (WEXITSTATUS(status_) != 0) return failed(name_, "it ended with exit code " + std::to_string(WEXITSTATUS(status_)));
    return out;
  }

 private:
  /// With what it started: it has a session of its own, whose number is taken until it is reaped.
  void reap() {
    if (reaped_) return;
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
  }

  std::string name_;
  pid_t pid_;
  UniqueFd handle_, output_;
  int status_ = 0;
  bool reaped_ = false;
};

}  // namespace

bool may_run_programs(const ProviderInstance& instance) {
  for (const auto* map : {&instance.auth_params, &instance.settings})
    if (const auto it = map->find("allow_credential_process"); it != map->end())
      return it->second == "true" || it->second == "yes" || it->second == "1";
  return false;
}

void add_named_programs(std::string_view file, std::set<std::string, std::less<>>& to) {
  while (!file.empty()) {
    const std::string_view line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(line.size() + 1, file.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || lower(trim(line.substr(0, equals))) != kKey) continue;
    if (const auto command = trim(line.substr(equals + 1)); !command.empty()) to.emplace(command);
  }
}

bool is_named_program(std::string_view command_line, const std::set<std::string, std::less<>>& named) {
  for (const std::string& one : named) {
    if (command_line.empty() || !one.starts_with(command_line)) continue;
    const std::string_view rest = std::string_view(one).substr(command_line.size());
    const std::string_view comment = trim(rest);
    if (rest.empty() || (comment != rest && (comment.starts_with('#') || comment.starts_with(';')))) return true;
  }
  return false;
}

Result<SecretBuffer> run_credential_process(std::string_view command_line, const EnvLookup& env, const Deadline& deadline,
                                            std::stop_token stop) {
  const auto words = command_words(command_line);
  if (!words)
    return make_error(ErrorClass::invalid_request, "credential_process cannot be run",
                      "its command line is empty or has a quote that is not closed", "Correct it in the profile.");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failed(words->front(), io_error({}, errno).cause);
  UniqueFd ours(ends[0]), theirs(ends[1]);
  UniqueFd high(fcntl(theirs.get(), F_DUPFD_CLOEXEC, kOutOfTheWay));
  theirs.reset();
  DSO_TRY(const pid_t pid, spawn(*words, clean_environment(env), high.get()));
  RunningProgram program(words->front(), pid, std::move(ours));
  high.reset();  // else its end would not be seen
  const ipc::StopEvent stopped(std::move(stop));
  return program.read(deadline.capped(kPatience), stopped.fd());
}

}  // namespace dso
