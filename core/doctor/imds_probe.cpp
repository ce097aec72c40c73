// A thread of its own enters the container's network, and ends there.
#include "doctor/imds_probe.h"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <thread>

#include "base/file.h"
#include "base/unique_fd.h"
#include "net/http_client.h"

namespace dso {

Result<void> reach_imds(const std::string& endpoint, const Deadline& d, std::stop_token s) {
  HttpRequest request;
  request.url = endpoint + "/";
  DSO_CHECK(HttpClient(nullptr).send(request, d, std::move(s)));
  return {};
}

Result<void> reach_imds_from(std::int64_t pid, const std::string& endpoint, const Deadline& d, std::stop_token s) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  const UniqueFd network(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!network) return io_error("Cannot open " + path, errno);
  Result<void> out;
  std::jthread([&] {
    if (setns(network.get(), CLONE_NEWNET) != 0)
      out = io_error("Cannot enter " + path, errno);
    else
      out = reach_imds(endpoint, d, s);
  }).join();
  return out;
}

}  // namespace dso
