// Taking on a role: AssumeRole with credentials, AssumeRoleWithWebIdentity with a token.
#pragma once
#include <string>
#include <string_view>

#include "aws_client.h"
#include "credentials.h"

namespace aws {

class Sts {
 public:
  Sts(Client& client, std::string origin, std::string region)
      : client_(client), origin_(std::move(origin)), region_(std::move(region)) {}

  /// Throws Failure of the class that STS's answer means.
  Credentials assume_role(const RoleStep& role, const Credentials& with);
  /// Not signed: the token is the proof.
  Credentials with_web_identity(std::string_view role_arn, std::string_view session, std::string_view token);

 private:
  Credentials ask(const Secret& body, std::string_view role_arn, std::string_view action, const Credentials* with);

  Client& client_;
  std::string origin_, region_;
};

}  // namespace aws
