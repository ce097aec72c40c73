// Made lazily, so that a CA file that appears later is found.
#include "provider/net_lender.h"

#include <mutex>

namespace dso {
namespace {

struct State {
  explicit State(TlsOptions o) : options(std::move(o)) {}
  const TlsOptions options;
  std::mutex mutex;
  std::unique_ptr<HttpClient> client;
};

}  // namespace

HttpLender make_net_lender(TlsOptions options) {
  auto state = std::make_shared<State>(std::move(options));
  return [state](const HttpRequest& request, const Deadline& deadline, std::stop_token stop) -> Result<HttpResponse> {
    HttpClient* client = nullptr;
    {
      std::lock_guard lock(state->mutex);
      if (!state->client) {
        auto tls = TlsContext::make(state->options);
        if (tls.has_error()) {
          Error e = std::move(tls).error();
          e.cls = ErrorClass::tls;
          return e;
        }
        state->client = std::make_unique<HttpClient>(std::move(*tls));
      }
      client = state->client.get();
    }
    return client->send(request, deadline, std::move(stop));
  };
}

EventLender make_event_lender(TlsOptions options) {
  return [options = std::move(options)](const HttpRequest& request, const Deadline& deadline,
                                        std::stop_token stop) -> Result<std::unique_ptr<WebSocket>> {
    if (request.url.starts_with("http://")) return WebSocket::connect(request, nullptr, deadline, std::move(stop));
    DSO_TRY(const auto tls, TlsContext::make(options));
    return WebSocket::connect(request, tls.get(), deadline, std::move(stop));
  };
}

}  // namespace dso
