// Puts the parts together with the real network, environment and randomness.
#include "provider/provider_source.h"

#include <cstdlib>
#include <mutex>
#include <random>

#include "provider/named_files.h"
#include "provider/net_lender.h"
#include "provider/supervised_source.h"

namespace dso {
namespace {

const char* environment(const std::string& name) {
  return std::getenv(name.c_str());
}

double random_number() {
  static std::mutex mutex;
  static std::minstd_rand engine{std::random_device{}()};
  std::lock_guard lock(mutex);
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

ProviderTrust trust_of(const ProviderHostOptions& options) {
  ProviderTrust trust;
  trust.keys = options.provider_keys;
  return trust;
}

std::string abi_text(std::uint32_t abi) {
  return std::to_string(abi >> 16) + "." + std::to_string(abi & 0xffff);
}

}  // namespace

Result<std::unique_ptr<SecretSource>> open_provider(const ProviderInstance& instance, const ProviderHostOptions& options,
                                                    const Deadline& deadline) {
  if (auto distrusted = distrusted_files(instance, environment); !distrusted.empty()) return std::move(distrusted.front());
  auto file = open_provider_file(options.provider_dir, instance.type, trust_of(options));
  if (file.has_error()) {
    Error e = std::move(file).error();
    e.cause = e.what + ": " + e.cause;
    e.what = "Cannot open the provider '" + instance.name + "'";
    return e;
  }
  SourceParts parts;
  parts.instance = instance;
  parts.file = std::move(*file);
  parts.exe = options.self_exe;
  parts.http = make_net_lender(tls_options(instance, environment));
  parts.listen = make_event_lender(tls_options(instance, environment));
  parts.env = environment;
  parts.random = random_number;
  auto source = std::make_unique<SupervisedSource>(std::move(parts));
  DSO_CHECK(source->open(deadline.capped(instance.timeout), {}));
  return std::unique_ptr<SecretSource>(std::move(source));
}

std::vector<ProviderInfo> list_providers(const ProviderHostOptions& options) {
  std::vector<ProviderInfo> out;
  for (const auto& type : provider_types(options.provider_dir)) {
    ProviderInfo info;
    info.type = type;
    auto file = open_provider_file(options.provider_dir, type, trust_of(options));
    if (file.has_error()) {
      info.problem = render(file.error());
    } else {
      info.file = file->path;
      info.sha256 = file->sha256;
      auto started = HostProcess::start(options.self_exe, file->fd.get(), false, Deadline::in(std::chrono::seconds(5)), {});
      if (const auto* death = std::get_if<ProcessDeath>(&started)) {
        info.problem = death->cause + (death->next.empty() ? "" : ". " + death->next);
      } else {
        const ProviderFacts& facts = std::get<std::unique_ptr<HostProcess>>(started)->facts();
        info.semver = facts.semver;
        info.abi = abi_text(facts.abi);
        if (facts.name != type) info.problem = "it calls itself '" + facts.name + "', its file says '" + type + "'";
        if (!file->locked_version.empty() && facts.semver != file->locked_version)
          info.problem = "it is version " + facts.semver + ", and " + kProviderLockName + " says " + file->locked_version;
      }
    }
    out.push_back(std::move(info));
  }
  return out;
}

}  // namespace dso
