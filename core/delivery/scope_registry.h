// The scopes that this host delivers, by name, on disk: <state_dir>/scopes/<id>.json. What is needed to fill the tmpfs again
// after a reboot; never a value.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/delivery.h"

namespace dso::delivery {

/// [a-z0-9_.-]{1,128}, not beginning with a dot (those names are the store's own).
bool is_scope_id(const std::string& id);
Result<void> check_scope_id(const std::string& id);

/// Where they lie; it changes whenever one of them does.
std::string scopes_folder(const std::string& state_dir);
/// Written only when it changes.
Result<void> remember_scope(const std::string& state_dir, const Scope& scope);
/// "instance/name" -> the version that containers were last seen to work with: what is asked for first after a reboot. In
/// <state_dir>/judged/<id>.json; empty where there is none, or it cannot be read.
std::map<std::string, std::string> judged_versions(const std::string& state_dir, const std::string& id);
/// Written only when it changes.
Result<void> remember_judged(const std::string& state_dir, const std::string& id,
                             const std::map<std::string, std::string>& versions);
Result<void> forget_scope(const std::string& state_dir, const std::string& id);
/// One of them; an error where it is not remembered, or damaged.
Result<Scope> remembered_scope(const std::string& state_dir, const std::string& id);
/// A damaged file is skipped with a log line.
std::vector<Scope> remembered_scopes(const std::string& state_dir);

}  // namespace dso::delivery
