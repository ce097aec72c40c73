// The key of this boot: 32 random bytes on the tmpfs, made by whoever comes first.
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

#include "base/digest.h"
#include "base/file.h"
#include "delivery/folder_io.h"
#include "delivery/scope_folder.h"
#include "delivery/steps.h"
#include "delivery/tmpfs_mount.h"
#include "delivery/tmpfs_store.h"

namespace dso {
namespace {

constexpr std::size_t kBytes = 32;

/// Written whole under a name of its own, then linked: of two processes one wins, both then read the same key.
Result<void> make_key(int root) {
  SecretBuffer key(kBytes);
  if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) return io_error("Cannot make a key", errno);
  const std::string beside = std::string(delivery::kDigestKey) + "-" + random_hex(8);
  DSO_CHECK(delivery::write_new_file(root, beside, view(key), 0600, {}));
  const int linked = linkat(root, beside.c_str(), root, delivery::kDigestKey, 0) == 0 ? 0 : errno;
  delivery::step("link");
  DSO_CHECK(delivery::remove_file(root, beside));
  if (linked != 0 && linked != EEXIST) return io_error("Cannot make a key on the secrets tmpfs", linked);
  return {};
}

}  // namespace

Result<SecretBytes> TmpfsStore::digest_key() const {
  DSO_TRY(const UniqueFd root, delivery::open_tmpfs(paths_.secrets_dir()));
  if (!delivery::exists(root.get(), delivery::kDigestKey)) DSO_CHECK(make_key(root.get()));
  DSO_TRY(SecretBuffer key, read_secret_file(paths_.secrets_dir() + "/" + delivery::kDigestKey, kBytes));
  if (key.size() != kBytes)
    return Error{ErrorClass::store_corrupt,
                 "Cannot read the digest key",
                 "it is not 32 bytes",
                 "Remove " + paths_.secrets_dir() + "/.digest-key.",
                 {},
                 {},
                 {},
                 {}};
  return SecretBytes(std::move(key));
}

}  // namespace dso
