// An engine that is a few lines of HTTP here: a test gives the answer to each call, and asks what was called and how often.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "net/local_server.h"

namespace dso::test {

class FakeEngine {
 public:
  /// `call`: "GET /containers/api/json", without the API's version. Gives what `answer` or `refusal` make.
  using Answer = std::function<std::string(const std::string& call)>;
  explicit FakeEngine(Answer answer) : answer_(std::move(answer)), server_([this](int fd, int) { serve(fd); }) {}

  std::string socket() const { return server_.socket_path(); }
  std::size_t called(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    return count(part);
  }
  /// Blocks until calls with `part` in them were made so often.
  bool wait_called(const std::string& part, std::size_t times) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(60), [&] { return count(part) >= times; });
  }
  static std::string refusal(const std::string& status, const std::string& message) {
    return test::answer(R"({"message":")" + message + R"("})", status);
  }

 private:
  void serve(int fd) {
    for (std::string request; !(request = read_request(fd)).empty();) {
      std::string call = request.substr(0, request.find(" HTTP/"));
      std::string text = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
      if (const std::size_t at = call.find("/v1.41/"); at != std::string::npos) {
        call.erase(at, 6);
        {
          const std::lock_guard lock(mutex_);
          calls_.push_back(call);
        }
        came_.notify_all();
        text = answer_(call);
      }
      if (!send_text(fd, text)) return;
    }
  }
  std::size_t count(const std::string& part) const {
    std::size_t n = 0;
    for (const std::string& call : calls_) n += call.find(part) != std::string::npos;
    return n;
  }

  const Answer answer_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> calls_;
  LocalServer server_;  // last: its threads use the others
};

}  // namespace dso::test
