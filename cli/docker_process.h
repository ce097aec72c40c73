// Runs the `docker` program as a child: with our own terminal, or with its output captured. Signals go to it, its exit code is
// ours. Knows nothing of secrets; arguments are visible to every process of the host, so no value may be among them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace dso::cli {

struct DockerCall {
  std::vector<std::string> arguments;  ///< Behind "docker".
  int stdin_fd = -1;                   ///< Becomes the child's stdin; -1: ours.
  std::vector<int> inherited;          ///< Stay open in the child under their numbers.
  bool stdout_to_stderr = false;       ///< For steps on the way whose output is not the command's.
};

/// Main thread only: waits for the child and passes on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 that were sent to us
/// (what the terminal sends reaches it anyway). Returns its exit code, 128 + signal when a signal ended it.
Result<int> run_docker(const DockerCall& call);

/// The same for a docker whose output is dropped, while `shows`, beside it and out of reach of the terminal's signals, has ours:
/// for what another call prints of the same program. Waits for that one too, for a while.
Result<int> run_docker_shown_by(const DockerCall& call, const DockerCall& shows);

/// From another thread: has the docker that run_docker() waits for end at once; its container hears nothing of it.
void end_docker();
/// A signal that ends a program went to docker in the last quarter of a minute.
bool asked_to_end();

/// Becomes docker: same process id, terminal, signals. Returns only on failure.
Error exec_docker(const DockerCall& call);

struct DockerOutput {
  int exit_code = 0;
  SecretBuffer out, err;
};
/// stdout and stderr are captured; stdin is empty unless given.
Result<DockerOutput> capture_docker(const DockerCall& call);

/// A file that is only memory, at its beginning, for stdin_fd, or for `inherited` with the path fd_path(). Closed on exec
/// elsewhere.
Result<UniqueFd> memory_file(std::string_view content);
std::string fd_path(int fd);
/// Everything to its end, of a pipe too.
SecretBuffer read_to_end(int fd);

}  // namespace dso::cli
