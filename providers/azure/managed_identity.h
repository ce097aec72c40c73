// The identity that Azure gives the machine itself: a VM's metadata service, App Service and Container Apps, and Arc.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "azure_config.h"
#include "credential.h"
#include "dso/provider.hpp"

namespace azure {

/// Which endpoint the environment names. Pure, of the variables' values.
struct EndpointVariables {
  std::string identity_endpoint;
  bool has_header = false;  ///< IDENTITY_HEADER, which is a credential, is set.
  std::string imds_endpoint, pod_authority, thumbprint;
};
struct ManagedEndpoint {
  Endpoint kind = Endpoint::vm;
  std::string url;  ///< Without query.
};
/// Throws Failure (Unsupported) for Service Fabric, whose endpoint has a certificate of its own.
ManagedEndpoint managed_endpoint(const EndpointVariables& variables);

/// The URL to ask, with the parameters as this endpoint calls them. Pure.
std::string managed_url(const ManagedEndpoint& endpoint, const Managed& who, std::string_view resource);

/// May this file be read and sent to whoever answers on the endpoint's port? Only a *.key right in the agent's folder: another
/// process on that port must not get /etc/shadow read for it. Pure.
bool is_arc_key(std::string_view path, std::string_view folder);

class ManagedCredential final : public Credential {
 public:
  /// `alone`: the config names this method, so it is waited for a little longer.
  ManagedCredential(dso::sdk::Host host, const Managed& who, bool alone) : host_(host), who_(who), alone_(alone) {}
  Token get(const Wanted& wanted) override;
  Identity identity() const override;

 private:
  struct Answer;
  const ManagedEndpoint& endpoint();
  void probe();
  Answer ask(const std::string& url, std::string_view authorization);
  Answer ask_arc(const std::string& url);

  dso::sdk::Host host_;
  const Managed& who_;
  bool alone_;
  std::optional<ManagedEndpoint> endpoint_;
  Secret identity_header_;
  std::string seen_client_id_;  ///< As the endpoint calls it.
  bool answered_ = false;       ///< It is there.
  int failures_ = 0;            ///< In a row.
};

}  // namespace azure
