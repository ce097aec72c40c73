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
  const auto take_selector = [&out](std::size_t colon) {
    if (colon == std::string::npos) return;
    out.selector = out.id.substr(colon + 1);
    out.id.resize(colon);
    if (out.selector.empty() || out.id.empty())
      throw Failure(DSO_E_INVALID_REQUEST, "there is no name before, or no version after ':'", "Write ssm:/path/name:3.");
  };
  out.id = name;
  if (out.service == Service::ssm && !name.starts_with("arn:")) take_selector(out.id.find(':'));
  if (!name.starts_with("arn:")) return out;
  const auto arn = parse_arn(name);
  const bool secret = arn && arn->service == "secretsmanager" && arn->resource.starts_with("secret:");
  const bool parameter = arn && arn->service == "ssm" && arn->resource.starts_with("parameter");
  if ((!secret && !parameter) || !is_region(arn->region))
    throw Failure(DSO_E_INVALID_REQUEST, "this is not the ARN of a secret or parameter",
                  "Write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX.");
  const std::size_t colon = arn->resource.find(':', secret ? 7 : 0);
  if (secret && colon != std::string::npos)
    throw Failure(DSO_E_INVALID_REQUEST, "this is an ARN as ECS writes it, with key and version behind the name",
                  "Write ARN?version=AWSPREVIOUS#key, or the ARN#key for the present version.");
  out.service = secret ? Service::secrets_manager : Service::ssm;
  if (colon != std::string::npos) take_selector(out.id.rfind(':'));
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
