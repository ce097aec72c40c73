// What the readers of the config share: looking a text up, refusing with the setting's name. For vault_config*.cpp only.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "vault_config.h"

namespace vault {

[[noreturn]] void refuse(std::string message, std::string next = {});

std::string_view trimmed(std::string_view s, std::string_view of);

/// "Did you mean 'mount'?", or where the settings are described.
std::string suggestion(std::string_view unknown, std::span<const std::string_view> known);

/// Parameters of `auth` count before settings of the same name.
struct Source {
  const boost::json::object* settings;
  const boost::json::object* params;
  std::string_view text(std::string_view key) const;
  /// A path, absolute or none.
  std::string file(std::string_view key) const;
};

/// The method, what belongs to it, and that nothing else is given.
void read_auth(const dso::sdk::Host& host, std::string_view method, const Source& from, Settings& settings);

}  // namespace vault
