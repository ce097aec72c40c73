// One call is: send it, then serve the child's questions until its `done`, its death or the deadline.
#include "provider/host_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/file.h"
#include "base/locked_memory.h"
#include "logic/proc_status.h"
#include "provider/spawner.h"

namespace dso {
namespace {

using ipc::FrameType;
using ipc::Io;
using std::chrono::milliseconds;

/// How long a child that was told to stop, or has closed its socket, may take to end.
constexpr milliseconds kExitPatience{500};
/// How long a call may go on after `cancel`.
constexpr milliseconds kCancelPatience{1000};

/// The child learns of its deadline a little earlier, so that it can still answer in time.
Deadline soft_deadline(const Deadline& hard) {
  const auto left = hard.left();
  return hard.capped(left - std::clamp(left / 10, milliseconds(1), milliseconds(300)));
}

/// To the tenth: some of it was spent before it was looked at.
std::string seconds(milliseconds d) {
  const auto tenths = (d.count() + 50) / 100;
  if (tenths < 1) return std::to_string(d.count()) + " ms";
  if (tenths < 10) return std::to_string(tenths * 100) + " ms";
  return std::to_string(tenths / 10) + (tenths % 10 ? "." + std::to_string(tenths % 10) : "") + " s";
}

ProcessDeath death(std::string cause, std::string next = {}) {
  return {std::move(cause), std::move(next), false, false};
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return "it crashed (SIG" + std::string(name ? name : std::to_string(WTERMSIG(status))) + ")";
  }
  return "it ended by itself with exit code " + std::to_string(WEXITSTATUS(status));
}

/// False: too much. What is no emit is not for `answers`.
bool take_emitted(CallAnswers& answers, const ipc::ChildMessage& message) {
  return std::visit(
      [&answers](const auto& m) {
        if constexpr (requires { answers.accept(m); }) return answers.accept(m);
        return true;
      },
      message);
}

}  // namespace

HostProcess::HostProcess(pid_t pid, UniqueFd socket)
    : pid_(pid), pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))), channel_(std::move(socket)) {}

std::variant<std::unique_ptr<HostProcess>, ProcessDeath> HostProcess::start(const std::string& exe, int so_fd, bool network,
                                                                            const Deadline& deadline, std::stop_token stop) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return death(render(io_error("it got no socket", errno)));
  UniqueFd ours(ends[0]), theirs(ends[1]);
  auto pid = spawn_provider_host({exe, so_fd, theirs.get(), network, locked_secret_memory_is_required()});
  if (pid.has_error()) return death(render(pid.error()));
  theirs.reset();
  std::unique_ptr<HostProcess> process(new HostProcess(*pid, std::move(ours)));

  const ipc::StopEvent stop_event(std::move(stop));
  const auto allowed = deadline.left();
  FrameType type{};
  SecretBuffer payload;
  const Io io = process->channel_.receive(type, payload, deadline, stop_event.fd());
  if (io == Io::timeout) {
    process->bury(io);
    ProcessDeath d = death("it did not load within " + seconds(allowed) + " and was stopped");
    d.hung = true;
    return d;
  }
  if (io == Io::stopped) return death("the start was interrupted");
  if (io != Io::ok) {
    ProcessDeath d = process->bury(io);
    d.cause += " while it was loaded";
    return d;
  }
  const auto message = ipc::decode_child(type, view(payload));
  if (const auto* fatal = message ? std::get_if<ipc::Fatal>(&*message) : nullptr) {
    ProcessDeath d = death(log_text(fatal->problem), log_text(fatal->next));
    d.refused = true;
    return d;
  }
  const auto* loaded = message ? std::get_if<ipc::Loaded>(&*message) : nullptr;
  if (!loaded) return process->bury(Io::garbage);
  process->note_end_of_call();
  process->facts_ = {log_text(loaded->name), log_text(loaded->semver), loaded->abi, loaded->capabilities};
  return process;
}

HostProcess::~HostProcess() {
  if (reaped_) return;
  const SecretBuffer no_time = ipc::encode_call({});
  channel_.send(FrameType::close, view(no_time), Deadline::in(milliseconds(50)));
  bury(Io::closed);
}

void HostProcess::close(HostServices& services, const Deadline& deadline) {
  if (reaped_) return;
  CallAnswers none(0);
  if (!call(FrameType::close, {}, services, none, deadline, {}).death) bury(Io::closed);
}

bool HostProcess::wait_for_exit(milliseconds patience) {
  if (reaped_) return true;
  if (pidfd_) {
    pollfd p{pidfd_.get(), POLLIN, 0};
    const auto end = Deadline::in(patience);
    while (poll(&p, 1, static_cast<int>(end.left().count())) < 0 && errno == EINTR) {
    }
  }
  reaped_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  return reaped_;
}

