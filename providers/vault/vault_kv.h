// From a secret's name to mount and path; KV version 2 with its versions; listing. Plain reads are vault_read's.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "dso/provider.hpp"
#include "vault_auth.h"
#include "vault_config.h"
#include "vault_names.h"
#include "vault_read.h"

namespace vault {

class Kv {
 public:
  Kv(dso::sdk::Host host, const Settings& settings, Session& session, Reader& reader)
      : host_(host), settings_(settings), session_(session), reader_(reader) {}

  void fetch(const dso::sdk::Ref& ref, dso::sdk::Item& item);
  void version(const dso::sdk::Ref& ref, dso::sdk::Item& item);
  void list(dso::sdk::Answer& answer);

 private:
  Location locate(const std::string& name);
  void fetch_version_2(const Location& at, const dso::sdk::Ref& ref, dso::sdk::Item& item);
  Context context(Operation operation, std::string path, std::string_view version = {}) const;
  Reply ask(const Client::Call& call, const Context& context);
  bool version_from_metadata(const Location& at, dso::sdk::Item& item);
  void list_folder(const Location& folder, int depth, int& requests, dso::sdk::Answer& answer);

  dso::sdk::Host host_;
  const Settings& settings_;
  Session& session_;
  Reader& reader_;
  std::map<std::string, Location> known_;     ///< By name; dropped when a read says the place is wrong.
  std::set<std::string> metadata_forbidden_;  ///< "mount/path": the policy lets us read data only.
};

}  // namespace vault
