// A secret as it comes from a store, and the port through which every store is asked.
#pragma once
#include <chrono>
#include <compare>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso {

/// Which secret: the provider instance's name and the secret's name in that store.
struct SecretKey {
  std::string instance;
  std::string name;
  auto operator<=>(const SecretKey&) const = default;  // NOLINT(modernize-use-nullptr): taken for a comparison with 0
};

struct SecretField {
  std::string name;
  SecretBytes value;
};

/// A fetched secret. A value that is not a JSON object is the one field "value". Move-only.
struct SecretValue {
  std::string name;
  std::string version;  ///< The store's own, or empty where the store has none (then only digests can be compared).
  std::vector<SecretField> fields;

  const SecretField* find(std::string_view field) const {
    for (const auto& f : fields)
      if (f.name == field) return &f;
    return nullptr;
  }
};

struct SecretRef {
  std::string name;
  std::string version;  ///< Empty: the current one.
};

/// One configured store: the local one or a provider in its child process. Thread-safe.
/// Never throws; an answer has one entry per reference, in order.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  virtual std::vector<Result<SecretValue>> fetch(std::span<const SecretRef> refs, const Deadline& deadline,
                                                 std::stop_token stop) = 0;
  /// The current versions, cheaply and without values. An Unsupported error: this store has none, fetch and compare.
  virtual std::vector<Result<std::string>> versions(std::span<const SecretRef> refs, const Deadline& deadline,
                                                    std::stop_token stop) = 0;
  virtual Result<std::vector<std::string>> list(const Deadline& deadline, std::stop_token stop) = 0;
  /// Who we are to the store, for people: "approle dso", "key file /root/.config/dso/store.key". Never a credential.
  virtual std::string identity() = 0;
};

}  // namespace dso
