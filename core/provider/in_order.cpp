// A ring of results between the workers and the one who hands out.
#include "provider/in_order.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace dso {
namespace {

class Line {
 public:
  Line(std::size_t count, std::size_t ahead) : count_(count), ahead_(ahead) {}

  /// The next piece to work on; count_: none is left, or nobody wants it any more.
  std::size_t next() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return begun_ >= count_ || begun_ < given_ + ahead_; });
    return begun_ >= count_ ? count_ : begun_++;
  }
  void done(std::size_t i, SecretBuffer&& result) {
    {
      std::lock_guard lock(mutex_);
      results_.emplace(i, std::move(result));
    }
    came_.notify_one();
  }
  void failed(std::exception_ptr why) {
    {
      std::lock_guard lock(mutex_);
      failed_ = std::move(why);
    }
    came_.notify_one();
  }
  /// Throws what a worker threw.
  SecretBuffer take(std::size_t i) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return failed_ || results_.contains(i); });
    if (failed_) std::rethrow_exception(failed_);
    SecretBuffer result = std::move(results_.extract(i).mapped());
    ++given_;
    lock.unlock();
    room_.notify_one();
    return result;
  }
  void begin_no_more() {
    {
      std::lock_guard lock(mutex_);
      begun_ = count_;
    }
    room_.notify_all();
  }

 private:
  const std::size_t count_, ahead_;
  std::mutex mutex_;
  std::condition_variable room_, came_;
  std::size_t begun_ = 0, given_ = 0;
  std::map<std::size_t, SecretBuffer> results_;
  std::exception_ptr failed_;
};

}  // namespace

void in_order(std::size_t count, std::size_t at_once, const std::function<SecretBuffer(std::size_t)>& work,
              const std::function<bool(const SecretBuffer&)>& give) {
  Line line(count, 2 * at_once);
  std::vector<std::jthread> workers;
  for (std::size_t n = std::min(count, at_once); n > 0; --n)
    workers.emplace_back([&] {
      try {
        for (std::size_t i = line.next(); i < count; i = line.next()) line.done(i, work(i));
      } catch (const std::bad_alloc&) {  // of a value: secret_memory.h
        line.failed(std::current_exception());
      }
    });
  try {
    for (std::size_t i = 0; i < count; ++i)
      if (!give(line.take(i))) return line.begin_no_more();  // the workers are joined
  } catch (const std::bad_alloc&) {
    line.begin_no_more();
    throw;
  }
}

}  // namespace dso
