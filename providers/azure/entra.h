// Logging in to Entra ID as an application: by client secret, by certificate, or by a federated token (workload identity).
#pragma once
#include <string>

#include "azure_config.h"
#include "credential.h"
#include "dso/provider.hpp"

namespace azure {

class EntraCredential final : public Credential {
 public:
  EntraCredential(dso::sdk::Host host, const Application& application, const std::string& authority)
      : host_(host), app_(application), authority_(authority) {}
  Token get(const Wanted& wanted) override;
  Identity identity() const override;

 private:
  struct Answer;
  Answer post(const std::string& url, const Wanted& wanted);
  Secret body_of(const std::string& url, const Wanted& wanted);
  Proof proof() const;

  dso::sdk::Host host_;
  const Application& app_;
  const std::string& authority_;
  std::int64_t clock_ms_ = 0;  ///< What Entra's clock is ahead of ours, once it mattered.
  std::uint64_t assertions_ = 0;
};

}  // namespace azure
