// The table. Sources: the AWS SDKs' reference guide (settings, endpoints, credential providers), Azure's managed identity
// documentation (IMDS, App Service, Arc) and its national clouds, Vault's environment variables.
#include "provider/kinds.h"

#include <algorithm>
#include <array>

namespace dso {
namespace {

/// Every partition's domains, of IPv4 and of dual-stack endpoints: what providers/aws/endpoints.cpp makes hosts of (the tests of
/// both walk through tests/unit/aws_partitions.h).
constexpr const char* kAwsDomains[] = {"amazonaws.com",    "api.aws",                       // aws, aws-us-gov
                                       "amazonaws.com.cn", "api.amazonwebservices.com.cn",  // aws-cn
                                       "amazonaws.eu",     "api.amazonwebservices.eu",      // aws-eusc
                                       "c2s.ic.gov",       "api.aws.ic.gov",                // aws-iso
                                       "sc2s.sgov.gov",    "api.aws.scloud",                // aws-iso-b
                                       "cloud.adc-e.uk",   "api.cloud-aws.adc-e.uk",        // aws-iso-e
                                       "csp.hci.ic.gov",   "api.aws.hci.ic.gov"};           // aws-iso-f

/// Only the services that a secret's way leads through, in any region (an ARN may name another one) and partition:
/// "*.amazonaws.com" would allow a stranger's bucket.
std::vector<std::string> aws_origins() {
  std::vector<std::string> out;
  for (const char* domain : kAwsDomains)
    for (const char* service :
         {"secretsmanager", "secretsmanager-fips", "ssm", "ssm-fips", "sts", "sts-fips", "portal.sso", "oidc"})
      out.push_back(std::string("https://") + service + ".*." + domain + ":443");
  out.emplace_back("https://sts.amazonaws.com:443");
  // the instance's metadata; the credentials of ECS tasks and EKS pods
  for (const char* host : {"169.254.169.254", "[fd00:ec2::254]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"})
    out.push_back(std::string("http://") + host + ":80");
  return out;
}

std::vector<std::string> azure_origins() {
  std::vector<std::string> out{"http://169.254.169.254:80"};
  for (const char* authority :
       {"login.microsoftonline.com", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "login.microsoftonline.us"})
    out.push_back(std::string("https://") + authority + ":443");
  return out;
}

}  // namespace

const Kind* find_kind(std::string_view type) {
  static const std::array kKinds{
      Kind{.type = "vault",
           .env_prefixes = {"VAULT_"},
           .env_names = {},
           .address_variables = {"VAULT_ADDR"},
           .service_variables = {},
           .ca_variable = "VAULT_CACERT",
           .cert_variable = "VAULT_CLIENT_CERT",
           .key_variable = "VAULT_CLIENT_KEY",
           .origins = {},
           .files = {},
           .proofs = {},
           .file_suffixes = {"_FILE"}},
      Kind{.type = "aws",
           .env_prefixes = {"AWS_"},
           .env_names = {},
           .address_variables = {},
           .service_variables = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_STS",
                                 "AWS_ENDPOINT_URL_SSM", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                 "AWS_CONTAINER_CREDENTIALS_FULL_URI"},
           .ca_variable = "AWS_CA_BUNDLE",
           .cert_variable = {},
           .key_variable = {},
           .origins = aws_origins(),
           .files = {"~/.aws/config", "~/.aws/credentials", "~/.aws/sso/cache/*.json"},
           .proofs = {},
           .file_suffixes = {"_FILE"}},
      Kind{.type = "azure",
           .env_prefixes = {"AZURE_", "IDENTITY_", "MSI_"},
           .env_names = {"IMDS_ENDPOINT"},
           .address_variables = {},
           .service_variables = {"AZURE_AUTHORITY_HOST", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_ENDPOINT", "MSI_ENDPOINT",
                                 "IMDS_ENDPOINT"},
           .ca_variable = {},
           .cert_variable = {},
           .key_variable = {},
           .origins = azure_origins(),
           .files = {},
           .proofs = {"/var/opt/azcmagent/tokens/*.key"},  // of the Arc agent's user
           .file_suffixes = {"_FILE", "_PATH"}},
  };
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [type](const Kind& k) { return k.type == type; });
  return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace dso
