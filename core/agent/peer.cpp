// The kernel names the process, /proc where it is, the engine its containers; logic/peer_container decides.
#include "agent/peer.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "agent/volume_users.h"
#include "base/file.h"
#include "logic/cgroup_text.h"
#include "logic/docker_json.h"
#include "logic/mounted_scopes.h"
#include "logic/proc_status.h"
#include "logic/resolve_targets.h"
#include "net/socket_stream.h"

namespace dso {
namespace {

constexpr std::size_t kMaxProcFile = 64 * 1024;
/// More ids than engines can be nested in each other: made by hand.
constexpr std::size_t kMaxHints = 8;
constexpr int kMaxAncestors = 32;

Error unknown_peer(std::string cause, std::string next) {
  return make_error(ErrorClass::access_denied, "Cannot tell who asks", std::move(cause), std::move(next));
}
Error ended_peer() {
  return unknown_peer("the process that connected has ended", "Ask from a process that keeps running until it has its answer.");
}

bool still_alive(const UniqueFd& process) {
  pollfd fd{process.get(), POLLIN, 0};
  return poll(&fd, 1, 0) == 0;
}

/// Up to the line of "/": it is among the first, and a host with many containers has thousands.
std::string head_of_mountinfo(const std::string& path) {
  std::ifstream file(path);
  std::string out;
  for (std::string line; std::getline(file, line);) {
    out += line + "\n";
    if (is_root_mount(line)) break;
  }
  return out;
}

/// State.Pid, if it is this container's and it runs.
std::int64_t pid_of(const Container& c, const std::string& id) {
  return c.id == id && c.state == "running" ? c.pid : 0;
}

void add_secrets(std::vector<SecretKey>& out, const std::vector<DeliveryItem>& items) {
  for (const DeliveryItem& item : items)
    if (std::find(out.begin(), out.end(), item.secret) == out.end()) out.push_back(item.secret);
}

}  // namespace

struct PeerFinder::Question {
  Deadline deadline;
  std::stop_token stop;
  unsigned uid = 0;     ///< Of who asks.
  Container container;  ///< That was looked at last.
};

std::optional<ProcessPlace> PeerFinder::place(const std::string& pid) const {
  const std::string folder = proc_ + "/" + pid;
  auto cgroup = read_text_file(folder + "/cgroup", kMaxProcFile);
  auto status = read_text_file(folder + "/status", kMaxProcFile);
  auto user_map = read_text_file(folder + "/uid_map", kMaxProcFile);
  if (cgroup.has_error() || status.has_error() || user_map.has_error()) return std::nullopt;
  return place_of(std::move(*cgroup), *status, std::move(*user_map), head_of_mountinfo(folder + "/mountinfo"));
}

/// The kernel keeps with a listening socket who made it listen.
std::optional<ProcessPlace> PeerFinder::place_of_engine(const Question& q) const {
  const auto fd = open_unix(engine_.socket_path(), SOCK_STREAM, q.deadline, q.stop);
  ucred who{};
  socklen_t size = sizeof who;
  if (fd.has_error() || getsockopt(fd->get(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.pid <= 0) return std::nullopt;
  return place(std::to_string(who.pid));
}

/// What started a container runs above it and has its id among its arguments (containerd-shim, conmon). A hint like any other.
std::vector<std::string> PeerFinder::ids_of_ancestors(std::int64_t pid) const {
  std::vector<std::string> out;
  for (int up = 0; up < kMaxAncestors && pid > 1; ++up) {
    const auto status = read_text_file(proc_ + "/" + std::to_string(pid) + "/status", kMaxProcFile);
    pid = status.has_value() ? parse_parent(*status) : 0;
    const auto arguments = read_text_file(proc_ + "/" + std::to_string(pid) + "/cmdline", kMaxProcFile);
    if (pid <= 1 || arguments.has_error()) continue;
    for (std::string& id : ids_in_text(*arguments))
      if (out.size() < kMaxHints && std::find(out.begin(), out.end(), id) == out.end()) out.push_back(std::move(id));
  }
  return out;
}

/// What the engine said seconds ago holds while the first process that it named lives: no other can be State.Pid meanwhile. What
/// /proc says of that process is read anew.
bool PeerFinder::look_at_kept(const std::string& id, PeerFacts& facts, Question& q) const {
  const auto kept = known_.kept(id);
  if (!kept) return false;
  auto init = place(std::to_string(kept->pid));
  if (!init || !still_alive(kept->process)) return false;
  facts.known.push_back({id, kept->id, kept->container.name, kept->pid, kept->pid, std::move(init)});
  q.container = kept->container;
  return true;
}

Result<void> PeerFinder::look_at(const std::string& id, PeerFacts& facts, Question& q) const {
  if (look_at_kept(id, facts, q)) return {};
  DSO_TRY(const auto one_at_a_time, known_.begin(id, q.uid, q.deadline, q.stop));
  if (look_at_kept(id, facts, q) || known_.what_is(id) == KnownContainers::Is::strange) return {};  // asked for by another
  auto before = engine_.inspect_text(id, q.deadline, q.stop);
  if (before.has_error() && before.error().cls == ErrorClass::not_found) {
    known_.keep(id, KnownContainers::Is::strange);
    return {};
  }
  if (before.has_error()) return before.error();
  DSO_TRY(const Container container, parse_container_inspect(view(*before)));
  HintedContainer found{id, container.id, container.name, pid_of(container, id), 0, {}};
  UniqueFd process(found.pid > 0 ? static_cast<int>(syscall(SYS_pidfd_open, found.pid, 0)) : -1);
  if (found.pid > 0) found.init = place(std::to_string(found.pid));
  if (found.init) {
    auto after = engine_.inspect(id, q.deadline, q.stop);
    if (after.has_error() && after.error().cls != ErrorClass::not_found) return after.error();
    if (after.has_value()) {
      found.pid_after = pid_of(*after, id);
      if (process && found.pid_after == found.pid && after->image_known && still_alive(process))
        known_.keep(std::make_shared<KnownContainer>(KnownContainer{id, found.pid, std::move(process), *after}));
      q.container = std::move(*after);
    }
  }
  facts.known.push_back(std::move(found));
  return {};
}

/// Leaves those that the engine knows.
Result<void> PeerFinder::ask_for_several(std::vector<std::string>& ids, Question& q) const {
  const auto unasked = [&](const std::string& id) { return known_.what_is(id) == KnownContainers::Is::unasked; };
  if (std::any_of(ids.begin(), ids.end(), unasked)) {
    DSO_TRY(const auto one_at_a_time, known_.begin(ids[0], q.uid, q.deadline, q.stop));
    if (std::any_of(ids.begin(), ids.end(), unasked)) {
      DSO_TRY(const auto listed, engine_.list({{"id", ids}}, q.deadline, q.stop));
      for (const std::string& id : ids) {
        const bool there = std::any_of(listed.begin(), listed.end(), [&](const Container& c) { return c.id == id; });
        known_.keep(id, there ? KnownContainers::Is::there : KnownContainers::Is::strange);
      }
    }
  }
  std::erase_if(ids, [&](const std::string& id) { return known_.what_is(id) == KnownContainers::Is::strange; });
  return {};
}

/// One id costs an inspect before and one after. Several (engines in each other, a group made by hand) are first asked for
/// together.
Result<void> PeerFinder::ask_engine(std::vector<std::string> ids, PeerFacts& facts, Question& q) const {
  if (ids.size() > kMaxHints)
    return unknown_peer("its control groups carry " + std::to_string(ids.size()) + " ids of containers",
                        "Run it outside of groups that are called like a container's.");
  std::erase_if(ids, [&](const std::string& id) { return known_.what_is(id) == KnownContainers::Is::strange; });
  if (ids.size() > 1) DSO_CHECK(ask_for_several(ids, q));
  if (ids.size() == 1) return look_at(ids[0], facts, q);
  for (const std::string& id : ids) facts.known.push_back({id, id, {}, 0, 0, {}});
  return {};
}

Result<Peer> PeerFinder::find(const PeerCredentials& peer, const Deadline& deadline, std::stop_token stop) const {
  if (!peer.process || peer.pid <= 0)
    return unknown_peer("the process that connected cannot be seen from the agent's pid namespace",
                        "Run the agent in the pid namespace of its engine: as a container with --pid=host.");
  auto of_peer = place(std::to_string(peer.pid));
  auto of_agent = place("self");
  if (!of_peer || !still_alive(*peer.process)) return ended_peer();
  if (!of_agent) return unknown_peer("the agent cannot read " + proc_ + "/self", "Mount /proc where the agent runs.");

  PeerFacts facts{std::move(*of_peer), std::move(*of_agent), place("1"), {}, {}};
  Question q{deadline, std::move(stop), peer.uid, {}};
  DSO_CHECK(ask_engine(hinted_ids(facts.peer, facts.agent), facts, q));
  if (facts.known.empty() && !of_the_host(facts)) {
    facts.engine = place_of_engine(q);
    if (!facts.engine || !same_namespaces(facts.peer, *facts.engine)) DSO_CHECK(ask_engine(ids_of_ancestors(peer.pid), facts, q));
  }
  DSO_TRY(const PeerIdentity identity, whose_process(facts));
  return Peer{identity, std::move(q.container)};
}

HttpServer::Asker PeerFinder::asker(const PeerCredentials& peer) const {
  HttpServer::Asker by_user{peer.uid == ~0u ? "anybody" : "uid " + std::to_string(peer.uid), false, false};
  if (!peer.process || peer.pid <= 0) return by_user;
  const auto groups_of = [&](const std::string& pid) { return read_text_file(proc_ + "/" + pid + "/cgroup", kMaxProcFile); };
  const auto cgroup = groups_of(std::to_string(peer.pid));
  if (cgroup.has_error() || !still_alive(*peer.process)) return by_user;
  auto ids = container_ids_in(*cgroup);
  if (!ids.empty())
    if (const auto own = groups_of("self"); own.has_value())
      for (const std::string& id : container_ids_in(*own)) std::erase(ids, id);
  if (ids.empty()) {
    if (peer.uid != 0 && peer.uid != geteuid()) return by_user;
    auto of_peer = place(std::to_string(peer.pid));
    auto of_agent = place("self");
    by_user.root = of_peer && of_agent && of_the_host({std::move(*of_peer), std::move(*of_agent), place("1"), {}, {}}) &&
                   still_alive(*peer.process);
    if (by_user.root) by_user.name += " of the host";
    return by_user;
  }
  by_user.may_change = true;
  if (ids.size() > 1) return by_user;
  by_user.name += " in a container";  // so it says; not counted with that user's processes of the host
  const auto known = known_.seen(ids[0]);
  const auto init = known ? groups_of(std::to_string(known->pid)) : Result<std::string>(std::string());
  if (!known || init.has_error() || !still_alive(known->process) || !in_group_of(*cgroup, *init, ids[0])) return by_user;
  return {shown_peer({PeerKind::container, known->id, known->container.name}), false, false};
}

Result<std::vector<SecretKey>> secrets_of_container(const TmpfsStore& store, const Config& config, const Container& container) {
  std::vector<SecretKey> out;
  TargetFacts facts{container.name, container.label_or(label::kComposeService), container.labels};
  if (config.agent.read_labels) {
    for (const std::string& scope : mounted_scopes(container, store.paths().secrets_dir()))
      if (auto state = store.read(scope); state.has_value()) add_secrets(out, state->scope.items);
    for (const ScopeState& state : volumes_of_container(store, container)) add_secrets(out, state.scope.items);
  } else {
    facts.labels.erase(label::kSecrets);
  }
  DSO_TRY(const auto items, resolve_items(config, facts));
  add_secrets(out, items);
  return out;
}

}  // namespace dso
