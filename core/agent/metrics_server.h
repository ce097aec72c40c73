// GET /metrics on the address of agent.metrics.listen: counts and states, no secret and no secret's name.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_server.h"

namespace dso {

Result<std::unique_ptr<HttpServer>> start_metrics_server(const std::string& address);

}  // namespace dso
