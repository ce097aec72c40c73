// Several secrets into the local store in one write: all of them or none, a version each. For what reads many values at once (an
// env file, a compose file).
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "vault/local_store.h"

namespace dso {

/// What the change of one secret came to.
struct StoredChange {
  std::string name, version;
  bool changed = false;  ///< False: it had all these values already.
};

/// Does (true) what belongs to the write, when nothing but the write can fail any more; takes it back (false) if that failed.
using BesideWrite = std::function<Result<void>(bool doing)>;

/// Fields that are not named stay. One that is there with another value is an error (InvalidRequest) that names it, unless
/// `replace`.
Result<std::vector<StoredChange>> store_all(const StoreLocation& where, const std::optional<SecretBytes>& passphrase,
                                            const std::vector<SecretValue>& secrets, bool replace,
                                            const BesideWrite& beside = {});
/// What store_all would do, or its error; nothing is written.
Result<std::vector<StoredChange>> rehearse_all(const StoreLocation& where, const std::optional<SecretBytes>& passphrase,
                                               const std::vector<SecretValue>& secrets, bool replace);

}  // namespace dso
