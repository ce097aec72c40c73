// The HTTP that providers borrow, over core/net's client: one pool an instance, its TLS trust read when it is first needed.
#pragma once
#include "net/tls_context.h"
#include "net/websocket.h"
#include "provider/host_services.h"

namespace dso {

/// A CA file or client certificate that cannot be used is a TlsError of each request, until it can.
HttpLender make_net_lender(TlsOptions options);

/// Opens a connection for a store's events. The origin was approved.
using EventLender =
    std::function<Result<std::unique_ptr<WebSocket>>(const HttpRequest& request, const Deadline& deadline, std::stop_token stop)>;
EventLender make_event_lender(TlsOptions options);

}  // namespace dso
