// A container's inspect answer to the create call that makes its successor: the same in everything but its scope, its labels and
// what two containers cannot share. Pure; the engine's JSON in, the engine's JSON out, unknown members kept.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "model/container.h"
#include "model/delivery.h"

namespace dso {

/// What the clone is for.
enum class CloneAs {
  candidate,  ///< Becomes the service: everything as it was; aliases wait until it is healthy.
  stand_in,   ///< Serves only until the final container does: ports on 127.0.0.1 with the engine's choice of number, no static
              ///< address, no restart policy, no --rm. What was taken away goes into the label dso.origin, as do all
              ///< aliases that wait.
  final,      ///< Made from the service (or from a stand-in, by its dso.origin): ports, addresses, policy as the service had
              ///< them; aliases wait until it is healthy.
  sole,       ///< As `final`, and aliases from the start: nothing else serves (exclusive).
};

/// A container with the labels that count, and the engine's JSON of it, which has all. Borrowed.
struct SeenContainer {
  const Container& container;
  std::string_view inspect;
};

struct CloneRequest {
  CloneAs as = CloneAs::candidate;
  std::string scope_id;                       ///< The label dso.scope and, for a container without mounts, its new scope.
  std::vector<ScopeMount> mounts;             ///< Of the new scope, dso-init's among them; binds at the same places give way.
  std::map<std::string, std::string> labels;  ///< Set besides (dso.role, dso.generation, …); an empty value takes one away.
  /// Makes the label dso.rotation.mac of all labels; empty, or "": none is set.
  std::function<std::string(const std::map<std::string, std::string>&)> sign;
  std::string stand_in_origin;     ///< The label dso.origin of the stand-in beside it: which ports the service had; "": none.
  std::pair<int, int> api{1, 41};  ///< The agreed version: what create takes differs.
  /// The image's name still means the image that the container runs (the caller has looked): then the clone shows the name too,
  /// else the image's id.
  bool image_by_name = false;
};

struct CloneSpec {
  std::string platform;  ///< "linux/arm64/v8", where the engine tells it.
  SecretBuffer body;     ///< For POST /containers/create; its networking part names the first network only where api < 1.44.
  /// Networks to connect before the start, name and EndpointSettings (without the aliases that must wait).
  std::vector<std::pair<std::string, std::string>> networks;
};

/// The clone has all labels of `from`, whosever they are; what is done by a label is done by those that count. InvalidRequest
/// says what makes a clone impossible.
Result<CloneSpec> clone_spec(const SeenContainer& from, const CloneRequest& request);

/// One endpoint as it must be once the container serves: name of the network and EndpointSettings with the aliases of `service`,
/// its name among them, so that the name resolves while no container has it. Addresses that the user asked for stay (the MAC
/// address where the engine takes it here); another may change by the step, since only networks with a subnet of the user's let
/// one ask for it.
struct AliasStep {
  std::string network;
  std::string endpoint;  ///< JSON
};
/// `service`: the container whose place is taken, or, once it is gone, the candidate's own (its dso.origin). No step
/// for a network without names (the default bridge) and for one where the candidate has all of them.
Result<std::vector<AliasStep>> alias_steps(const SeenContainer& service, const SeenContainer& candidate);

}  // namespace dso