ProcessDeath HostProcess::bury(Io io) {
  // Only one that has closed its socket is on its way out by itself.
  const bool ended = (io == Io::closed || io == Io::truncated) && wait_for_exit(kExitPatience);
  if (!ended && !reaped_) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
  }
  if (io == Io::garbage) return death("it sent something that is not the provider protocol and was stopped");
  if (!ended) return death("it closed its connection and was stopped");
  return death(how_it_ended(status_) + (io == Io::truncated ? " in the middle of an answer" : ""));
}

std::chrono::nanoseconds HostProcess::cpu_time() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return cpu_then_;
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void HostProcess::note_end_of_call() {
  if (reaped_) return;
  cpu_then_ = cpu_time();
  idle_since_ = std::chrono::steady_clock::now();
}

IdleGuest HostProcess::idle() const {
  const auto status = read_text_file("/proc/" + std::to_string(pid_) + "/status", 64 * 1024);
  return {std::chrono::duration_cast<milliseconds>(cpu_time() - cpu_then_),
          std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - idle_since_),
          status.has_value() ? parse_threads(*status) : 0};
}

HostProcess::Outcome HostProcess::call(FrameType type, const ipc::CallMessage& message, HostServices& services,
                                       CallAnswers& answers, const Deadline& deadline, std::stop_token stop) {
  const auto allowed = deadline.left();
  const std::shared_ptr<void> at_end(nullptr, [this](void*) { note_end_of_call(); });
  const Deadline soft = soft_deadline(deadline);
  services.begin_call(soft, stop);
  const ipc::StopEvent stop_event(stop);
  int stop_fd = stop_event.fd();
  Deadline end = deadline;
  Outcome outcome;

  const auto ask_to_stop = [&] {
    outcome.stopped = true;
    stop_fd = -1;
    end = end.capped(kCancelPatience);
    return channel_.send(FrameType::cancel, {}, end);
  };
  const auto died = [&](ProcessDeath d) {
    outcome.death = std::move(d);
    return std::move(outcome);
  };

  ipc::CallMessage sent = message;
  sent.left_ms = soft.left().count();
  const SecretBuffer frame = ipc::encode_call(sent);
  if (frame.size() > ipc::kMaxPayload) {
    Error e;
    e.cls = ErrorClass::invalid_request;
    e.cause = "the request to the provider is larger than 8 MiB";
    outcome.error = std::move(e);
    return outcome;
  }
  Io io = channel_.send(type, view(frame), end);
  SecretBuffer payload;
  while (io == Io::ok || io == Io::stopped) {
    if (io == Io::stopped) {
      io = ask_to_stop();
      continue;
    }
    // A child that never pauses must not keep us from looking at the clock.
    if (end.passed()) {
      io = Io::timeout;
      break;
    }
    FrameType got{};
    io = channel_.receive(got, payload, end, stop_fd);
    if (io != Io::ok) continue;
    if (stop_fd >= 0 && stop.stop_requested()) io = ask_to_stop();
    const auto said = ipc::decode_child(got, view(payload));
    if (!said) {
      io = Io::garbage;
      break;
    }
    if (const auto* done = std::get_if<ipc::Done>(&*said)) {
      if (done->error.cls != 0) outcome.error = ipc::to_error(done->error, {});
      return outcome;
    }
    if (const auto* fatal = std::get_if<ipc::Fatal>(&*said)) {
      ProcessDeath d = death(log_text(fatal->problem), log_text(fatal->next));
      bury(Io::closed);
      return died(std::move(d));
    }
    if (std::holds_alternative<ipc::Loaded>(*said)) {
      io = Io::garbage;
      break;
    }
    if (!take_emitted(answers, *said)) {
      bury(Io::garbage);
      return died(death("it answered with more than 16 MiB and was stopped", "Ask for fewer secrets at once."));
    }
    if (const auto* all = std::get_if<ipc::HttpAllCall>(&*said))
      services.serve_all(*all, [&](const SecretBuffer& one) {
        io = channel_.send(FrameType::answer, view(one), end);
        return io == Io::ok;
      });
    else if (const auto answer = services.serve(*said))
      io = channel_.send(FrameType::answer, view(*answer), end);
  }
  ProcessDeath d = bury(io);
  if (io == Io::timeout) {
    d = death(outcome.stopped ? "it did not stop when asked and was stopped by force"
                              : "it did not answer within " + seconds(allowed) + " and was stopped");
    d.hung = true;
  }
  return died(std::move(d));
}

}  // namespace dso
