// Numbers byte by byte, so that neither alignment nor the peer's sizes can hurt.
#include "provider/ipc.h"

namespace dso::ipc {
namespace {

constexpr std::uint16_t kMagic = 0xD50A;

template <class T>
void put(T v, char* out) {
  for (std::size_t i = 0; i < sizeof v; ++i) out[i] = static_cast<char>(v >> (8 * i));
}
template <class T>
T get(std::string_view in) {
  T v = 0;
  for (std::size_t i = 0; i < sizeof v && i < in.size(); ++i)
    v = static_cast<T>(v | static_cast<T>(static_cast<unsigned char>(in[i])) << (8 * i));
  return v;
}

}  // namespace

void write_header(const FrameHeader& header, char (&out)[kHeaderBytes]) {
  put(header.size, out);
  put(static_cast<std::uint16_t>(header.type), out + 4);
  put(kMagic, out + 6);
}

std::optional<FrameHeader> read_header(std::string_view bytes) {
  if (bytes.size() != kHeaderBytes || get<std::uint16_t>(bytes.substr(6)) != kMagic) return std::nullopt;
  FrameHeader header;
  header.size = get<std::uint32_t>(bytes.substr(0, 4));
  header.type = static_cast<FrameType>(get<std::uint16_t>(bytes.substr(4, 2)));
  if (header.size > kMaxPayload) return std::nullopt;
  return header;
}

Writer& Writer::u32(std::uint32_t v) {
  char bytes[sizeof v];
  put(v, bytes);
  append(out_, {bytes, sizeof bytes});
  return *this;
}
Writer& Writer::u64(std::uint64_t v) {
  char bytes[sizeof v];
  put(v, bytes);
  append(out_, {bytes, sizeof bytes});
  return *this;
}
Writer& Writer::text(std::string_view v) {
  u32(static_cast<std::uint32_t>(v.size()));
  append(out_, v);
  return *this;
}

std::string_view Reader::take(std::size_t n) {
  if (!ok_ || n > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view taken = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return taken;
}
std::uint32_t Reader::u32() {
  return get<std::uint32_t>(take(4));
}
std::uint64_t Reader::u64() {
  return get<std::uint64_t>(take(8));
}
std::string_view Reader::text() {
  const std::size_t size = u32();
  return take(size);
}
std::size_t Reader::count(std::size_t bytes_each) {
  const std::size_t n = u32();
  if (n > rest_.size() / bytes_each) ok_ = false;
  return ok_ ? n : 0;
}

}  // namespace dso::ipc
