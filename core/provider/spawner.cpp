// A queue of one request at a time, and the thread.
#include "provider/spawner.h"

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>

#include <csignal>
#include <future>
#include <mutex>
#include <queue>
#include <thread>

#include "base/file.h"
#include "base/unique_fd.h"
#include "provider/child_fds.h"

namespace dso {
namespace {

constexpr int kChildSo = 3, kChildSocket = 4;

Result<pid_t> spawn_here(const SpawnRequest& request) {
  const std::string what = "Cannot start the provider process '" + request.exe + "'";
  const UniqueFd so(fcntl(request.so_fd, F_DUPFD_CLOEXEC, kOutOfTheWay));
  const UniqueFd socket(fcntl(request.socket_fd, F_DUPFD_CLOEXEC, kOutOfTheWay));
  if (!so || !socket) return io_error(what, errno);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  // A library that prints, or the program's own complaint, must not reach our terminal or log.
  for (int fd = 0; fd <= 2; ++fd) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, so.get(), kChildSo);
  posix_spawn_file_actions_adddup2(&actions, socket.get(), kChildSocket);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);

  char name[] = "dso", command[] = "provider-host", so_arg[] = "3", socket_arg[] = "4", network[] = "network",
       locked[] = "locked";
  char* argv[7] = {name, command, so_arg, socket_arg};
  std::size_t n = 4;
  if (request.network) argv[n++] = network;
  if (request.locked) argv[n++] = locked;
  char* environment[] = {nullptr};
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, request.exe.c_str(), &actions, &attributes, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed) return io_error(what, failed);
  return pid;
}

class Spawner {
 public:
  Result<pid_t> spawn(const SpawnRequest& request) {
    Job job{request, {}};
    auto answer = job.answer.get_future();
    {
      std::lock_guard lock(mutex_);
      if (!started_) start();
      jobs_.push(&job);
    }
    wake_.notify_one();
    return answer.get();
  }

 private:
  struct Job {
    const SpawnRequest& request;
    std::promise<Result<pid_t>> answer;
  };

  void start() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited: the process's signals are not this thread's
    std::thread([this] { run(); }).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    started_ = true;
  }

  [[noreturn]] void run() {
    pthread_setname_np(pthread_self(), "dso-spawn");
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !jobs_.empty(); });
      Job* job = jobs_.front();
      jobs_.pop();
      lock.unlock();
      job->answer.set_value(spawn_here(job->request));
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::queue<Job*> jobs_;
  bool started_ = false;
};

}  // namespace

Result<pid_t> spawn_provider_host(const SpawnRequest& request) {
  static Spawner* const spawner = new Spawner;  // its thread never ends
  return spawner->spawn(request);
}

}  // namespace dso
