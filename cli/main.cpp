// The entry of every form of the binary: dso, docker-dso (CLI plugin), dso agent, dso provider-host, dso dialer.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <thread>

#include "build_info.h"
#include "command_line.h"
#include "help.h"
#include "net/dialer.h"
#include "provider/provider_source.h"
#include "render.h"

namespace {

using namespace dso;
using namespace dso::cli;

/// SIGINT and SIGTERM become a stop request: blocked in every thread, awaited in one, so that no handler runs anywhere. With
/// `reloads` SIGHUP asks for the config to be read anew; the kernel's own, of a terminal that is gone, ends the program as ever.
class StopOnSignal {
 public:
  explicit StopOnSignal(ReloadRequests* reloads) {
    sigemptyset(&set_);
    for (int s : {SIGINT, SIGTERM}) sigaddset(&set_, s);
    if (reloads) sigaddset(&set_, SIGHUP);
    sigaddset(&set_, SIGUSR2);  // our own, to end the waiter
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    waiter_ = std::thread([this, reloads] {
      siginfo_t info{};
      for (int got = 0; (got = sigwaitinfo(&set_, &info)) != SIGUSR2;) {
        if (got < 0) continue;  // interrupted by nothing that is ours
        if (got == SIGHUP && info.si_code <= 0) {
          reloads->ask();
          continue;
        }
        signal_ = got;
        // A second one means it: whoever does not stop in time is ended as usual.
        if (source_.stop_requested()) {
          signal(got, SIG_DFL);
          pthread_sigmask(SIG_SETMASK, &before_, nullptr);
          raise(got);
        }
        source_.request_stop();
      }
    });
  }
  ~StopOnSignal() {
    pthread_kill(waiter_.native_handle(), SIGUSR2);
    waiter_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  std::stop_token token() { return source_.get_token(); }

 private:
  sigset_t set_{}, before_{};
  std::stop_source source_;
  std::atomic<int> signal_{0};
  std::thread waiter_;
};

int plugin_metadata() {
  print(boost::json::serialize(boost::json::value{{"SchemaVersion", "0.1.0"},
                                                  {"Vendor", "DSO"},
                                                  {"Version", kVersion},
                                                  {"ShortDescription", "Secrets for plain Docker, changed live"}}));
  return 0;
}

/// No core dump, no ptrace by others of our own user: a value must not leave this process's memory.
void harden() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  signal(SIGPIPE, SIG_IGN);
}

int run(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == "docker-cli-plugin-metadata") return plugin_metadata();
  arguments = without_plugin_prefix(argv[0], std::move(arguments));

  auto parsed = parse_command_line(std::move(arguments));
  if (parsed.has_error()) {
    show_error({}, parsed.error());
    return exit_code(parsed.error().cls);
  }
  if (parsed->help && !parsed->group.empty()) return print(help_for_group(parsed->group)) ? 0 : 1;
  if (parsed->help) return print(parsed->command ? help_for(*parsed->command) : overview()) ? 0 : 1;
  CommandContext& context = parsed->context;
  context.paths = paths_from_environment();
  ReloadRequests reloads;
  if (parsed->command->run == cmd_agent) context.reloads = &reloads;
  // `docker` and `docker compose` get the signals themselves, from the terminal or passed on.
  StopOnSignal stopper(context.reloads);
  context.stop = stopper.token();
  CommandResult result = parsed->command->run(context);
  if (result.has_value()) return *result;
  show_error(context.globals, result.error());
  return exit_code(result.error().cls);
}

/// -1, which is no open file, for what is none of ours.
int descriptor(const char* text) {
  int fd = -1;
  const char* end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, fd);
  return error == std::errc() && stopped == end ? fd : -1;
}

}  // namespace

int main(int argc, char** argv) {
  harden();
  if (argc >= 4 && std::strcmp(argv[1], "provider-host") == 0)
    if (const auto wishes = dso::provider_host_wishes({argv + 4, static_cast<std::size_t>(argc - 4)}))
      return dso::provider_host_main(descriptor(argv[2]), descriptor(argv[3]), *wishes);
  if (argc == 2 && std::strcmp(argv[1], "dialer") == 0) return dso::dialer_main();
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    dso::cli::show_error({}, dso::Error{dso::ErrorClass::internal, "Out of memory", "", "", "", "", "", {}});
  } catch (const std::exception&) {
    // Its what() may quote anything; the place to look is the log at level debug.
    dso::cli::show_error({}, dso::Error{dso::ErrorClass::internal,
                                        "Internal error",
                                        "an unexpected exception",
                                        "Please report it with the command that you ran.",
                                        "",
                                        "",
                                        "",
                                        {}});
  }
  return 1;
}
