// Small file operations, each whole or not at all. For values use the SecretBuffer forms; nothing here logs.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace dso {

/// The regular file's content, at most `limit` bytes (else an error that says so). Errors name the path.
Result<SecretBuffer> read_secret_file(const std::string& path, std::size_t limit);
Result<std::string> read_text_file(const std::string& path, std::size_t limit);
/// The same, of an opened file, from where its offset stands; `path` is for errors.
Result<SecretBuffer> read_opened_secret(const UniqueFd& fd, const std::string& path, std::size_t limit);
Result<std::string> read_opened_text(const UniqueFd& fd, const std::string& path, std::size_t limit);

struct FileOwner {
  std::optional<std::uint32_t> uid, gid;
};
/// Writes beside, fsyncs, renames over `path`, fsyncs the folder: readers and crashes see the old or the new file, whole.
Result<void> replace_file(const std::string& path, std::string_view content, mode_t mode, FileOwner owner = {});

/// mkdir -p; missing folders get exactly `mode`, whatever the umask. Those that are there stay as they are: they may be others'.
Result<void> make_folders(const std::string& path, mode_t mode);
/// The same for a folder that is this process's own: the last one has `mode` afterwards though it was there, made by an earlier
/// version or under another umask, or left half made by one that was killed.
Result<void> make_own_folder(const std::string& path, mode_t mode);

/// An exclusive flock on `path` (0600, whatever the umask; made if missing), held while the descriptor lives. Waits at most
/// `wait_ms`.
Result<UniqueFd> lock_file(const std::string& path, int wait_ms);

/// An Io error: what failed, errno's text as cause.
Error io_error(std::string what, int error_number, std::string next = {});

}  // namespace dso
