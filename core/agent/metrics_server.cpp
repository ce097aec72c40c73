// One route; the numbers are base/metrics.h's.
#include "agent/metrics_server.h"

#include "base/metrics.h"

namespace dso {
namespace {

ServerResponse respond(const ServerRequest& request) {
  ServerResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  if (request.target != "/metrics" && !request.target.starts_with("/metrics?")) {
    response.status = 404;
    append(response.body, "There is /metrics.\n");
  } else if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    append(response.body, "Use GET.\n");
  } else {
    append(response.body, metrics::text_of(metrics::samples()));
  }
  return response;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> start_metrics_server(const std::string& address) {
  HttpServer::Limits limits;
  limits.max_connections = 8;
  limits.max_body = 1024;
  limits.name = "the metrics port";
  auto server = HttpServer::listen_tcp(address, respond, limits);
  if (server.has_value()) return server;
  Error e = server.error();
  e.next = "Choose another address in agent.metrics.listen.";
  return e;
}

}  // namespace dso
