// For whoever runs a thread of its own: that there is no memory for one value (locked_memory.h: it may be refused) must end what
// was being done, and not the process.
#pragma once
#include <new>
#include <string>

#include "base/log.h"

namespace dso {

/// Runs `work`. False: it broke off for lack of memory, which is logged: "`what`: given up: …".
template <class F>
bool unless_memory_is_refused(std::string_view component, const std::string& what, F&& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc& refused) {
    log::error(component, what + ": given up: " + refused.what());
    return false;
  }
}

}  // namespace dso
