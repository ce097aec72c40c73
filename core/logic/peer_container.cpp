// First the control groups, then the namespaces: whoever has a group of the engine's is a container, even with the host's
// namespaces.
#include "logic/peer_container.h"

#include <algorithm>

#include "logic/cgroup_text.h"

namespace dso {
namespace {

Error no_identity(std::string cause, std::string next = {}) {
  return make_error(ErrorClass::access_denied, "Cannot tell who asks", std::move(cause), std::move(next));
}

std::string shown_container(const HintedContainer& c) {
  return "the container '" + (c.name.empty() ? c.asked.substr(0, 12) : c.name) + "'";
}

/// That the engine spoke of this container, and of the same process of it before and after.
Result<PeerIdentity> if_it_stayed(const HintedContainer& c) {
  const std::string again = "Ask from a process that keeps running until it has its answer.";
  if (c.pid <= 0 || !c.init) return no_identity(shown_container(c) + " does not run", again);
  if (c.pid_after != c.pid) return no_identity(shown_container(c) + " ended or was started anew meanwhile", again);
  return PeerIdentity{PeerKind::container, c.id, c.name};
}

Result<PeerIdentity> by_its_group(const PeerFacts& facts, const HintedContainer& c) {
  if (c.id != c.asked)
    return no_identity("its control group carries the id " + c.asked.substr(0, 12) + "…, which is the name of another container");
  DSO_TRY(const PeerIdentity found, if_it_stayed(c));
  if (!in_group_of(facts.peer.cgroup, c.init->cgroup, c.id))
    return no_identity("its control group has the name of " + shown_container(c) + " and is not that container's",
                       "Run it outside of groups that are called like a container's.");
  return found;
}

}  // namespace

std::string shown_peer(const PeerIdentity& peer) {
  if (peer.kind == PeerKind::host) return "a process of the host";
  if (peer.kind == PeerKind::engine) return "the engine";
  return "the container '" + peer.name + "' (" + peer.container.substr(0, 12) + ")";
}

std::vector<std::string> hinted_ids(const ProcessPlace& peer, const ProcessPlace& agent) {
  auto ids = container_ids_in(peer.cgroup);
  for (const std::string& own : container_ids_in(agent.cgroup)) std::erase(ids, own);
  return ids;
}

bool of_the_host(const PeerFacts& facts) {
  const ProcessPlace &peer = facts.peer, &agent = facts.agent;
  if (peer.pid_depth != 1 || agent.pid_depth != 1 || peer.user_map.empty() || peer.user_map != agent.user_map) return false;
  return same_files(peer, agent) || (facts.first && same_files(peer, *facts.first));
}

Result<PeerIdentity> whose_process(const PeerFacts& facts) {
  const auto ids = hinted_ids(facts.peer, facts.agent);
  std::vector<const HintedContainer*> by_group;
  for (const HintedContainer& c : facts.known)
    if (std::find(ids.begin(), ids.end(), c.asked) != ids.end()) by_group.push_back(&c);
  if (by_group.size() > 1)
    return no_identity("its control groups name several containers: a container was started below another one's group",
                       "Start it without --cgroup-parent.");
  if (by_group.size() == 1) return by_its_group(facts, *by_group[0]);

  if (of_the_host(facts)) return PeerIdentity{PeerKind::host, {}, {}};
  if (facts.engine && same_namespaces(facts.peer, *facts.engine)) return PeerIdentity{PeerKind::engine, {}, {}};
  for (const HintedContainer& c : facts.known)
    if (c.id == c.asked && c.init && same_namespaces(facts.peer, *c.init)) return if_it_stayed(c);
  return no_identity("it runs in namespaces of its own, and in no container that this engine knows",
                     "Ask from the host, or from a container of the engine that this agent serves.");
}

}  // namespace dso
