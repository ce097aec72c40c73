// AWS Secrets Manager: values and versions, one by one or twenty a call, and the list of names.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dso/provider.hpp"
#include "secret_name.h"
#include "session.h"

namespace aws {

/// The fields of a value: a JSON object's members, else the one field "value".
void emit_text(std::string_view text, dso::sdk::Item& item);

class SecretsManager {
 public:
  SecretsManager(dso::sdk::Host host, Session& session) : host_(host), session_(session) {}

  /// One reference of a call, its name taken apart.
  struct Wanted {
    dso::sdk::Ref ref;
    SecretName name;
  };
  enum class What { value, version };
  /// Answers all of them.
  void get(const std::vector<Wanted>& wanted, What what, dso::sdk::Answer& answer);
  void list(dso::sdk::Answer& answer);

 private:
  void get_one(const Wanted& wanted, What what, dso::sdk::Item& item);
  std::vector<Wanted> get_batch(const std::vector<Wanted>& batch, const std::string& region, What what, dso::sdk::Answer& answer);
  Context context(const Wanted& wanted, const std::string& region, std::string_view action) const;

  dso::sdk::Host host_;
  Session& session_;
  std::int64_t no_batch_before_ms_ = 0;  ///< BatchGetSecretValue was denied.
};

}  // namespace aws
