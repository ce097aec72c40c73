// What this build is called. A file of its own, for it changes with each commit.
#pragma once

namespace dso::cli {

extern const char kVersion[];
extern const char kBuildHash[];

}  // namespace dso::cli
