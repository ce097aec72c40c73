// What lies in a folder of providers, before any of it is trusted: a library's symbols, the lock, a key and a signature. No
// crash, and what the lock's reader takes is what its writer writes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "provider/elf_exports.h"
#include "provider/provider_lock.h"
#include "provider/provider_signature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dso;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto symbols = exported_symbols(bytes)) {
    std::size_t named = 0;
    for (const std::string& s : *symbols) named += s.size();
    if (named > size) std::abort();
  }
  if (const auto lock = parse_provider_lock(bytes, "providers.lock"); lock.has_value()) {
    const auto again = parse_provider_lock(provider_lock_text(*lock), "providers.lock");
    if (again.has_error() || again->providers() != lock->providers()) std::abort();
  } else {
    render(lock.error());
  }
  if (const auto signature = parse_signature(bytes)) {
    if (signature->size() != 64 || parse_signature(signature_base64(*signature)) != signature) std::abort();
  }
  if (const auto key = parse_provider_key(bytes, "key.pem", "key.pem"); key.has_value() && key->raw.size() != 32) std::abort();
  return 0;
}
