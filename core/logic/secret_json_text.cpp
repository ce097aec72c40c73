// Boost's serializer writes right into the buffer.
#include "logic/secret_json_text.h"

#include <boost/json/serializer.hpp>

namespace dso {

SecretBuffer secret_json_text(const boost::json::object& object) {
  boost::json::serializer serializer;
  serializer.reset(&object);
  SecretBuffer out;
  constexpr std::size_t kPiece = 4096;
  while (!serializer.done()) {
    const std::size_t at = out.size();
    out.resize(at + kPiece);
    out.resize(at + serializer.read(out.data() + at, kPiece).size());
  }
  return out;
}

}  // namespace dso
