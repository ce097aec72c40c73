// The credentials that a program of the operator's own prints (credential_process). The host runs it, if its config allows it.
#pragma once
#include <string>

#include "credentials.h"
#include "dso/provider.hpp"

namespace aws {

/// Throws Failure: CredentialsUnavailable where the program gives none.
Credentials process_credentials(const dso::sdk::Host& host, const Properties& profile, const std::string& name);

}  // namespace aws
