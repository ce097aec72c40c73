// Delivers what a compose project's services are to have, and says how each must be changed for it. All or nothing.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "command.h"
#include "compose_call.h"
#include "delivery_items.h"
#include "docker/engine.h"
#include "logic/compose_override.h"
#include "model/config.h"

namespace dso::cli {

/// A service that has secrets, before anything was done for it.
struct ServicePlan {
  const ComposeService* service = nullptr;  ///< Borrowed from the model.
  std::vector<DeliveryItem> items;
  std::vector<std::string> env_references;                           ///< Variables with dso://
  std::vector<std::pair<std::string, std::string>> file_references;  ///< Variables with dsofile:// and the file's path
};
/// Only services with secrets. Errors name the service.
Result<std::vector<ServicePlan>> plan_services(const Config& config, const ComposeModel& model);

struct DeliveredProject {
  int exit_code = 0;  ///< Not 0: building or pulling an image failed, compose has said why.
  std::vector<ServiceOverride> overrides;
  std::vector<std::string> scope_ids;
  std::vector<UniqueFd> holds;            ///< Of those scopes (delivery/scope_hold.h): until compose has made the containers.
  std::vector<VisibleVariables> visible;  ///< What the overrides borrow from.
};
/// Gets the images where they are missing, then delivers every scope. On an error the scopes made for it are wiped, unless a
/// container uses them.
Result<DeliveredProject> deliver_project(const CommandContext& context, ComposeProject& project, const ComposeModel& model,
                                         const Config& config, std::vector<ServicePlan> plans, const Engine& engine,
                                         TmpfsStore& store);

}  // namespace dso::cli
