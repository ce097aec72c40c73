// Where AWS's services are: partitions, regions, ARNs, hosts. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace aws {

enum class Service { secrets_manager, ssm, sts, sso };

/// "secretsmanager": the name in hosts and signatures.
std::string_view signing_name(Service service);

/// "aws", "aws-cn", …: the partition that a region belongs to, by its prefix.
std::string_view partition_of(std::string_view region);

/// Letters, digits and '-', so that a region from an ARN or a variable cannot lead to another host.
bool is_region(std::string_view text);

/// "https://secretsmanager.eu-west-1.amazonaws.com".
std::string endpoint_of(Service service, std::string_view region, bool fips, bool dualstack);

/// "arn:aws:secretsmanager:eu-west-1:123456789012:secret:myapp/db-AbCdEf".
struct Arn {
  std::string partition, service, region, account, resource;
};
std::optional<Arn> parse_arn(std::string_view text);

}  // namespace aws
