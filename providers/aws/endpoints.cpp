// The table of partitions.
#include "endpoints.h"

#include <algorithm>
#include <array>

namespace aws {
namespace {

struct Partition {
  std::string_view name, prefix, suffix, dualstack_suffix;
};
// The first row whose prefix the region has counts.
constexpr std::array kPartitions{
    Partition{"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    Partition{"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
    Partition{"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    Partition{"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    Partition{"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    Partition{"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    Partition{"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    Partition{"aws", "", "amazonaws.com", "api.aws"},
};

const Partition& row_of(std::string_view region) {
  return *std::find_if(kPartitions.begin(), kPartitions.end(), [&](const Partition& p) { return region.starts_with(p.prefix); });
}

}  // namespace

std::string_view signing_name(Service service) {
  switch (service) {
    case Service::secrets_manager: return "secretsmanager";
    case Service::ssm: return "ssm";
    case Service::sts: return "sts";
    case Service::sso: return "portal.sso";
  }
  return "";
}

std::string_view partition_of(std::string_view region) {
  return row_of(region).name;
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string endpoint_of(Service service, std::string_view region, bool fips, bool dualstack) {
  const Partition& p = row_of(region);
  return "https://" + std::string(signing_name(service)) + (fips ? "-fips." : ".") + std::string(region) + "." +
         std::string(dualstack ? p.dualstack_suffix : p.suffix);
}

std::optional<Arn> parse_arn(std::string_view text) {
  if (!text.starts_with("arn:")) return std::nullopt;
  std::array<std::string_view, 5> parts;
  std::string_view rest = text.substr(4);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts[i] = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  parts[4] = rest;
  if (parts[0].empty() || parts[1].empty() || parts[4].empty()) return std::nullopt;
  return Arn{std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3]), std::string(parts[4])};
}

}  // namespace aws
