// Host::http_all: many requests handed to the host together, and one by one to a host that cannot. Included by dso/provider.hpp;
// not for inclusion by itself.
#pragma once
#include "dso/provider.hpp"

namespace dso::sdk {

/// One of Host::http_all's; valid in there alone.
class HttpAnswer {
 public:
  HttpAnswer(std::int32_t result, const dso_http_response* response, const dso_error* error)
      : result_(result), response_(response), error_(error) {}
  /// Throws the Failure if there is no response.
  HttpResponse response() const {
    Host::check(result_, *error_);
    return HttpResponse(*response_);
  }

 private:
  std::int32_t result_;
  const dso_http_response* response_;
  const dso_error* error_;
};

template <class F>
void Host::http_all(std::span<const HttpRequest> requests, F&& each) const {
  std::vector<dso_http_request> raw;
  raw.reserve(requests.size());
  for (const HttpRequest& r : requests) raw.push_back(r.raw());
  if (raw_->struct_size < offsetof(dso_host, http_all) + sizeof(dso_host::http_all) || !raw_->http_all) {
    if (!raw_->http) missing("http");
    for (std::size_t i = 0; i < raw.size(); ++i) {
      dso_http_response response{};
      response.struct_size = sizeof response;
      dso_error error = blank();
      const std::int32_t result = raw_->http(raw_->ctx, &raw[i], &response, &error);
      each(i, HttpAnswer(result, &response, &error));
    }
    return;
  }
  std::vector<const dso_http_request*> pointers;
  for (const dso_http_request& r : raw) pointers.push_back(&r);
  struct Receiver {
    F& each;
    std::exception_ptr thrown;
  } receiver{each, nullptr};
  const dso_http_answered answered = [](void* user, std::size_t i, std::int32_t result, const dso_http_response* response,
                                        const dso_error* error) {
    auto& to = *static_cast<Receiver*>(user);
    if (to.thrown) return;
    try {
      to.each(i, HttpAnswer(result, response, error));
    } catch (...) {
      to.thrown = std::current_exception();
    }
  };
  if (raw_->http_all(raw_->ctx, pointers.data(), pointers.size(), answered, &receiver) != DSO_OK)
    throw Failure(DSO_E_INVALID_REQUEST, "the host does not take these requests together");
  if (receiver.thrown) std::rethrow_exception(receiver.thrown);
}

}  // namespace dso::sdk
