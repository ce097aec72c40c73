// The names that a rotation gives: containers, scopes. Pure.
#pragma once
#include <string>

#include "model/container.h"

namespace dso {

/// How many rotations its service has behind it, by its label; `otherwise` where that is none of ours.
int generation_of(const Container& container, int otherwise);
std::string candidate_name(const std::string& service);  ///< "<service>_dso_new"
std::string old_name(const std::string& service);        ///< "<service>_dso_old"

/// A scope's id without its generation: "compose-p-s-<16 hex>.3" and "compose-p-s-<16 hex>" share one.
std::string scope_base(const std::string& scope_id);
/// 1 for a scope without a suffix.
int scope_generation(const std::string& scope_id);
/// "<base>.<generation>", for generations of 2 and above.
std::string scope_of_generation(const std::string& base, int generation);

}  // namespace dso
