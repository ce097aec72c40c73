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
/// "hup", "HUP", "SIGHUP" -> SIGHUP. Numbers and signals that no program can handle are problems.
SignalName normalise_signal(std::string_view word);

}  // namespace dso
