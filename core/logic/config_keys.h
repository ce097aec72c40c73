// The keys of dso.yaml as tables, a table a place: what the readers accept, what "did you mean" offers, and what
// docs/dso.schema.json must name (a test compares them). Data only.
#pragma once
#include <span>
#include <string_view>
#include <vector>

namespace dso {

struct ConfigKey {
  enum class Kind {
    present,  ///< Belongs in new files and in the schema.
    older,    ///< The Go project's spelling: read, its reader warns and shows the present one.
    ignored,  ///< Theirs, without a meaning here: `note` is the warning's hint.
    refused,  ///< Known, but not yet there: `note` is the error's hint.
  };
  std::string_view name;
  Kind kind = Kind::present;
  std::span<const std::string_view> choices = {};  ///< The values there are, where they are a fixed set.
  std::string_view note = {};
};

/// Places are dotted as in a finding's key, with "[]" for any list entry and "*" for any name: "secrets[].targets".
struct ConfigPlace {
  std::string_view place;
  std::vector<ConfigKey> keys;
};

/// Every place, once. inject and reload_strategy are places of their own, whoever holds them.
const std::vector<ConfigPlace>& config_places();
/// Must exist.
const ConfigPlace& config_place(std::string_view place);
const ConfigKey* find_key(const ConfigPlace& place, std::string_view name);

// Fixed sets that are needed by themselves.
std::span<const std::string_view> inject_choices();
std::span<const std::string_view> strategy_choices();  ///< In the order of dso::Strategy.

/// Settings of an instance that belong to certain kinds only; a setting that is not here belongs to every kind.
struct KindSetting {
  std::string_view name;
  std::span<const std::string_view> kinds;
};
std::span<const KindSetting> kind_settings();
/// What belongs under `auth.params` of that kind, as its provider's README lists it; empty for the kinds that are not DSO's own.
/// The provider reads and checks them; the config's reader only knows where they belong.
std::span<const std::string_view> auth_params(std::string_view kind);
/// Those of them that count with one method (in lower case); empty: that is the provider's to say.
std::vector<std::string_view> params_of_method(std::string_view kind, std::string_view method);
/// The kinds that come with DSO.
std::span<const std::string_view> built_in_kinds();

}  // namespace dso
