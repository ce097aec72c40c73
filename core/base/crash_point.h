// Where a test may kill this process, or hold one of its threads: before and after everything that changes the world (an engine
// call, a rule, a rename). In release builds a crash point is nothing at all.
#pragma once

namespace dso {

#ifdef DSO_CRASH_POINTS
/// Counts; writes "<n> <name>" to the file named by DSO_CRASH_TRACE; raises SIGKILL where DSO_CRASH_AT is n or the name. A
/// thread that comes to the name in DSO_HOLD_AT waits there until the file DSO_HOLD_UNTIL exists. Any thread.
void crash_point(const char* name);
#else
inline void crash_point(const char*) {}
#endif

}  // namespace dso
