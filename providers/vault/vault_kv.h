// The KV secrets engine, versions 1 and 2: from a secret's name to mount and path, reading, versions, listing, leases.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "dso/provider.hpp"
#include "vault_auth.h"
#include "vault_config.h"

namespace vault {

/// Where a secret lies.
struct Location {
  std::string mount;  ///< "secret", "team/kv": no slash at its ends.
  std::string path;   ///< Below the mount.
  int version = 2;    ///< Of the engine.
};

/// The name as a path, or a Failure (InvalidRequest): no empty segments, no "." or "..", no control characters. A name comes
/// from labels and compose files too, and must not reach another API of Vault. Pure.
std::string checked_name(std::string_view name);

/// What sys/internal/ui/mounts/<path> says about `path`; empty: the answer is about something else. Throws Failure for an
/// engine that is not KV: reading it may make new credentials at every poll. Pure.
std::optional<Location> location_from(const boost::json::object& data, std::string_view path);

/// Without that answer: the mount of the setting, else "secret", which a Vault has by custom. Pure.
Location guessed_location(const Settings& settings, std::string_view name);

/// A secret's version: "7@2026-01-31T10:00:00.5Z". The number alone begins again at 1 when a secret is removed with its
/// history and written anew, and nobody would notice that the value is another. Pure.
std::string version_text(std::int64_t number, std::string_view created);
/// "7" of "7@…" or "7"; a Failure (InvalidRequest) for anything else. Pure.
std::string_view version_number(std::string_view version);

class Kv {
 public:
  Kv(dso::sdk::Host host, const Settings& settings, Session& session) : host_(host), settings_(settings), session_(session) {}

  void fetch(const dso::sdk::Ref& ref, dso::sdk::Item& item);
  void version(const dso::sdk::Ref& ref, dso::sdk::Item& item);
  void list(dso::sdk::Answer& answer);
  void renew(std::string_view lease, dso::sdk::Item& item);

 private:
  Location locate(const std::string& name);
  Context context(Operation operation, std::string path, std::string_view version = {}) const;
  Reply ask(const Client::Call& call, const Context& context);
  void emit_fields(const Reply& reply, const boost::json::object& fields, std::initializer_list<std::string_view> path,
                   const Context& context, dso::sdk::Item& item);
  bool version_from_metadata(const Location& at, dso::sdk::Item& item);
  void list_folder(const Location& folder, int depth, int& requests, dso::sdk::Answer& answer);

  dso::sdk::Host host_;
  const Settings& settings_;
  Session& session_;
  std::map<std::string, Location> known_;     ///< By name; dropped when a read says the place is wrong.
  std::set<std::string> metadata_forbidden_;  ///< "mount/path": the policy lets us read data only.
};

}  // namespace vault
