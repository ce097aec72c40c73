// What may come next on a command line, from the command table: the one answer that every shell's completion asks for. Pure.
#pragma once
#include <string>
#include <vector>

#include "command.h"

namespace dso::cli {

struct Candidate {
  std::string text, description;
};
struct Completion {
  enum class Also { nothing, files, containers };
  std::vector<Candidate> candidates;
  Also also = Also::nothing;  ///< What the shell, or the engine, knows better.
  std::string prefix;         ///< What is typed of the word; the candidates begin with it already.
};

/// `words`: all behind "dso"; the last one is being typed, and may be "".
Completion complete(const std::vector<CommandSpec>& table, const std::vector<std::string>& words);

}  // namespace dso::cli
