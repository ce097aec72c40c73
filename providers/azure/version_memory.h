// What is known of versions between polls, so that a quiet poll costs a few pages of the vault's list and no read: which
// secrets must be read again is decided here. Pure: times are passed in.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace azure {

struct KnownVersion {
  std::string version;          ///< The id that Key Vault gave it.
  std::int64_t updated_s = 0;   ///< Its "updated", in seconds by the vault's clock.
  std::int64_t read_at_s = 0;   ///< When it was read, by the vault's clock.
  std::int64_t read_at_ms = 0;  ///< The same by ours.
};

class VersionMemory {
 public:
  void remember(const std::string& name, KnownVersion known) { known_[name] = std::move(known); }
  void forget(const std::string& name) { known_.erase(name); }
  const KnownVersion* find(const std::string& name) const;

  /// Must the secret be read, though the list is at hand that says when it was last written? Yes if never read or written
  /// since; if it was read so soon after its last write that another in the same second would look alike; and, of what was
  /// not read for an hour, `overdue` a call.
  bool must_read(const std::string& name, std::int64_t listed_updated_s, std::int64_t now_ms, int& overdue) const;
  /// A fixed version does not change; whether it was disabled or deleted is looked at now and then.
  bool must_read_fixed(const std::string& name, std::int64_t now_ms) const;

 private:
  std::map<std::string, KnownVersion> known_;
};

/// Is it cheaper to page through a list of `pages` (0: not known yet) than to read `secrets` one by one?
bool list_pays(std::size_t secrets, std::size_t pages);

}  // namespace azure
