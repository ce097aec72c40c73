// A failure is said once, where it lies: a store that does not answer is not told again for each of its secrets.
#include "logic/doctor_stores.h"

#include "logic/doctor_row.h"
#include "logic/duration.h"

namespace dso {
namespace {

using enum DoctorLevel;

enum class Where { identity, connection, tls, clock, secret };

Where lies_in(ErrorClass cls) {
  switch (cls) {
    case ErrorClass::credentials_unavailable:
    case ErrorClass::invalid_credentials: return Where::identity;
    case ErrorClass::unavailable:
    case ErrorClass::timeout:
    case ErrorClass::network:
    case ErrorClass::throttled: return Where::connection;
    case ErrorClass::tls: return Where::tls;
    case ErrorClass::clock_skew: return Where::clock;
    default: return Where::secret;
  }
}

/// The first error of the store that is not a single secret's.
const Error* store_error(const StoreProbe& s) {
  if (s.error) return &*s.error;
  for (const SecretProbe& p : s.secrets)
    if (p.error && lies_in(p.error->cls) != Where::secret) return &*p.error;
  return nullptr;
}

/// The row names the secret and the store already.
std::string why(Error error) {
  if (!error.cause.empty()) error.what.clear();
  return reason_of(std::move(error));
}

std::string named(const StoreProbe& s) {
  return s.type + (s.identity.empty() ? "" : " as " + s.identity);
}

void clock_row(DoctorRows& rows, const StoreProbe& s) {
  // AWS refuses beyond five minutes; tokens and certificates suffer earlier
  constexpr std::chrono::seconds kRefused{300}, kFar{60};
  if (!s.clock_ahead) return;
  const auto off = std::chrono::abs(*s.clock_ahead);
  if (off < kFar) return add_row(rows, ok, "store.clock", s.instance, "this host's clock agrees with the store's");
  add_row(
      rows, off < kRefused ? warn : error, "store.clock", s.instance,
      "this host's clock is " + format_duration(off) + (s.clock_ahead->count() > 0 ? " ahead of" : " behind") + " the store's",
      "Set the clock: timedatectl set-ntp true");
}

void store_rows(DoctorRows& rows, const StoreProbe& s) {
  const Error* failed = store_error(s);
  const auto failure = [&](const char* check) { add_row(rows, error, check, s.instance, why(*failed), failed->next); };
  Where where = failed ? lies_in(failed->cls) : Where::secret;
  // a login that is denied; whatever else fails at the opening is the provider's own
  if (s.error && s.error->cls == ErrorClass::access_denied) where = Where::identity;
  if (s.error && s.error->cls == ErrorClass::not_found && s.secrets.empty())  // a local store that nobody needs yet
    return add_row(rows, info, "store.provider", s.instance, reason_of(*s.error), s.error->next);
  if (s.error && where == Where::secret) return failure("store.provider");
  add_row(rows, ok, "store.provider", s.instance, "type " + s.type);
  if (!s.ignored_proxy.empty()) add_row(rows, info, "store.proxy", s.instance, s.ignored_proxy);
  if (where == Where::identity)
    failure("store.identity");
  else if (s.identity.empty())
    add_row(rows, info, "store.identity", s.instance, "not known yet: the store was not reached");
  else
    add_row(rows, ok, "store.identity", s.instance, s.identity);
  if (where == Where::connection)
    failure("store.reachable");
  else if (where == Where::tls)
    failure("store.tls");
  else if (where != Where::identity)
    add_row(rows, ok, "store.reachable", s.instance, "it answers");
  if (s.tls && where != Where::tls && where != Where::connection && where != Where::identity)
    add_row(rows, ok, "store.tls", s.instance, "its certificate is trusted");
  if (where == Where::clock && !s.clock_ahead)
    failure("store.clock");
  else
    clock_row(rows, s);
}

void imds_rows(DoctorRows& rows, const StoreProbe& s) {
  if (!s.imds) return;
  const ImdsProbe& i = *s.imds;
  if (i.host_error.empty())
    add_row(rows, ok, "store.imds", s.instance, i.endpoint + " answers this host");
  else
    add_row(rows, error, "store.imds", s.instance, i.endpoint + " does not answer this host: " + i.host_error,
            "Run DSO on the cloud machine that has the identity, on its own network, or set another auth.method.");
  if (i.container.empty())
    add_row(rows, info, "store.imds_container", s.instance, "not tried from a container: " + i.not_looked);
  else if (i.inside)
    add_row(rows, info, "store.imds_container", s.instance,
            "it answers in the network of '" + i.container + "' too: every process there can become this machine's identity",
            "DSO asks from the host alone: a hop limit of 1 keeps containers out.");
  else
    add_row(
        rows, ok, "store.imds_container", s.instance,
        "it does not answer in the network of '" + i.container + "' (hop limit 1, or no route); DSO asks from the host alone");
}

void secret_row(DoctorRows& rows, const StoreProbe& s, const SecretProbe& p, bool told) {
  const std::string subject = s.instance + "/" + p.name;
  if (!p.error)
    add_row(
        rows, ok, "secret.fetch", subject,
        (p.version.empty() ? "readable" : "version " + p.version) + " in " + std::to_string(p.took.count()) + " ms, " + named(s));
  else if (told)
    add_row(rows, info, "secret.fetch", subject, "not read: see the rows of '" + s.instance + "'");
  else
    add_row(rows, error, "secret.fetch", subject, why(*p.error), p.error->next);
}

}  // namespace

DoctorRows doctor_stores(const std::vector<StoreProbe>& stores) {
  DoctorRows rows;
  for (const StoreProbe& s : stores) {
    store_rows(rows, s);
    imds_rows(rows, s);
  }
  for (const StoreProbe& s : stores)
    for (const SecretProbe& p : s.secrets)
      secret_row(rows, s, p, s.error.has_value() || (p.error && lies_in(p.error->cls) != Where::secret));
  return rows;
}

}  // namespace dso
