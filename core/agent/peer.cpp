// The kernel names the process, /proc its container, the engine the container's labels.
#include "agent/peer.h"

#include <poll.h>

#include <algorithm>

#include "agent/volume_users.h"
#include "base/file.h"
#include "logic/docker_json.h"
#include "logic/peer_container.h"
#include "logic/resolve_targets.h"

namespace dso {
namespace {

constexpr std::size_t kMaxCgroup = 64 * 1024;

Error unknown_peer(std::string cause) {
  return make_error(ErrorClass::access_denied, "Cannot tell who asks", std::move(cause),
                    "Ask from a process that keeps running until it has its answer.");
}

bool alive(const UniqueFd& process) {
  pollfd fd{process.get(), POLLIN, 0};
  return poll(&fd, 1, 0) == 0;
}

void add(std::vector<SecretKey>& out, const std::vector<DeliveryItem>& items) {
  for (const DeliveryItem& item : items)
    if (std::find(out.begin(), out.end(), item.secret) == out.end()) out.push_back(item.secret);
}

}  // namespace

Result<std::string> container_of_peer(const PeerCredentials& peer, const std::string& proc) {
  if (!peer.process || peer.pid <= 0) return unknown_peer("the process that connected cannot be seen from here");
  const auto cgroup = read_text_file(proc + "/" + std::to_string(peer.pid) + "/cgroup", kMaxCgroup);
  if (cgroup.has_error() || !alive(*peer.process)) return unknown_peer("the process that connected has ended");
  return container_of_cgroup(*cgroup);
}

Result<std::vector<SecretKey>> secrets_of_container(const Engine& engine, const TmpfsStore& store, const Config& config,
                                                    const std::string& container_id, const Deadline& deadline,
                                                    std::stop_token stop) {
  auto text = engine.inspect_text(container_id, deadline, std::move(stop));
  if (text.has_error() && text.error().cls == ErrorClass::not_found)
    return unknown_peer("the engine has no container " + container_id.substr(0, 12));
  if (text.has_error()) return text.error();
  const auto container = parse_container_inspect(view(*text));
  if (container.has_error()) return container.error();
  if (container->state != "running") return unknown_peer("the container '" + container->name + "' does not run");
  std::vector<SecretKey> out;
  if (const std::string scope = container->label_or(label::kScope); !scope.empty())
    if (auto state = store.read(scope); state.has_value()) add(out, state->scope.items);
  for (const ScopeState& state : volumes_of_container(store, view(*text))) add(out, state.scope.items);
  DSO_TRY(const auto items,
          resolve_items(config, {container->name, container->label_or(label::kComposeService), container->labels}));
  add(out, items);
  return out;
}

}  // namespace dso
