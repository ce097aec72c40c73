// The versions that the stores have now, asked once an instance. Never a value.
#pragma once
#include <map>
#include <set>
#include <stop_token>
#include <string>

#include "agent/sources.h"

namespace dso {

/// An entry for each key; an error where its store does not say.
std::map<SecretKey, Result<std::string>> present_versions(Sources& sources, const std::set<SecretKey>& keys,
                                                          const Deadline& deadline, std::stop_token stop);

}  // namespace dso
