// Images first, since what runs must be known before dso-init can stand in front of it; then the scopes, one after the other.
#include "compose_deliver.h"
#include "base/clock.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "agent/deliver.h"
#include "agent/fetch_once.h"
#include "agent/gc_scopes.h"
#include "deadlines.h"
#include "delivery/env_shim.h"
#include "delivery/scope_hold.h"
#include "logic/container_spec.h"
#include "logic/rotation_names.h"
#include "logic/scope_id.h"
#include "render.h"

namespace dso::cli {
namespace {

constexpr auto kProjectDeliveryTime = std::chrono::seconds(120);

Error in_service(Error e, const ComposeService& service) {
  e.what = "Cannot start service '" + service.name + "': " + e.what;
  e.next += (e.next.empty() ? "" : " ") + std::string("Nothing was started.");
  return e;
}

Error no_image(const ComposeService& service, const std::string& image, std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::not_found;
  e.what = "Cannot start service '" + service.name + "'";
  e.cause = "the image '" + image + "' is not on this host, and " + std::move(cause);
  e.next = std::move(next);
  return e;
}

struct ServiceImage {
  int exit_code = 0;
  ImageConfig config;
};

Result<ServiceImage> get_image(const CommandContext& context, ComposeProject& project, const ComposeModel& model,
                               const ComposeService& service, const Engine& engine) {
  const std::string name = image_name(project.args(), model, service);
  ServiceImage out;
  auto local = engine.inspect_image(name, Deadline::in(kEngineTime), context.stop);
  if (local.has_error() && local.error().cls != ErrorClass::not_found) return in_service(local.error(), service);
  const ImageStep step = image_step(project.args(), service, local.has_value());
  if (step == ImageStep::missing)
    return no_image(service, name, "flags or pull_policy forbid to get it",
                    "Get it first: docker compose " + std::string(service.has_build ? "build " : "pull ") + service.name);
  if (step == ImageStep::none || (project.args().dry_run && local.has_value())) {
    out.config = std::move(*local);
    return out;
  }
  if (project.args().dry_run)
    return no_image(service, name, "a dry run gets none, but DSO must look at it", "Get it first, then try again.");
  DSO_TRY(DockerCall call, project.call({step == ImageStep::build ? "build" : "pull", "--", service.name}));
  call.stdout_to_stderr = true;
  DSO_TRY(out.exit_code, run_docker(call));
  if (out.exit_code != 0) return out;
  auto got = engine.inspect_image(name, Deadline::in(kEngineTime), context.stop);
  if (got.has_error()) return in_service(got.error(), service);
  out.config = std::move(*got);
  return out;
}

/// The newest generation of a service's scope that a container with a process has; "" where none does.
std::string joined_scope(const std::set<std::string>& live, const std::string& scope_id) {
  std::string out;
  for (const std::string& id : live)
    if (scope_base(id) == scope_base(scope_id) && (out.empty() || scope_generation(id) > scope_generation(out))) out = id;
  return out;
}

/// For a rolling update, which copies them on. One whose name a list cannot hold is taken for the program's own file.
std::string copied_label(const ComposeService& service) {
  std::string out;
  for (const std::string& path : service.copied)
    if (path.find(',') == std::string::npos) out += (out.empty() ? "" : ",") + path;
  return out;
}

class Delivery {
 public:
  Delivery(const CommandContext& context, const ComposeModel& model, const Engine& engine, Sources& sources, TmpfsStore& store,
           const std::set<std::string>& live)
      : context_(context), model_(model), engine_(engine), sources_(sources), store_(store), live_(live) {}

  Result<void> add(ServicePlan& plan, const ImageConfig& image, DeliveredProject& out) {
    const ComposeService& service = *plan.service;
    ServiceOverride over;
    over.name = service.name;
    over.reset = plan.env_references;
    over.set = plan.file_references;
    if (std::string copied = copied_label(service); !copied.empty()) over.labels[label::kCopied] = std::move(copied);
    if (!service.labels.contains(label::kSecrets)) over.labels[label::kSecrets] = secrets_label(plan.items);
    const auto opted = service.labels.find(label::kReloader);
    if (opted != service.labels.end() && opted->second == "false")
      over.labels[label::kReloader] = "false";
    else if (opted == service.labels.end() || opted->second != "true")
      note(context_.globals, "dso: service '" + service.name + "': add the label dso.reloader=true to have changes reach it");

    const std::vector<DeliveryItem> visible = take_visible(plan.items);
    if (!visible.empty()) DSO_CHECK(add_visible(service, visible, over, out));
    if (!plan.items.empty()) DSO_CHECK(add_scope(service, plan.items, image, over, out));
    out.overrides.push_back(std::move(over));
    return {};
  }

