// The rows of `dso doctor` about stores and the secrets in them: who we are to a store, whether it answers, and whether each
// configured secret may be read. Pure: what was found comes in.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/doctor.h"
#include "model/secret.h"

namespace dso {

/// One configured secret, fetched for real. Never its value.
struct SecretProbe {
  std::string name;
  std::string version;
  std::chrono::milliseconds took{0};
  std::optional<Error> error;
};

/// The metadata service of a cloud machine, where an instance's identity comes from it.
struct ImdsProbe {
  std::string endpoint;
  std::string host_error;  ///< Why this host does not reach it; "": it does.
  std::string container;   ///< Whose network was tried; "": none.
  bool inside = false;     ///< It answers in there too.
  std::string not_looked;  ///< Why no container's network was tried.
};

struct StoreProbe {
  std::string instance, type;
  std::string identity;        ///< Empty: not known.
  bool tls = false;            ///< Its address is https.
  std::string ignored_proxy;   ///< provider/egress.h; "": none is.
  std::optional<Error> error;  ///< Of opening it, or of listing where no secret is configured.
  std::vector<SecretProbe> secrets;
  std::optional<std::chrono::seconds> clock_ahead;  ///< This host's clock against the store's.
  std::optional<ImdsProbe> imds;
};

DoctorRows doctor_stores(const std::vector<StoreProbe>& stores);

}  // namespace dso
