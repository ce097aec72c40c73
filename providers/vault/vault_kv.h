// From a secret's name to mount and path; KV version 2 with its versions; listing. Plain reads are vault_read's.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

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

  void fetch(dso::sdk::Refs refs, dso::sdk::Answer& answer) { ask_for(refs, What::value, answer); }
  void versions(dso::sdk::Refs refs, dso::sdk::Answer& answer) { ask_for(refs, What::version, answer); }
  void list(dso::sdk::Answer& answer);

 private:
  enum class What { value, version };
  /// What a version 2 mount is asked for a reference, and how to speak of it.
  struct Question {
    dso::sdk::Ref ref;
    Location at;
    What what;
    bool of_data;     ///< Else of the metadata.
    std::string url;  ///< Below /v1/.
    Context about;
  };
  void ask_for(dso::sdk::Refs refs, What what, dso::sdk::Answer& answer);
  Location locate(const std::string& name);
  const Location* known(std::string_view full) const;
  void plain(const Location& at, const dso::sdk::Ref& ref, What what, dso::sdk::Item& item);
  Question question(const Location& at, const dso::sdk::Ref& ref, What what, bool of_data) const;
  std::vector<Question> ask_at_once(std::vector<Question> questions, dso::sdk::Answer& answer);
  void ask_alone(Question question, dso::sdk::Item& item);
  bool take(const Question& question, const Reply& reply, dso::sdk::Item& item);
  void take_data(const Question& question, const Reply& reply, dso::sdk::Item& item) const;
  static bool take_metadata(const Reply& reply, const Context& about, dso::sdk::Item& item);
  Context context(Operation operation, std::string path, std::string_view version = {}) const;
  Reply ask(const Client::Call& call, const Context& context);
  void list_folder(const Location& folder, int depth, int& requests, dso::sdk::Answer& answer);

  dso::sdk::Host host_;
  const Settings& settings_;
  Session& session_;
  Reader& reader_;
  std::map<std::string, Location, std::less<>> known_;  ///< By mount, which never lie in each other; dropped when a read says so.
  std::set<std::string> metadata_forbidden_;            ///< "mount/path": the policy lets us read data only.
};

}  // namespace vault
