// Shared by the two files that read the settings, and by nobody else: where a text comes from, and how a wrong one is refused.
#pragma once
#include <string>
#include <string_view>

#include "azure_config.h"

namespace azure {

/// Throws Failure (InvalidRequest).
[[noreturn]] void refuse(std::string message, std::string next = {});

/// Parameters of `auth` count before settings of the same name.
struct Given {
  const boost::json::object* settings;
  const boost::json::object* params;
  std::string_view text(std::string_view key) const;
  /// An absolute path, or empty.
  std::string file(std::string_view key) const;
};

std::string variable(const dso::sdk::Host& host, std::string_view name);
/// A GUID or a domain: it becomes part of a URL and of JSON.
std::string checked_id(std::string value, std::string_view what);

/// settings.chain from auth.method, or from what is there.
void read_method(const dso::sdk::Host& host, const Given& given, std::string_view method, Settings& settings);

}  // namespace azure
