// The protocol by which `docker compose` runs `docker-dso compose …` for a service with `provider: {type: dso}`: its arguments,
// its metadata, its messages (JSON lines). Pure. Source: docs/extension.md of Docker Compose 2.40.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "model/config.h"
#include "model/delivery.h"

namespace dso {

struct ComposeProviderCall {
  enum class Event { up, down, metadata };
  Event event = Event::metadata;
  std::string project, service;
  std::vector<std::string> secrets;  ///< SPECs as of --secret; one a list entry of the option.
  std::string path;                  ///< The folder that the volume is mounted at; empty: /run/secrets.
  bool visible = false;              ///< Values as variables, which `docker inspect` shows.
};
/// The words behind "compose". Errors (Usage) name the option as it stands in the compose file.
Result<ComposeProviderCall> parse_compose_provider(const std::vector<std::string>& arguments);

/// What Compose may ask of us beforehand, so that it checks options itself.
std::string compose_provider_metadata();

/// What is asked for, as files below `path`, or as variables where the call says visible. Errors (Usage): a SPEC that asks for a
/// variable without `visible`, since Compose makes it one that `docker inspect` shows.
Result<std::vector<DeliveryItem>> compose_provider_items(const ComposeProviderCall& call, const Config& config);

/// One line for Compose; `type`: info, error, debug.
std::string compose_message(std::string_view type, std::string_view text);
/// The lines that set variables in the services that depend on this one (Compose puts SERVICE_ before each name): the path of
/// each file as NAME_FILE, and of each variable its value.
SecretBuffer compose_variables(const DeliveryPlan& plan);
/// Config for one that steers programs with SERVICE_ before it (`node`, and a field `options`).
Result<void> check_compose_variables(const DeliveryPlan& plan, std::string_view service);

}  // namespace dso
