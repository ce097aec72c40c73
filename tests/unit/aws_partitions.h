// AWS's partitions as botocore's partitions.json has them, asked alike of what builds the hosts (providers/aws/endpoints) and of
// what allows them (core/provider/kinds): a host that one knows and the other does not is a store that cannot be reached.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace aws_partitions {

struct Partition {
  std::string name, region, domain, dualstack_domain;
};
inline const std::vector<Partition>& all() {
  static const std::vector<Partition> partitions{
      {"aws", "eu-west-1", "amazonaws.com", "api.aws"},
      {"aws-us-gov", "us-gov-west-1", "amazonaws.com", "api.aws"},
      {"aws-cn", "cn-northwest-1", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
      {"aws-eusc", "eusc-de-east-1", "amazonaws.eu", "api.amazonwebservices.eu"},
      {"aws-iso", "us-iso-east-1", "c2s.ic.gov", "api.aws.ic.gov"},
      {"aws-iso-b", "us-isob-east-1", "sc2s.sgov.gov", "api.aws.scloud"},
      {"aws-iso-e", "eu-isoe-west-1", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
      {"aws-iso-f", "us-isof-south-1", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
  };
  return partitions;
}

struct Endpoint {
  std::string service, region, url;
  bool fips, dualstack;
};
/// Every service that the provider asks, in every partition, in every form.
inline std::vector<Endpoint> endpoints() {
  std::vector<Endpoint> out;
  for (const Partition& p : all())
    for (const char* service : {"secretsmanager", "ssm", "sts", "portal.sso"})
      for (const bool fips : {false, true})
        for (const bool dualstack : {false, true}) {
          if (std::string_view(service) == "portal.sso" && (fips || dualstack))
            continue;  // providers/aws/sso.cpp asks the plain one
          out.push_back({service, p.region,
                         std::string("https://") + service + (fips ? "-fips." : ".") + p.region + "." +
                             (dualstack ? p.dualstack_domain : p.domain),
                         fips, dualstack});
        }
  return out;
}

}  // namespace aws_partitions