 private:
  Result<void> add_visible(const ComposeService& service, const std::vector<DeliveryItem>& items, ServiceOverride& over,
                           DeliveredProject& out) {
    DSO_TRY(VisibleVariables variables, fetch_visible(items, sources_, deadline_, context_.stop));
    out.visible.push_back(std::move(variables));
    for (const PlannedEnv& e : out.visible.back().plan.env) {
      note(context_.globals, "dso: warning: service '" + service.name + "': " + e.name +
                                 " is visible to everyone who may run `docker inspect` (inject: visible: true)");
      over.visible.emplace_back(e.name, e.content);
      std::erase(over.reset, e.name);
    }
    return {};
  }

  /// Its own, and those that other services and containers lend it, who may have borrowed them. `seen`: services that were asked;
  /// a circle is Compose's to refuse.
  Result<std::vector<OwnMount>> mounts_with_lent(const ComposeService& service, std::set<std::string> seen = {}) {
    std::vector<OwnMount> out = service.mounts;
    if (!seen.insert(service.name).second) return out;
    for (const Lender& lender : service.lenders) {
      std::vector<OwnMount> theirs;
      if (!lender.is_service) {
        DSO_TRY(theirs, borrowed_mounts(lender, engine_, deadline_, context_.stop));
      } else {
        for (const ComposeService& s : model_.services) {
          if (s.name != lender.name) continue;
          DSO_TRY(auto all, mounts_with_lent(s, seen));
          theirs = lent(std::move(all), lender);
        }
      }
      out.insert(out.end(), theirs.begin(), theirs.end());
    }
    return out;
  }

  Result<void> add_scope(const ComposeService& service, const std::vector<DeliveryItem>& items, const ImageConfig& image,
                         ServiceOverride& over, DeliveredProject& out) {
    Scope scope;
    scope.service = model_.project + "/" + service.name;
    scope.items = items;
    DSO_CHECK(settle_user(scope, service.user, image, engine_, deadline_, context_.stop));
    scope.id = compose_scope_id(model_.project, scope, service.name);
    DSO_TRY(UniqueFd hold, hold_scope(store_, scope.id));
    out.holds.push_back(std::move(hold));
    out.scope_ids.push_back(scope.id);
    const std::string joined = joined_scope(live_, scope.id);
    DSO_TRY(const Delivered delivered, deliver_scope(scope, sources_, store_, deadline_, context_.stop, joined));
    over.labels[label::kScope] = scope.id;
    over.mounts = delivered.mounts;
    if (delivered.has_env) over.mounts.push_back({delivered.shim_host_path, kShimInContainer});
    DSO_TRY(const auto own, mounts_with_lent(service));
    if (auto clash = mount_clash(mounts_of(own, image, over.mounts), over.mounts)) return std::move(*clash);
    if (!delivered.has_env) return {};
    if (!service.entrypoint && !image.entrypoint.empty()) over.labels[label::kEntrypoint] = "image";
    DSO_TRY(over.start, with_shim(effective_start(image, service.entrypoint, service.command)));
    const std::vector<std::string>& test = service.health_test.empty() ? image.health_test : service.health_test;
    if (!service.no_healthcheck) over.health_test = shimmed_health_test(test, image.shell);
    if (over.health_test == test) over.health_test.clear();
    return {};
  }

  const CommandContext& context_;
  const ComposeModel& model_;
  const Engine& engine_;
  Sources& sources_;
  TmpfsStore& store_;
  const std::set<std::string>& live_;
  const Deadline deadline_ = Deadline::in(kProjectDeliveryTime);
};

}  // namespace

Result<DeliveredProject> deliver_project(const CommandContext& context, ComposeProject& project, const ComposeModel& model,
                                         const Config& config, std::vector<ServicePlan> plans, const Engine& engine,
                                         TmpfsStore& store) {
  DeliveredProject out;
  std::vector<ImageConfig> images;
  for (const ServicePlan& plan : plans) {
    DSO_TRY(ServiceImage image, get_image(context, project, model, *plan.service, engine));
    if (image.exit_code != 0) {
      out.exit_code = image.exit_code;
      return out;
    }
    images.push_back(std::move(image.config));
  }
  DSO_TRY(const std::set<std::string> live,
          live_scopes(engine, store.paths().secrets_dir(), Deadline::in(kEngineTime), context.stop));
  FetchOnce once;  // for each service
  Sources sources(config, context.paths, once.open());
  Delivery delivery(context, model, engine, sources, store, live);
  out.visible.reserve(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    once.forget();
    auto done = name_lone_fields(plans[i].items, sources, Deadline::in(kProjectDeliveryTime), context.stop);
    if (done.has_value()) done = delivery.add(plans[i], images[i], out);
    if (done.has_value()) continue;
    out.holds.clear();
    (void)gc_scopes(engine, store, {out.scope_ids.begin(), out.scope_ids.end()}, unix_ms(), Deadline::in(kEngineTime), {});
    return in_service(done.error(), *plans[i].service);
  }
  return out;
}

}  // namespace dso::cli
