// Measures in one process, alternating, and prints JSON for bench/providers:
//   bench_providers start DSO PROVIDER_DIR TYPE RUNS                a provider process: time to ready beside /bin/true, PSS
//   bench_providers vault DSO PROVIDER_DIR ORIGIN CA STEM RUNS      warm fetches and 500 secrets (secret/STEM/000 …), token in
//   VAULT_TOKEN
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include "agent/fetch_pieces.h"
#include "bare_tls.h"
#include "base/log.h"
#include "provider/host_process.h"
#include "provider/provider_file.h"
#include "provider/provider_source.h"

namespace {

using namespace dso;
using bench::BareTls;
using bench::give_up;

constexpr std::size_t kSecrets = 500, kConnections = 8;

template <class F>
double seconds(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void run_true() {
  pid_t pid = 0;
  char name[] = "/bin/true";
  char* argv[] = {name, nullptr};
  char* env[] = {nullptr};
  int status = 0;
  if (posix_spawn(&pid, name, nullptr, nullptr, argv, env) != 0 || waitpid(pid, &status, 0) != pid)
    give_up("cannot run /bin/true");
}

std::int64_t pss(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  std::string word;
  while (file >> word)
    if (word == "Pss:") {
      std::int64_t kb = 0;
      file >> kb;
      return kb * 1024;
    }
  give_up("no memory figures of process " + std::to_string(pid));
}

boost::json::object starts(const std::string& dso, const std::string& dir, const std::string& type, int runs) {
  auto file = open_provider_file(dir, type);
  if (file.has_error()) give_up(render(file.error()));
  boost::json::array ready, floor, memory;
  for (int i = 0; i <= runs; ++i) {
    const double bare = seconds(run_true);
    std::unique_ptr<HostProcess> process;
    const double ours = seconds([&] {
      auto started = HostProcess::start(dso, file->fd.get(), false, Deadline::in(std::chrono::seconds(10)), {});
      if (auto* death = std::get_if<ProcessDeath>(&started)) give_up(type + ": " + death->cause);
      process = std::move(std::get<std::unique_ptr<HostProcess>>(started));
    });
    if (i == 0) continue;  // what the first one reads from disk
    floor.emplace_back(bare);
    ready.emplace_back(ours);
    memory.emplace_back(pss(process->pid()));
  }
  return {{"ready", ready}, {"true", floor}, {"pss", memory}};
}

struct Store {
  std::string origin, ca, stem, headers;
  std::string name(std::size_t i) const {
    char number[8];
    std::snprintf(number, sizeof number, "%03zu", i);
    return stem + "/" + number;
  }
  std::string path(std::size_t i) const { return "/v1/secret/data/" + name(i); }
};

/// As the agent asks for many: in its pieces.
void fetch(SecretSource& source, const std::vector<SecretRef>& refs) {
  for (std::size_t at = 0; at < refs.size(); at += kFetchedAtOnce)
    for (const auto& answer : source.fetch(piece_of(refs, at, kFetchedAtOnce), Deadline::in(std::chrono::seconds(60)), {}))
      if (answer.has_error()) give_up(render(answer.error()));
}

void fetch_bare(const Store& store, std::vector<std::unique_ptr<BareTls>>& pool) {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> workers;
  for (auto& connection : pool)
    workers.emplace_back([&] {
      for (std::size_t i = next++; i < kSecrets; i = next++) connection->get(store.path(i), store.headers);
    });
}

boost::json::object vault(const std::string& dso, const std::string& dir, const Store& store, int runs) {
  ProviderInstance instance;
  instance.name = "bench";
  instance.type = "vault";
  instance.settings = {{"address", store.origin}, {"ca_file", store.ca}, {"mount", "secret"}, {"kv_version", "2"}};
  auto source = open_provider(instance, {dir, dso}, Deadline::in(std::chrono::seconds(10)));
  if (source.has_error()) give_up(render(source.error()));
  std::vector<SecretRef> all;
  for (std::size_t i = 0; i < kSecrets; ++i) all.push_back({store.name(i), ""});
  const std::vector<SecretRef> one(all.begin(), all.begin() + 1);
  std::vector<std::unique_ptr<BareTls>> pool;
  for (std::size_t n = 0; n < kConnections; ++n) pool.push_back(std::make_unique<BareTls>(store.origin, store.ca));

  boost::json::array warm, warm_bare, many, many_bare;
  for (int i = 0; i < runs * 20; ++i) {
    const double bare = seconds([&] { pool[0]->get(store.path(0), store.headers); });
    const double ours = seconds([&] { fetch(**source, one); });
    if (i < runs) continue;
    warm_bare.emplace_back(bare);
    warm.emplace_back(ours);
  }
  for (int i = 0; i <= runs; ++i) {
    const double bare = seconds([&] { fetch_bare(store, pool); });
    const double ours = seconds([&] { fetch(**source, all); });
    if (i == 0) continue;
    many_bare.emplace_back(bare);
    many.emplace_back(ours);
  }
  return {{"warm", warm}, {"warm_bare", warm_bare}, {"many", many}, {"many_bare", many_bare}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> a(argv + 1, argv + argc);
  const char* token = std::getenv("VAULT_TOKEN");
  if (a.size() == 5 && a[0] == "start") {
    std::cout << boost::json::serialize(starts(a[1], a[2], a[3], std::stoi(a[4]))) << "\n";
  } else if (a.size() == 7 && a[0] == "vault" && token) {
    // the headers that ours sends too
    const Store store{
        a[3], a[4], a[5],
        std::string("User-Agent: dso\r\nX-Vault-Request: true\r\nAccept: application/json\r\nX-Vault-Token: ") + token + "\r\n"};
    std::cout << boost::json::serialize(vault(a[1], a[2], store, std::stoi(a[6]))) << "\n";
  } else {
    give_up("this is run by bench/providers");
  }
}
