// Who we are to AWS and where it is: the chain of credential sources, their renewal, the region and the endpoints. One of
// these per instance; knows no services' answers.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws_client.h"
#include "aws_config.h"
#include "credentials.h"
#include "endpoints.h"
#include "metadata.h"

namespace aws {

class Session {
 public:
  Session(dso::sdk::Host host, const Settings& settings) : host_(host), settings_(settings), client_(host), instance_(host) {}

  /// At the start of each entry: within one entry a source that failed is not asked again for each reference.
  void begin();

  /// Signs and asks `service` in `region`. Credentials that AWS no longer takes are replaced once, and the request sent again.
  /// Any other status is the caller's. Throws Failure where there are no credentials or no answer.
  Reply ask(Service service, const std::string& region, std::string_view target, std::string_view body);

  /// The instance's region; throws Failure where none is configured.
  std::string region();
  /// "role arn:…", "access key AKIA…"; before the first request: what is known.
  std::string identity() const;

  /// Renewed where they must be. Throws Failure where there are none.
  const Credentials& credentials();

 private:
  bool renewable() const;
  void renew(Freshness freshness);
  Credentials obtain();
  Credentials from_chain(bool& found);
  std::optional<Credentials> from_environment();
  Credentials from_settings();
  std::optional<Credentials> web_identity(std::string_view role, std::string_view session, const std::string& file);
  std::optional<Credentials> from_profile(bool roles_only);
  Credentials base_of(const ProfilePlan& plan);
  Credentials with_roles(const std::vector<RoleStep>& roles, Credentials credentials);

  const ProfileFile& files();
  std::string profile_name() const { return settings_.profile.empty() ? "default" : settings_.profile; }
  std::string profile_property(std::string_view name);
  std::string origin_of(Service service, const std::string& region);

  dso::sdk::Host host_;
  const Settings& settings_;
  Client client_;
  InstanceMetadata instance_;

  Credentials credentials_;
  std::int64_t renew_not_before_ms_ = 0;
  std::optional<ProfileFile> files_;
  std::vector<std::string> looked_at_;       ///< What had no credentials, for the error.
  std::string instance_region_;              ///< Of the instance metadata.
  bool asked_for_instance_region_ = false;   ///< In this entry.
  std::optional<dso::sdk::Failure> failed_;  ///< In this entry, there are no credentials to be had.
};

}  // namespace aws
