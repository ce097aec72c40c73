// One `docker compose` project as it was typed: builds the calls on it, with or without a file of ours behind the user's own.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "docker_process.h"
#include "logic/compose_args.h"
#include "logic/compose_model.h"

namespace dso::cli {

class ComposeProject {
 public:
  /// Finds the files; reads stdin once if one of them is "-".
  static Result<ComposeProject> open(ComposeArgs args);

  /// `compose <globals> -f … <verb words>`. With an override it is the last file: on stdin, or as an inherited file in memory
  /// where stdin is the user's own, or the command's (`keep_stdin`). The call is valid while this object lives and until the next
  /// one is made.
  Result<DockerCall> call(const std::vector<std::string>& words, const SecretBuffer* override_text = nullptr,
                          bool keep_stdin = false);

  /// What compose makes of the files. A nonzero exit code: compose's own, its message was shown.
  struct Config {
    int exit_code = 0;
    ComposeModel model;
  };
  Result<Config> config(const SecretBuffer* override_text = nullptr);

  const ComposeArgs& args() const { return args_; }

 private:
  ComposeArgs args_;
  std::vector<std::string> files_;
  bool stdin_is_theirs_ = false;
  SecretBuffer stdin_text_;
  UniqueFd stdin_fd_, override_fd_;
};

}  // namespace dso::cli
