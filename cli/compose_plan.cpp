// From compose's model and the config to delivery items, a service at a time. No I/O.
#include <algorithm>

#include "compose_deliver.h"
#include "logic/resolve_targets.h"
#include "logic/secret_flag.h"

namespace dso::cli {
namespace {

constexpr const char* kFolder = "/run/secrets/";

Error in_service(Error e, const std::string& service) {
  e.what = "Service '" + service + "': " + e.what;
  return e;
}

Result<ServicePlan> plan_service(const Config& config, const ComposeModel& model, const ComposeService& service) {
  ServicePlan out;
  out.service = &service;
  TargetFacts facts;
  facts.name = service.container_name.empty() ? model.project + "-" + service.name + "-1" : service.container_name;
  facts.service = service.name;
  facts.labels = service.labels;
  auto found = resolve_items(config, facts);
  if (found.has_error()) return in_service(found.error(), service.name);
  std::vector<DeliveryItem> asked;
  for (const EnvReference& r : service.references) {
    auto item = reference_item(config, r);
    if (item.has_error()) return in_service(item.error(), service.name);
    asked.push_back(std::move(*item));
    if (r.file)
      out.file_references.emplace_back(r.variable, reference_path(r));
    else
      out.env_references.push_back(r.variable);
  }
  auto merged = merge_items(std::move(*found), asked);
  if (merged.has_error()) return in_service(merged.error(), service.name);
  out.items = std::move(*merged);
  const bool in_folder = std::any_of(out.items.begin(), out.items.end(), [](const DeliveryItem& i) {
    return i.inject.type == InjectType::file &&
           (i.inject.path.empty() || i.inject.path == kFolder || i.inject.path == "/run/secrets");
  });
  if (service.own_secrets && in_folder) {
    Error e;
    e.cls = ErrorClass::config;
    e.what = "Cannot deliver to service '" + service.name + "'";
    e.cause = "its `secrets:` are compose's own and lie in /run/secrets, which DSO would mount over";
    e.next =
        "Take the service's `secrets:` out of the compose file, or give DSO's another folder (inject: {type: file, path: "
        "/run/dso-secrets/}).";
    return e;
  }
  return out;
}

}  // namespace

Result<std::vector<ServicePlan>> plan_services(const Config& config, const ComposeModel& model) {
  std::vector<ServicePlan> out;
  for (const ComposeService& service : model.services) {
    DSO_TRY(ServicePlan plan, plan_service(config, model, service));
    if (!plan.items.empty()) out.push_back(std::move(plan));
  }
  return out;
}

}  // namespace dso::cli
