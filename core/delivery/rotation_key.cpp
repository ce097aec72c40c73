// <state dir>/rotation.key: written whole under a name of its own, then linked.
#include "delivery/rotation_key.h"

#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

#include "base/digest.h"
#include "base/file.h"
#include "delivery/scope_registry.h"
#include "delivery/steps.h"

namespace dso {
namespace {

constexpr std::size_t kRotationKeyBytes = 32;

std::string rotation_key_path(const std::string& state_dir) {
  return state_dir + "/rotation.key";
}

}  // namespace

bool has_rotation_key(const std::string& state_dir) {
  return access(rotation_key_path(state_dir).c_str(), F_OK) == 0;
}

bool is_of_a_version_without_key(const std::string& state_dir) {
  return !has_rotation_key(state_dir) && access(delivery::scopes_folder(state_dir).c_str(), F_OK) == 0;
}

Result<void> make_rotation_key(const std::string& state_dir) {
  if (has_rotation_key(state_dir)) return {};
  SecretBuffer key(kRotationKeyBytes);
  if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) return io_error("Cannot make a key", errno);
  DSO_CHECK(make_folders(state_dir, 0700));
  const std::string path = rotation_key_path(state_dir), beside = path + "-" + random_hex(8);
  DSO_CHECK(replace_file(beside, view(key), 0600));
  const int linked = link(beside.c_str(), path.c_str()) == 0 ? 0 : errno;
  delivery::step("rotation key");
  unlink(beside.c_str());
  if (linked != 0 && linked != EEXIST) return io_error("Cannot make '" + path + "'", linked);
  return {};
}

Result<SecretBytes> rotation_key(const std::string& state_dir) {
  const std::string path = rotation_key_path(state_dir);
  DSO_TRY(SecretBuffer key, read_secret_file(path, kRotationKeyBytes));
  if (key.size() == kRotationKeyBytes) return SecretBytes(std::move(key));
  return make_error(ErrorClass::store_corrupt, "Cannot read the key of rotations", path + " is not 32 bytes",
                    "Remove it: a rotation that is under way is then ended by hand.");
}

}  // namespace dso
