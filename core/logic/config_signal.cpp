// Names from the C library, so that there is no table to keep.
#include "logic/config_signal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <vector>

#include "logic/text.h"

namespace dso {
namespace {

constexpr int kLastStandard = 31;

std::string full_name(int number) {
  const char* abbreviation = number > 0 && number <= kLastStandard ? sigabbrev_np(number) : nullptr;
  return abbreviation ? std::string("SIG") + abbreviation : std::string();
}

SignalName problem(std::string text, std::string hint) {
  return {{}, std::move(text), std::move(hint)};
}

}  // namespace

int real_time_signal(std::string_view name) {
  constexpr int kFirst = 34, kLast = 64;  // those below are the C library's own
  const bool down = name.starts_with("RTMAX");
  if (!down && !name.starts_with("RTMIN")) return 0;
  name.remove_prefix(5);
  int by = 0;
  if (!name.empty()) {
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), by);
    if (name[0] != (down ? '-' : '+') || error != std::errc() || end != name.data() + name.size() || by < 0) return 0;
  }
  if (by > kLast - kFirst) return 0;
  return down ? kLast - by : kFirst + by;
}

SignalName normalise_signal(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    const std::string name = word.size() <= 2 ? full_name(std::stoi(std::string(word))) : std::string();
    return problem("must be a signal's name, not its number", name.empty() ? "For example SIGHUP." : "Write " + name + ".");
  }
  std::string wanted = upper(word);
  if (!wanted.starts_with("SIG")) wanted.insert(0, "SIG");
  if (real_time_signal(std::string_view(wanted).substr(3)) != 0) return {wanted, {}, {}};
  std::vector<std::string> names;
  for (int number = 1; number <= kLastStandard; ++number) {
    const std::string name = full_name(number);
    if (name != wanted) {
      if (!name.empty()) names.push_back(name);
    } else if (number == SIGKILL || number == SIGSTOP) {
      return problem("no program can react to " + name, "Use SIGHUP, or the strategy 'restart'.");
    } else {
      return {name, {}, {}};
    }
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  std::string hint = did_you_mean(wanted, candidates);
  if (hint.empty()) hint = "For example SIGHUP, SIGUSR1 or SIGTERM.";
  return problem("there is no signal " + in_quotes(word), std::move(hint));
}

}  // namespace dso
