// A test's way to stop the store between any two changes it makes to the file system, as a kill -9 would.
#pragma once

namespace dso::delivery {

/// Called after every change; nothing by default. Set before any thread uses the store.
void set_step_hook(void (*hook)(const char* step));
void step(const char* name);

}  // namespace dso::delivery
