// The hook behind steps.h. Every step is a crash point too: a killed agent is a killed writer.
#include "delivery/steps.h"

#include "base/crash_point.h"

namespace dso::delivery {
namespace {
void (*the_hook)(const char*) = nullptr;
}

void set_step_hook(void (*hook)(const char* step)) {
  the_hook = hook;
}
void step(const char* name) {
  if (the_hook) the_hook(name);
  crash_point(name);
}

}  // namespace dso::delivery
