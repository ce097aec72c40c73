// Each repair by its id, which is what `fix` of a row holds; the row's subject is the path.
#include "doctor/doctor_fix.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "base/file.h"
#include "base/unique_fd.h"
#include "net/byte_stream.h"

namespace dso {
namespace {

Result<void> take_modes(const std::string& path, mode_t away) {
  const std::string what = "Cannot change the mode of '" + path + "'";
  // the file that was opened, whatever happens to the path; a link's target is somebody else's
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st {};
  if (!fd || fstat(fd.get(), &st) != 0 || fchmod(fd.get(), st.st_mode & 07777 & ~away) != 0) return io_error(what, errno);
  return {};
}

Result<void> private_to_owner(const std::string& path) {
  return take_modes(path, 077);
}

Result<void> not_writable_by_others(const std::string& path) {
  return take_modes(path, 022);
}

/// Not one that somebody has begun to serve meanwhile.
Result<void> remove_dead_socket(const std::string& path) {
  const std::string what = "Cannot remove '" + path + "'";
  struct stat st {};
  if (lstat(path.c_str(), &st) != 0) return errno == ENOENT ? Result<void>() : io_error(what, errno);
  if (!S_ISSOCK(st.st_mode)) return make_error(ErrorClass::io, what, "it is no socket");
  const auto alive = connect_unix(path, Deadline::in(std::chrono::seconds(1)), {});
  if (alive.has_value() || alive.error().cls == ErrorClass::timeout)
    return make_error(ErrorClass::io, what, "somebody serves it now");
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return io_error(what, errno);
  return {};
}

struct Fix {
  std::string_view id;
  const char* command;
  Result<void> (*run)(const std::string& path);
};
constexpr Fix kFixes[] = {
    {"private", "chmod go-rwx ", private_to_owner},
    {"unwritable", "chmod go-w ", not_writable_by_others},
    {"dead-socket", "rm ", remove_dead_socket},
};

const Fix* find(const DoctorRow& row) {
  for (const Fix& fix : kFixes)
    if (fix.id == row.fix && !row.subject.empty()) return &fix;
  return nullptr;
}

}  // namespace

std::string fix_text(const DoctorRow& row) {
  const Fix* const fix = find(row);
  return fix ? fix->command + row.subject : std::string();
}

Result<void> do_fix(const DoctorRow& row) {
  const Fix* const fix = find(row);
  return fix ? fix->run(row.subject) : Result<void>();
}

}  // namespace dso
