// A local store's file and what lies in it once decrypted, from anywhere: no crash, nothing larger than the bytes that are there,
// and what is read is written as the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vault/store_codec.h"
#include "vault/store_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dso::vault;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto header = decode_header(bytes); header.has_value()) {
    if (encode_header(*header) != bytes.substr(0, kHeaderBytes)) std::abort();
  } else {
    dso::render(header.error());
  }
  if (const auto content = decode_content(bytes); content.has_value()) {
    const auto again = encode_content(*content);
    if (again.has_error() || dso::view(*again) != bytes) std::abort();
  } else {
    dso::render(content.error());
  }
  return 0;
}
