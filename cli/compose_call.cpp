// Composes argument lists. The override is never a file on disk.
#include "compose_call.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/path.h"
#include "compose_files.h"

namespace dso::cli {
namespace {

void show(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(STDERR_FILENO, text.data(), text.size());
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

Result<ComposeProject> ComposeProject::open(ComposeArgs args) {
  ComposeProject out;
  DSO_TRY(out.files_, compose_files(args));
  out.args_ = std::move(args);
  out.stdin_is_theirs_ = std::find(out.files_.begin(), out.files_.end(), "-") != out.files_.end();
  if (out.stdin_is_theirs_) out.stdin_text_ = read_to_end(STDIN_FILENO);
  return out;
}

Result<DockerCall> ComposeProject::call(const std::vector<std::string>& words, const SecretBuffer* override_text,
                                        bool keep_stdin) {
  DockerCall call;
  auto& a = call.arguments;
  a = {"compose"};
  a.insert(a.end(), args_.globals.begin(), args_.globals.end());
  for (const std::string& file : files_) a.insert(a.end(), {"-f", file});
  if (stdin_is_theirs_) {
    DSO_TRY(stdin_fd_, memory_file(view(stdin_text_)));
    call.stdin_fd = stdin_fd_.get();
  }
  if (override_text) {
    DSO_TRY(override_fd_, memory_file(view(*override_text)));
    if (stdin_is_theirs_ || keep_stdin) {
      a.insert(a.end(), {"-f", fd_path(override_fd_.get())});
      call.inherited.push_back(override_fd_.get());
      // Compose takes the project's folder from the first file that is not stdin: that must not be ours.
      const bool only_stdin = std::all_of(files_.begin(), files_.end(), [](const std::string& f) { return f == "-"; });
      if (only_stdin && args_.project_directory.empty()) a.insert(a.begin() + 1, {"--project-directory", absolute_path(".")});
    } else {
      a.insert(a.end(), {"-f", "-"});
      call.stdin_fd = override_fd_.get();
    }
  }
  a.insert(a.end(), words.begin(), words.end());
  return call;
}

Result<ComposeProject::Config> ComposeProject::config(const SecretBuffer* override_text) {
  std::vector<std::string> words = {"config", "--format", "json"};
  if (!args_.services.empty()) words.emplace_back("--");
  words.insert(words.end(), args_.services.begin(), args_.services.end());
  DSO_TRY(const DockerCall asked, call(words, override_text));
  DSO_TRY(const DockerOutput output, capture_docker(asked));
  Config out;
  out.exit_code = output.exit_code;
  // Its warnings are shown by the command that follows; only a refusal ends here.
  if (output.exit_code != 0) {
    show(view(output.err));
    return out;
  }
  DSO_TRY(out.model, parse_compose_model(view(output.out)));
  if (!out.model.from_environment.empty() && !override_text) {
    DSO_TRY(const DockerCall list, call({"config", "--environment"}));
    DSO_TRY(const DockerOutput listed, capture_docker(list));
    DSO_CHECK(check_from_environment(out.model, view(listed.out)));
  }
  return out;
}

}  // namespace dso::cli
