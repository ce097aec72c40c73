// What libstdc++ calls when an exception escapes. Its own version prints what(), which may quote a value, and drags the
// 40 KB demangler into the library. Linked first, this one takes its place.
#include <cstdlib>

namespace __gnu_cxx {
void __verbose_terminate_handler();
void __verbose_terminate_handler() {
  std::abort();
}
}  // namespace __gnu_cxx
