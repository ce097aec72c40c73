// Credentials, when they are renewed, and where in a profile they come from. Pure; the chain that gets them is chain.h.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aws_json.h"
#include "profile_file.h"

namespace aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key, session_token;
  std::int64_t expires_ms = 0;  ///< 0: never.
  std::string identity;         ///< For people: "role arn:…", "access key AKIA… of the environment". Never a secret.
  bool empty() const { return access_key_id.empty(); }
};

/// What to do with credentials that are already there.
enum class Freshness {
  fresh,
  advisory,   ///< Within 15 minutes of their end: renew, and keep them if that fails.
  mandatory,  ///< Within 10 minutes: renew at every call.
  expired,
};
Freshness freshness_of(std::int64_t expires_ms, std::int64_t now_ms);

/// A role to take on with what came before it.
struct RoleStep {
  std::string role_arn, external_id, session_name;
  std::int64_t seconds = 0;  ///< 0: STS's own.
};

/// What a profile says about credentials: a base, then roles, the first one first.
struct ProfilePlan {
  enum class Base { none, static_keys, web_identity, sso, process, environment, instance, container };
  Base base = Base::none;
  bool in_credentials_file = false;
  std::string profile;                     ///< The one that has the base.
  const Properties* properties = nullptr;  ///< Of that profile; borrowed from the file.
  std::vector<RoleStep> roles;
};

/// Throws Failure (CredentialsUnavailable) for a profile that contradicts itself: a circle, half a key pair, a code to type.
/// A profile that is not there, or says nothing about credentials, has base `none`.
ProfilePlan plan_of(const ProfileFile& file, std::string_view profile);

}  // namespace aws
