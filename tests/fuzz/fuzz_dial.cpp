// What a dialer reads of who asks it, and what who asked reads of the dialer: whatever comes, a request or none, an answer or an
// error.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/dial_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dso;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto request = read_dial_request(text)) {
    if (request->host.empty() || request->patience.count() < 0) std::abort();
    const auto again = read_dial_request(write_dial_request(*request));
    if (size <= kDialPacket / 2 && (!again || again->host != request->host || again->port != request->port)) std::abort();
  }
  if (const auto error = read_dial_answer(text)) render(*error);
  return 0;
}
