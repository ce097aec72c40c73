// Opens what DSO obeys: a config, and the CAs, keys and credentials that it names. What was checked is what is read, since owner
// and mode are those of the opened file; and nobody else could have led us to another one, since each folder and link on the
// way is checked as it is passed. Symbolic links are followed (/etc/ssl/certs, Kubernetes' projected volumes).
#pragma once
#include <string>

#include "base/file_trust.h"
#include "base/result.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace dso {

/// The effective user, and SUDO_UID.
Caller this_caller();

/// To read from, CLOEXEC. Errors name the path: Config, with `kind` ("config"), owner, mode and cure, for one that is not to be
/// trusted (exit code 2); Io if it cannot be opened or is no regular file. Thread-safe.
Result<UniqueFd> open_trusted_file(const std::string& path, const std::string& kind, FileUse use = FileUse::obeyed);
/// The content as well, at most `limit` bytes, else Io.
Result<std::string> read_trusted_text(const std::string& path, const std::string& kind, std::size_t limit);
Result<SecretBuffer> read_trusted_secret(const std::string& path, const std::string& kind, std::size_t limit);

/// The Config error that opening it gives; nothing for one that is trusted, or that cannot be opened: whoever needs it says so.
std::optional<Error> why_not_trusted(const std::string& path, const std::string& kind, FileUse use = FileUse::obeyed);

/// By this name the opened file, and no other, can be opened once more while `fd` lives: for a library that takes a path.
std::string name_of_opened(const UniqueFd& fd);

}  // namespace dso
