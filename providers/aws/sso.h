// IAM Identity Center: the token that `aws sso login` left behind is exchanged for a role's credentials.
#pragma once
#include <string>
#include <string_view>

#include "aws_client.h"
#include "credentials.h"

namespace aws {

/// "~/.aws/sso/cache/<sha1>.json" of a session's name, or of a start URL where the profile names no session. Pure.
std::string sso_cache_file(std::string_view session_or_url);

/// Throws Failure: CredentialsUnavailable where a login is due.
Credentials sso_credentials(const dso::sdk::Host& host, Client& client, const ProfileFile& file, const ProfilePlan& plan);

}  // namespace aws
