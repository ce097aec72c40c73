// The variables that `docker run` is given by --env and --env-file, as far as references to secrets are among them: those are
// taken out and delivered, so that no program gets the text. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "logic/env_reference.h"

namespace dso {

/// getenv: for a variable that is named without a value.
using VariableLookup = char* (*)(const char*);

struct RunVariable {
  std::string name;
  Mention mention = Mention::none;
  EnvReference reference = {};  ///< Where it is one as a whole.
};
/// "NAME=value", or "NAME", which has the caller's value.
RunVariable run_variable(std::string_view assignment, VariableLookup lookup);

struct RunEnvFile {
  SecretBuffer kept;  ///< Without the lines that hold a reference.
  std::vector<RunVariable> variables;
  bool changed = false;
};
/// A text as `docker run --env-file` reads it: '#' begins a comment line, quotes mean nothing.
RunEnvFile read_run_env_file(std::string_view text, VariableLookup lookup);

/// Of all variables in the order in which docker takes them the references that count: the last of a name does. Usage where one
/// that counts stands inside a longer text.
Result<std::vector<EnvReference>> references_that_count(const std::vector<RunVariable>& variables);

}  // namespace dso
