// Keeps a Swarm's services at their stores' versions, on the manager that leads: looks, asks the stores for versions, plans
// (logic/swarm_plan), does the steps. On any other node it only looks whether it leads by now. Touches no container of this
// engine.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "agent/sources.h"
#include "docker/swarm_client.h"
#include "logic/swarm_plan.h"

namespace dso {

/// What the driver gave to tasks of Swarm secrets that are bound to no version yet: name → version. Thread-safe.
class SwarmServed {
 public:
  void note(const std::string& secret, const std::string& version);
  std::map<std::string, std::string> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> versions_;
};

class SwarmWatch {
 public:
  /// References must outlive this object.
  SwarmWatch(SwarmClient client, Sources& sources, const SwarmServed& served);
  /// Looks now instead of at the end of the interval. Any thread.
  void wake();
  /// Whether this node's manager led at the last look. Any thread.
  bool leads() const { return leads_; }

 private:
  void run(std::stop_token stop);
  /// True: something is under way, look again soon.
  bool round(std::stop_token stop);
  SwarmWish wish_for(const SwarmView& view, std::stop_token stop);
  void ask_stores(const SwarmView& view, std::stop_token stop);
  bool do_step(const SwarmView& view, const SwarmStep& step, std::stop_token stop);
  void tell_of_ends(const SwarmView& view);

  SwarmClient client_;
  Sources& sources_;
  const SwarmServed& served_;
  std::set<std::string> moving_;             ///< Ids of services that this process has sent on their way.
  std::map<std::string, std::string> said_;  ///< What was said last about a thing: once is enough.
  std::atomic<bool> leads_ = false;
  std::map<std::string, std::string> versions_;         ///< As the stores had them when they were asked.
  std::chrono::steady_clock::time_point next_asked_{};  ///< While services move only the cluster is looked at.
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool woken_ = false;
  std::jthread thread_;  ///< Last: it ends before what it uses.
};

/// The stores' present versions of these references; those that could not be asked for are missing, with the reason in `failed`.
std::map<std::string, std::string> swarm_versions(const std::vector<std::string>& references, Sources& sources,
                                                  const std::function<void(const std::string&, const Error&)>& failed,
                                                  std::stop_token stop);

}  // namespace dso
