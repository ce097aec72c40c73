// Plain reads: KV version 1 and any other engine. What comes with a lease (database/creds/x makes a new user at each read) is
// kept, renewed and read anew in time, so that a poll makes no credentials. Knows no KV version 2.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dso/provider.hpp"
#include "vault_auth.h"
#include "vault_config.h"

namespace vault {

/// Calls `f(name, value)` for each member of `fields`, which stands at `path` of the answer: strings as their text, anything
/// else as compact JSON. Malformed if one is there twice.
void each_field(const Reply& reply, const boost::json::object& fields, std::initializer_list<std::string_view> path,
                const Context& context, const std::function<void(std::string_view, std::string_view)>& f);

/// What one read gave.
struct Reading {
  std::vector<std::pair<std::string, Secret>> fields;
  std::string version;  ///< Empty: the engine tells none, values are to be compared.
  std::string lease;    ///< Its id; empty: without.
  Lifetime life;
};

/// A lease's name for people and for comparing: the end of its id, which is no secret. Pure.
std::string lease_version(std::string_view lease_id);

class Reader {
 public:
  Reader(dso::sdk::Host host, const Settings& settings, Session& session) : host_(host), settings_(settings), session_(session) {}

  /// At the start of each entry, after the session's: the token that leases hang on is kept alive, even if nothing is asked.
  void begin();
  void fetch(const std::string& path, dso::sdk::Item& item);
  /// Unsupported where a read gives neither lease nor date.
  void version(const std::string& path, dso::sdk::Item& item);
  void renew(std::string_view lease, dso::sdk::Item& item);

  /// Gives back what was leased and no container uses, or all of it. With `token_goes` those of the session's present token are
  /// left to end with it. Never throws.
  void revoke(bool all, bool token_goes) noexcept;
  /// Somebody lives on a lease that ends with the session's present token.
  bool token_in_use() const noexcept;

 private:
  struct Held {
    Reading reading;
    int generation = 0;             ///< Of the token that made it,
    std::int64_t token_end_ms = 0;  ///< which ends then.
  };
  Reading read(const std::string& path);
  Held& hold(const std::string& path, Reading&& reading);
  Held* current(const std::string& path);
  Due what_is_due(const Held& held) const;
  bool renew_held(Held& held);
  bool is_gone(const Held& held);
  Held& read_anew(const std::string& path, Held& held);
  void mark();
  Reply ask(const Client::Call& call, Context context);
  Context context(Operation operation, std::string path) const;
  void emit_lease(const Held& held, dso::sdk::Item& item) const;

  dso::sdk::Host host_;
  const Settings& settings_;
  Session& session_;
  std::map<std::string, Held> held_;  ///< By path.
  std::set<std::string> plain_;       ///< Paths whose reads gave neither lease nor date.
  bool lookup_forbidden_ = false;     ///< The policy lets us renew leases at most.
};

}  // namespace vault
