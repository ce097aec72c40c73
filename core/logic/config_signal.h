// The signals that a program can be told to read its secrets again with. Pure.
#pragma once
#include <string>
#include <string_view>

namespace dso {

struct SignalName {
  std::string name;     ///< "SIGHUP"; empty if there is a problem.
  std::string problem;  ///< What is wrong with the word.
  std::string hint;
};
/// "hup", "HUP", "SIGHUP" -> SIGHUP, "rtmin+1" -> SIGRTMIN+1. Numbers and signals that no program can handle are problems.
SignalName normalise_signal(std::string_view word);

/// "RTMIN", "RTMIN+1", "RTMAX-3" (without SIG, in upper case), counted as programs and the engine count them: 34 to 64. 0: none.
int real_time_signal(std::string_view name);

}  // namespace dso
