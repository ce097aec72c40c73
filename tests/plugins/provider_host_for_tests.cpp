// The child's program for unit tests: what `dso provider-host` does, and nothing else.
#include <cstdlib>
#include <cstring>
#include <string>

#include "provider/provider_source.h"

// A crash must look like one, not like a report and an exit code.
// NOLINTBEGIN(bugprone-reserved-identifier): the sanitizers ask for these names
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "handle_segv=0:handle_abort=0:detect_leaks=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0";
}
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "handle_segv=0:handle_abort=0";
}
// NOLINTEND(bugprone-reserved-identifier)

int main(int argc, char** argv) {
  if (argc < 4 || std::strcmp(argv[1], "provider-host") != 0) return 2;
  const auto wishes = dso::provider_host_wishes({argv + 4, static_cast<std::size_t>(argc - 4)});
  return wishes ? dso::provider_host_main(std::stoi(argv[2]), std::stoi(argv[3]), *wishes) : 2;
}
