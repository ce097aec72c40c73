// One version of a secret, as a part of its name: "myapp/db?version=AWSPREVIOUS" is a secret of its own beside "myapp/db", in
// references, labels, config and state alike. Only who asks the store takes it apart. Pure.
#pragma once
#include <string_view>

#include "model/secret.h"

namespace dso {

inline constexpr std::string_view kPin = "?version=";

/// "myapp/db"
inline std::string_view without_pin(std::string_view name) {
  return name.substr(0, name.find(kPin));
}
/// "AWSPREVIOUS", or "".
inline std::string_view pin_of(std::string_view name) {
  const auto at = name.find(kPin);
  return at == std::string_view::npos ? std::string_view() : name.substr(at + kPin.size());
}

/// Views into `ref`, as the store is asked: the version that the question names (of what was delivered) before the name's own.
struct AskedRef {
  std::string_view name, version;
};
inline AskedRef as_asked(const SecretRef& ref) {
  return {without_pin(ref.name), ref.version.empty() ? pin_of(ref.name) : std::string_view(ref.version)};
}

}  // namespace dso
