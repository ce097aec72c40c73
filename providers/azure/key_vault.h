// Secrets of one vault: reading, versions, listing. Every value goes from the parsed answer straight to the host.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "azure_config.h"
#include "dso/provider.hpp"
#include "vault_client.h"
#include "version_memory.h"

namespace azure {

/// Throws Failure (InvalidRequest) for what is no name of Key Vault's: it becomes part of a URL. Pure.
void check_name(std::string_view name);
void check_version(std::string_view version);

/// The last segment of an id ("https://kv…/secrets/NAME/VERSION") whose kind and name are as expected; else empty. Pure.
std::string_view version_in_id(std::string_view id);
/// The name in a list's id ("https://kv…/secrets/NAME"); else empty. Pure.
std::string_view name_in_id(std::string_view id);

class KeyVault {
 public:
  KeyVault(dso::sdk::Host host, const Settings& settings, Session& session) : host_(host), client_(host, settings, session) {}

  void fetch(const dso::sdk::Ref& ref, dso::sdk::Item& item);
  void versions(dso::sdk::Refs refs, dso::sdk::Answer& answer);
  void list(dso::sdk::Answer& answer);

 private:
  /// The list as far as it was read. One listing serves each name once: a poll that comes in pieces reads it once, the next
  /// poll reads it anew.
  struct Listing {
    std::map<std::string, std::int64_t> updated;  ///< By name in lower case.
    std::set<std::string> served;
    std::string next;  ///< Path of the next page; empty: all is read.
    std::size_t pages = 0;
    std::int64_t begun_ms = 0;
  };

  Reply read(std::string_view name, std::string_view version);
  std::string_view remember(const Reply& reply, std::string_view name, std::string_view version);
  void version(const dso::sdk::Ref& ref, bool may_list, std::size_t secrets, int& overdue, dso::sdk::Item& item);
  std::optional<std::int64_t> listed(const std::string& name, std::size_t budget);
  bool may_list(std::size_t secrets) const;
  template <class F>
  std::string page(const std::string& path, F&& entry);

  dso::sdk::Host host_;
  VaultClient client_;
  VersionMemory memory_;
  std::optional<Listing> listing_;
  std::size_t pages_ = 0;                         ///< Of the last listing, or how many were not enough.
  std::int64_t list_again_ms_ = 0;                ///< Until then the list is left alone: denied, or too long.
  bool deleted_forbidden_ = false;                ///< The identity may not look among the deleted.
  std::optional<dso::sdk::Failure> list_failed_;  ///< In this entry.
};

}  // namespace azure
