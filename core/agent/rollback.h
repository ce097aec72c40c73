// Back to the last good values of one container, when somebody says so: `dso rollback`. The value that it leaves is not delivered
// again until the store has another one.
#pragma once
#include <stop_token>
#include <string>

#include "agent/reconcile.h"

namespace dso {

/// NotFound: no such container, or DSO delivers nothing to it.
Result<std::string> scope_of_container(const Engine& engine, const TmpfsStore& store, const std::string& name,
                                       std::stop_token stop);

/// A container that came by a rolling update goes back to the scope it came from, by a rolling update; the others get the files
/// from before and are told of them as their strategy says. What was done, for people. Errors: NotFound (nothing earlier is
/// kept), Unhealthy (it did not work with the earlier value either, and stays as it is).
Result<std::string> rollback_container(const ReloadTools& tools, const std::string& name, std::stop_token stop);

}  // namespace dso
