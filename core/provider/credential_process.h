// Runs the program that an operator's own AWS profile names for credentials, for a provider, which cannot start any. Bounded in
// time and output, without a shell; decides nothing about profiles.
#pragma once
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "base/secret_bytes.h"
#include "model/config.h"
#include "provider/egress.h"

namespace dso {

/// allow_credential_process: true, among the parameters of `auth` or the settings.
bool may_run_programs(const ProviderInstance& instance);

/// The command lines that a file names (`credential_process = …`), as they stand there. Pure. A provider may have these run and
/// no others, whatever it says.
void add_named_programs(std::string_view file, std::set<std::string, std::less<>>& to);
/// `command_line` is one of them, perhaps without the comment behind it.
bool is_named_program(std::string_view command_line, const std::set<std::string, std::less<>>& named);

/// What it printed, at most 64 KiB. It gets PATH, HOME and USER and no other variable, /dev/null to read from and to complain to,
/// and 60 s at most; then it is killed with what it started. Errors never hold what it said.
Result<SecretBuffer> run_credential_process(std::string_view command_line, const EnvLookup& env, const Deadline& deadline,
                                            std::stop_token stop);

}  // namespace dso
