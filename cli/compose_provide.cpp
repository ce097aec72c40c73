// Stdout speaks Compose's protocol; stderr is the user's terminal.
#include "compose_provide.h"

#include "agent/deliver.h"
#include "agent/load_config.h"
#include "logic/compose_provider.h"
#include "render.h"
#include "secret_output.h"

namespace dso::cli {
namespace {

constexpr auto kTime = std::chrono::seconds(60);

/// Fetched now, though the files come by the volume: what cannot be had fails here, with the store's reason, before any service
/// that depends on it is made.
Result<SecretBuffer> variables_of(const ComposeProviderCall& call, CommandContext& context) {
  DSO_TRY(LoadedConfig loaded, load_config(context.globals.config_path));
  Scope scope;
  scope.id = "compose";
  scope.service = call.project + "/" + call.service;
  DSO_TRY(scope.items, compose_provider_items(call, loaded.config));
  Sources sources(loaded.config, context.paths);
  DSO_TRY(FetchedScope fetched, fetch_scope(scope, sources, {}, "", {}, Deadline::in(kTime), context.stop, FetchFor::look));
  DSO_TRY(const DeliveryPlan plan, plan_fetched(scope, fetched, ""));
  DSO_CHECK(check_compose_variables(plan, call.service));
  return compose_variables(plan);
}

/// Compose shows the message; our own rendering would stand among its progress lines.
int failed(const Error& e) {
  write_out(compose_message("error", render(e)));
  return exit_code(e.cls);
}

}  // namespace

CommandResult provide_to_compose(CommandContext& context) {
  const auto call = parse_compose_provider(context.arguments);
  if (call.has_error()) return failed(call.error());
  switch (call->event) {
    case ComposeProviderCall::Event::metadata: return print(compose_provider_metadata()) ? 0 : 1;
    case ComposeProviderCall::Event::down: return 0;  // nothing of it is kept outside the volume, which is Compose's
    case ComposeProviderCall::Event::up: break;
  }
  auto variables = variables_of(*call, context);
  if (variables.has_error()) return failed(variables.error());
  return write_out(view(*variables)) ? 0 : 1;
}

}  // namespace dso::cli
