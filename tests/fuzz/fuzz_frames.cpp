// Streams that are cut into frames: a store's WebSocket, the engine's logs. No crash, and how the bytes come, at once or one by
// one, makes no difference.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "docker/log_frames.h"
#include "net/websocket_frames.h"

namespace {

std::vector<std::string> events(std::string_view bytes, std::size_t piece) {
  dso::FrameReader reader;
  std::vector<std::string> out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
    while (const auto event = reader.next()) {
      if (event->payload.size() > 125) std::abort();
      out.push_back(std::to_string(static_cast<int>(event->kind)) + event->payload);
    }
  }
  if (reader.broken()) out.emplace_back("broken");
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (events(bytes, bytes.size()) != events(bytes, 1)) std::abort();
  if (dso::demultiplex_logs(bytes).size() > size) std::abort();
  return 0;
}
