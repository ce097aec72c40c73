// The parameters of `auth` that the providers of AWS and Azure read, asked alike of them and of logic/config_keys, which sends
// people there who wrote one elsewhere.
#pragma once
#include <string>
#include <vector>

namespace auth_params {

inline const std::vector<std::string> kAws{"access_key_id",     "allow_credential_process", "external_id",        "role_arn",
                                           "role_session_name", "secret_access_key_file",   "session_token_file", "use_dualstack",
                                           "use_fips",          "web_identity_token_file"};
inline const std::vector<std::string> kAzure{"arc_key_dir",
                                             "client_certificate_file",
                                             "client_id",
                                             "client_secret",
                                             "client_secret_file",
                                             "federated_token_file",
                                             "managed_identity_client_id",
                                             "managed_identity_object_id",
                                             "managed_identity_resource_id",
                                             "tenant_id"};

}  // namespace auth_params
