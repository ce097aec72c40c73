// The C entries behind DSO_PROVIDER: each calls the provider's class and turns what it throws into an error class. Included by
// dso/provider.hpp, whose types it uses; not for inclusion by itself.
#pragma once
#include "dso/provider.hpp"

namespace dso::sdk {

namespace detail {

/// The C entries of provider class T.
template <class T>
struct Entries {
  struct Box {  // what a dso_instance* points to
    Host host;
    T provider;
  };
  static Box* box(dso_instance* i) { return reinterpret_cast<Box*>(i); }

  static std::int32_t open(const dso_host* host, dso_str config, dso_instance** instance, dso_error* error) noexcept {
    return guard(error, [&] {
      if (!host || !instance) throw Failure(DSO_E_UNSUPPORTED, "the host passed no table");
      if (host->abi >> 16 != DSO_ABI_MAJOR)
        throw Failure(DSO_E_UNSUPPORTED,
                      "the provider was built for ABI " + std::to_string(DSO_ABI_MAJOR) + ", the host has ABI " +
                          std::to_string(host->abi >> 16),
                      "Install the provider of the host's release.");
      *instance = nullptr;
      borrow_memory_from(*host);
      // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): guard catches it
      *instance = reinterpret_cast<dso_instance*>(new Box{Host(host), T(Host(host), from_c(config))});
    });
  }
  static std::int32_t fetch(dso_instance* i, const dso_ref* refs, std::size_t count, dso_request* request,
                            dso_error* error) noexcept {
    return answer(i, count, request, error, [&](T& p, Answer& a) { p.fetch(Refs(refs, count), a); });
  }
  static std::int32_t versions(dso_instance* i, const dso_ref* refs, std::size_t count, dso_request* request,
                               dso_error* error) noexcept {
    return answer(i, count, request, error, [&](T& p, Answer& a) { p.versions(Refs(refs, count), a); });
  }
  static std::int32_t list(dso_instance* i, dso_request* request, dso_error* error) noexcept {
    return answer(i, 0, request, error, [](T& p, Answer& a) { p.list(a); });
  }
  static std::int32_t renew(dso_instance* i, dso_str lease, dso_request* request, dso_error* error) noexcept {
    return answer(i, 1, request, error, [&](T& p, Answer& a) { p.renew(from_c(lease), a); });
  }
  static std::int32_t events(dso_instance* i, dso_request* request, dso_error* error) noexcept {
    return answer(i, 0, request, error, [](T& p, Answer& a) { p.events(a); });
  }
  static void close(dso_instance* i) noexcept { delete box(i); }

  template <class F>
  static std::int32_t answer(dso_instance* i, std::size_t count, dso_request* request, dso_error* error, F&& f) noexcept {
    return guard(error, [&] {
      if (!i) throw Failure(DSO_E_UNSUPPORTED, "the host passed no instance");
      Answer a(box(i)->host, request, count);
      f(box(i)->provider, a);
      a.finish();
    });
  }

  // A pointer to a member names the class that declares it: the base's type means "not overridden".
  static constexpr bool kHasVersions = !std::is_same_v<decltype(&T::versions), decltype(&Provider::versions)>;
  static constexpr bool kHasList = !std::is_same_v<decltype(&T::list), decltype(&Provider::list)>;
  static constexpr bool kHasRenew = !std::is_same_v<decltype(&T::renew), decltype(&Provider::renew)>;
  static constexpr bool kHasEvents = !std::is_same_v<decltype(&T::events), decltype(&Provider::events)>;

  static constexpr std::uint64_t capabilities() {
    std::uint64_t c = 0;
    if (kHasVersions) c |= DSO_CAP_VERSIONS;
    if (kHasList) c |= DSO_CAP_LIST;
    if (kHasRenew) c |= DSO_CAP_LEASES;
    if (kHasEvents) c |= DSO_CAP_EVENTS;
    if constexpr (requires { T::kNetwork; })
      if (T::kNetwork) c |= DSO_CAP_NETWORK;
    return c;
  }
  static constexpr const char* schema() {
    if constexpr (requires { T::kConfigSchema; })
      return T::kConfigSchema;
    else
      return nullptr;
  }

  static const dso_provider_api* api(std::uint32_t host_abi) noexcept {
    static const dso_provider_api table = {
        .struct_size = sizeof(dso_provider_api),
        .abi = DSO_ABI_VERSION,
        .capabilities = capabilities(),
        .name = T::kName,
        .semver = T::kVersion,
        .config_schema = schema(),
        .open = open,
        .fetch = fetch,
        .versions = kHasVersions ? versions : nullptr,
        .list = kHasList ? list : nullptr,
        .renew = kHasRenew ? renew : nullptr,
        .close = close,
        .events = kHasEvents ? events : nullptr,
    };
    return host_abi >> 16 == DSO_ABI_MAJOR ? &table : nullptr;
  }
};

}  // namespace detail
}  // namespace dso::sdk

/// Once, at the end of one .cpp of the provider: the one symbol that the library exports.
#define DSO_PROVIDER(T)                                                                           \
  extern "C" __attribute__((visibility("default"))) const dso_provider_api* dso_provider_get_api( \
      std::uint32_t host_abi) noexcept {                                                          \
    return ::dso::sdk::detail::Entries<T>::api(host_abi);                                         \
  }
