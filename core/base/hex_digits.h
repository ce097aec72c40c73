// What bytes are written with.
#pragma once

namespace dso {

inline constexpr char kHexDigits[] = "0123456789abcdef";
inline constexpr char kUpperHexDigits[] = "0123456789ABCDEF";  ///< As in a URL's percent escapes.

}  // namespace dso
