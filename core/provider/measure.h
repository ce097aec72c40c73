// For the files that check what they have opened. For core/provider/*.cpp only.
#pragma once
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "base/file.h"

namespace dso {

/// fstat(2).
inline Result<struct stat> measure(int fd, const std::string& what) {
  struct stat st {};
  if (fstat(fd, &st) != 0) return io_error(what, errno);
  return st;
}

}  // namespace dso
