// getaddrinfo(3) knows no deadline, so it runs on a thread of its own that may outlive the call.
#include "net/resolve.h"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "net/net_error.h"
#include "net/wait_ready.h"

namespace dso {
namespace {

struct Lookup {
  int code = 0;
  int error_number = 0;
  AddressList list;
};

Lookup ask(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  Lookup answer;
  answer.code = getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  answer.error_number = errno;
  if (answer.code == 0) answer.list.reset(list);
  return answer;
}

/// What the asking and the resolving thread share; whoever is last frees it.
struct Shared {
  std::mutex mutex;
  std::condition_variable_any done;
  std::optional<Lookup> answer;
};

}  // namespace

Result<AddressList> resolve(const std::string& host, const std::string& port, const Deadline& d, std::stop_token s) {
  const std::string what = "Failed to resolve " + host;
  DSO_CHECK(check_time(d, s, what));
  if (Lookup numeric = ask(host, port, AI_NUMERICHOST | AI_NUMERICSERV); numeric.code == 0) return std::move(numeric.list);

  auto shared = std::make_shared<Shared>();
  try {
    std::thread([shared, host, port] {
      Lookup answer = ask(host, port, AI_ADDRCONFIG | AI_NUMERICSERV);
      // a host with loopback only has no "configured" address family: localhost must still resolve
      if (answer.code != 0) answer = ask(host, port, AI_NUMERICSERV);
      std::lock_guard lock(shared->mutex);
      shared->answer = std::move(answer);
      shared->done.notify_all();
    }).detach();
  } catch (const std::system_error& e) {
    return make_error(ErrorClass::network, what, e.code().message());
  }
  std::unique_lock lock(shared->mutex);
  shared->done.wait_for(lock, s, d.left(), [&] { return shared->answer.has_value(); });
  if (!shared->answer) {
    DSO_CHECK(check_time(d, s, what));
    return make_error(ErrorClass::timeout, what, "the name server did not answer in time");
  }
  Lookup& answer = *shared->answer;
  if (answer.code == 0) return std::move(answer.list);
  const std::string reason = answer.code == EAI_SYSTEM ? errno_text(answer.error_number) : gai_strerror(answer.code);
  return make_error(ErrorClass::network, what, reason, "Check the address and this host's DNS.");
}

}  // namespace dso
