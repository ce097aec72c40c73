// `dso provider test`: does a library keep what the ABI promises? It runs as it would in service, confined and with what its
// config lets it borrow, and is asked what an agent asks. Every check is a row; no value gets into one.
#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "provider/egress.h"

namespace dso {

struct ConformanceRow {
  enum class Status { ok, failed, skipped };
  std::string check;
  Status status = Status::ok;
  std::string detail;
};
std::string_view status_name(ConformanceRow::Status status);

struct ConformanceRequest {
  std::string path;                    ///< The library: any file.
  std::string exe = "/proc/self/exe";  ///< As ProviderHostOptions::self_exe.
  std::string secret;                  ///< One that is there; may be empty: what needs one is skipped.
  /// The instance to open it with, once its name is known. Nothing: an empty config, and then a store that cannot be reached or
  /// wants a credential is no fault of the library.
  std::function<Result<std::optional<ProviderInstance>>(const std::string& name)> instance;
  EnvLookup env;
};

/// All rows in their order, also those that could not be done. Error only from `request.instance`.
Result<std::vector<ConformanceRow>> check_conformance(const ConformanceRequest& request, std::stop_token stop);

}  // namespace dso
