// The planner's own code (core/logic) against a modelled Swarm of 1,000 nodes, 5,000 tasks and 2,000 secrets: what the store and
// the managers are asked for, how long until every task has the new value, and how a start of all nodes at once spreads. Built
// and run by bench/swarm. What is modelled, and what is not, is in docs/scale.md.
#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "logic/poll_schedule.h"
#include "logic/swarm_model.h"

namespace {

using namespace dso;

constexpr int kNodes = 1000, kServices = 1000, kTasksAService = 5, kSecrets = 2000, kSecretsAService = 2;
constexpr int kSecondsATask = 5;  // from the new task's start to the old one's end, image there
constexpr int kInterval = 120, kSoon = 2;
constexpr int kSecretsABatch = 20;  // BatchGetSecretValue

struct Outcome {
  int seconds = 0;
  long versions_calls = 0, value_calls = 0, task_starts = 0, most_starts_a_second = 0;
  long writes = 0, views = 0;
  double plan_ms_max = 0, plan_ms_sum = 0;
};

Outcome change(int how_many, int max_parallel) {
  test::SwarmModel m;
  SwarmWish wish;
  wish.max_parallel = max_parallel;
  std::vector<std::string> ids;
  for (int i = 0; i < kSecrets; ++i) {
    const std::string name = "secret" + std::to_string(i);
    ids.push_back(m.add_secret(name, {}, {{label::kSwarmVersion, "1"}}));
    wish.versions[name] = "1";
  }
  for (int i = 0; i < kServices; ++i) {
    std::vector<std::string> used;
    for (int j = 0; j < kSecretsAService; ++j)
      used.push_back(ids[static_cast<std::size_t>((i * kSecretsAService + j) % kSecrets)]);
    m.add_service("service" + std::to_string(i), used, kTasksAService);
  }
  for (int i = 0; i < how_many; ++i) wish.versions["secret" + std::to_string(i)] = "2";

  Outcome out;
  std::set<std::string> given;  // Swarm secret ids whose value the driver has in memory
  std::map<std::string, std::vector<std::string>> before;
  for (const SwarmTask& t : m.view.tasks) before[t.id] = t.secret_ids;
  int next_look = 0, next_asked = 0;
  for (int second = 0;; ++second) {
    if (second >= next_look) {
      ++out.views;
      const auto start = std::chrono::steady_clock::now();
      const auto steps = plan_swarm(m.view, wish);
      const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
      out.plan_ms_max = std::max(out.plan_ms_max, ms);
      out.plan_ms_sum += ms;
      if (second >= next_asked) {
        out.versions_calls += (kSecrets + kSecretsABatch - 1) / kSecretsABatch;
        next_asked = second + kInterval;
      }
      bool under_way = false;
      for (const SwarmStep& s : steps) {
        if (s.kind != SwarmStep::Kind::wait && s.kind != SwarmStep::Kind::keep) ++out.writes;
        under_way |= s.kind != SwarmStep::Kind::keep;
        m.apply(s);
      }
      if (!under_way && m.updating() == 0) {
        out.seconds = second;
        return out;
      }
      next_look = second + kSoon;
    }
    if (second % kSecondsATask == kSecondsATask - 1) m.tick();
    long starts = 0;
    for (const SwarmTask& t : m.view.tasks) {
      auto& had = before[t.id];
      if (had == t.secret_ids) continue;
      ++starts;
      for (const std::string& id : t.secret_ids) out.value_calls += given.insert(id).second;
      had = t.secret_ids;
    }
    out.task_starts += starts;
    out.most_starts_a_second = std::max(out.most_starts_a_second, starts);
  }
}

/// Every node's agent starts in the same second: polls a second, at first and once the jitter has done its work.
void herd() {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> fraction(0, 1);
  std::vector<double> next(kNodes, 0);
  std::map<int, int> polls;
  constexpr int kHours = 4;
  for (double& at : next)
    while (at < kHours * 3600) {
      ++polls[static_cast<int>(at)];
      at += std::chrono::duration<double>(
                next_poll({}, std::nullopt, std::nullopt, std::chrono::seconds(kInterval), fraction(random)).wait)
                .count();
    }
  const auto most_in = [&](int from, int to) {
    int most = 0;
    for (int s = from; s < to; ++s) most = std::max(most, polls.contains(s) ? polls[s] : 0);
    return most;
  };
  std::printf("\n%d agents that start in one second and poll every %d s (evenly spread: %.1f polls/s)\n\n", kNodes, kInterval,
              static_cast<double>(kNodes) / kInterval);
  std::printf("| after | most polls in one second |\n|---|---|\n");
  for (const auto& [name, from, to] : {std::tuple{"the start", 0, 60},
                                       {"2 minutes", 60, 180},
                                       {"10 minutes", 540, 660},
                                       {"30 minutes", 1740, 1860},
                                       {"1 hour", 3540, 3660},
                                       {"4 hours", 14340, 14400}})
    std::printf("| %s | %d |\n", name, most_in(from, to));
}

}  // namespace

int main() {
  std::printf(
      "%d services, %d tasks, %d secrets; a task takes %d s; the leader looks every %d s, and every %d s while something "
      "moves\n\n",
      kServices, kServices * kTasksAService, kSecrets, kSecondsATask, kInterval, kSoon);
  std::printf(
      "| secrets that change at once | max_parallel | until all tasks have it | task starts, most in a second | values read from "
      "the store "
      "| versions asked for, calls of 20 | writes to the managers' log by DSO | one plan, mean / most "
      "|\n|---|---|---|---|---|---|---|---|\n");
  for (const auto& [secrets, parallel] : {std::pair{1, 2}, {20, 2}, {200, 2}, {200, 20}, {2000, 20}, {2000, 100}}) {
    const Outcome o = change(secrets, parallel);
    std::printf("| %d | %d | %d s | %ld, %ld | %ld | %ld | %ld | %.1f / %.1f ms |\n", secrets, parallel, o.seconds, o.task_starts,
                o.most_starts_a_second, o.value_calls, o.versions_calls, o.writes, o.plan_ms_sum / static_cast<double>(o.views),
                o.plan_ms_max);
  }
  herd();
  return 0;
}
