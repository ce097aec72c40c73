// Breaks the one rule of the C ABI for C++: an exception leaves an entry.
#include <stdexcept>

#include "dso/provider.h"

namespace {

const dso_host* host;

int32_t open(const dso_host* h, dso_str, dso_instance** instance, dso_error*) {
  host = h;
  *instance = reinterpret_cast<dso_instance*>(&host);
  return DSO_OK;
}
int32_t fetch(dso_instance*, const dso_ref* refs, size_t, dso_request* r, dso_error*) {
  if (refs[0].name.size == 5) throw std::runtime_error("s3cret text");
  host->emit_field(host->ctx, r, 0, {"value", 5}, {"fine", 4});
  return DSO_OK;
}
void close(dso_instance*) {}

}  // namespace

extern "C" const dso_provider_api* dso_provider_get_api(uint32_t) noexcept {
  static const dso_provider_api api = {sizeof api, DSO_ABI_VERSION, 0,       KIND,    "1.0.0", nullptr,
                                       open,       fetch,           nullptr, nullptr, nullptr, close};
  return &api;
}
