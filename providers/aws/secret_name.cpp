// Names, versions, and how a policy writes them.
#include "secret_name.h"

#include <algorithm>

#include "dso/provider.hpp"

namespace aws {

using dso::sdk::Failure;

SecretName parse_name(std::string_view name) {
  SecretName out;
  if (name.empty() || name.size() > 2048 || std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20; }))
    throw Failure(DSO_E_INVALID_REQUEST, "this is no secret's name", "Write it as the store has it.");
  if (name.starts_with("ssm:")) {
    out.service = Service::ssm;
    name.remove_prefix(4);
    if (name.empty()) throw Failure(DSO_E_INVALID_REQUEST, "there is no name after ssm:", "Write ssm:/path/name.");
  }
  out.id = name;
  if (!name.starts_with("arn:")) return out;
  const auto arn = parse_arn(name);
  const bool secret = arn && arn->service == "secretsmanager" && arn->resource.starts_with("secret:");
  const bool parameter = arn && arn->service == "ssm" && arn->resource.starts_with("parameter");
  if ((!secret && !parameter) || !is_region(arn->region))
    throw Failure(DSO_E_INVALID_REQUEST, "this is not the ARN of a secret or parameter",
                  "Write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX.");
  out.service = secret ? Service::secrets_manager : Service::ssm;
  out.region = arn->region;
  return out;
}

VersionWanted parse_version(std::string_view version) {
  if (version.starts_with("stage:")) return {{}, std::string(version.substr(6))};
  const bool id = version.size() >= 32 && version.size() <= 64 && std::all_of(version.begin(), version.end(), [](char c) {
                    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
                  });
  return id ? VersionWanted{std::string(version), {}} : VersionWanted{{}, std::string(version)};
}

std::string policy_resource(const SecretName& name, const std::string& region) {
  if (name.id.starts_with("arn:")) return name.id;
  const std::string head = "arn:" + std::string(partition_of(region)) + ":";
  if (name.service == Service::ssm)
    return head + "ssm:" + region + ":*:parameter" + (name.id.starts_with('/') ? "" : "/") + name.id;
  return head + "secretsmanager:" + region + ":*:secret:" + name.id + "-??????";
}

}  // namespace aws
