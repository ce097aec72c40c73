// What the engine said lately about ids of containers, so that a new connection costs it nothing: for seconds, until the engine
// says otherwise, and no longer than the container's first process lives. Only that: whether a process is in the container is
// found out anew for each connection (peer.h).
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "model/container.h"

namespace dso {

struct KnownContainer {
  std::string id;
  std::int64_t pid = 0;  ///< State.Pid.
  UniqueFd process;      ///< Of it: as long as that lives, the engine cannot have another State.Pid.
  Container container;   ///< As the engine showed it.
};

/// Thread-safe.
class KnownContainers {
 public:
  using Known = std::shared_ptr<const KnownContainer>;
  using Clock = std::chrono::steady_clock;
  enum class Is {
    unasked,
    strange,  ///< The engine knows no such container.
    there     ///< It does; more was not asked.
  };

  /// Null: not asked lately, or its first process has ended.
  Known kept(const std::string& id);
  /// The same of longer ago, while its first process lives: to count connections by, nothing more.
  Known seen(const std::string& id);
  Is what_is(const std::string& id);
  void keep(Known known);
  void keep(const std::string& id, Is is);
  /// The engine said that something happened to it.
  void forget(const std::string& id);
  /// The engine may have said things that we did not hear.
  void forget_all();
  /// Another number whenever `seen` may say more than before.
  std::uint64_t changes() const { return changes_; }

  /// The right to ask the engine about `id`: one asks, the others wait for what it is told. And so few at a time for one user
  /// that nobody keeps the engine busy with ids that he makes up; root, who has other ways, is not bounded.
  class Question {
   public:
    Question(Question&& o) noexcept : known_(std::exchange(o.known_, nullptr)), id_(std::move(o.id_)), uid_(o.uid_) {}
    Question& operator=(Question&& o) noexcept {
      std::swap(known_, o.known_);
      std::swap(id_, o.id_);
      std::swap(uid_, o.uid_);
      return *this;
    }
    ~Question();

   private:
    friend class KnownContainers;
    Question(KnownContainers* known, std::string id, unsigned uid) : known_(known), id_(std::move(id)), uid_(uid) {}
    KnownContainers* known_;
    std::string id_;
    unsigned uid_;
  };
  /// Waits for the right. Errors: Timeout, Interrupted.
  Result<Question> begin(const std::string& id, unsigned uid, const Deadline& deadline, const std::stop_token& stop);

 private:
  struct Entry {
    Clock::time_point until;
    Known known;          ///< Or null:
    Is is = Is::unasked;  ///< what else was said.
  };
  using Entries = std::map<std::string, Entry>;
  void put(const std::string& id, Entry entry);
  Known living(Entries::iterator it);

  std::mutex mutex_;
  std::condition_variable_any asked_;
  Entries entries_;
  std::set<std::string> asking_;
  std::map<unsigned, int> asking_by_;
  std::atomic<std::uint64_t> changes_{0};
};

}  // namespace dso
