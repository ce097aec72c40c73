// What a reference means to AWS: a secret of Secrets Manager or a parameter of SSM, in which region, which version. Pure.
#pragma once
#include <string>
#include <string_view>

#include "endpoints.h"

namespace aws {

struct SecretName {
  Service service = Service::secrets_manager;
  std::string id;             ///< As AWS takes it: name or ARN.
  std::string region;         ///< Of the ARN; empty: the instance's.
  std::string selector = {};  ///< Of a parameter, as AWS writes it: "3" of "/path/name:3", or a label.
};
/// "myapp/db", a full ARN, "ssm:/path/name", or an SSM parameter's ARN, the latter two with ":3" or ":label" behind. Throws
/// Failure (InvalidRequest).
SecretName parse_name(std::string_view name);

/// A version as asked for: an id (32 to 64 letters, digits and '-') or a staging label ("AWSPREVIOUS"; "stage:NAME" for one
/// that looks like an id).
struct VersionWanted {
  std::string id, stage;  ///< At most one.
};
VersionWanted parse_version(std::string_view version);

/// The ARN for a policy: with '*' for the account where the name does not tell it, and the six characters that Secrets
/// Manager appends.
std::string policy_resource(const SecretName& name, const std::string& region);

}  // namespace aws
