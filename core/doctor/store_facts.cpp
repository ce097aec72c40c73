// The same calls as a delivery's; values are in locked memory until the answer's version is read.
#include "doctor/store_facts.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <thread>

#include "agent/fetch_pieces.h"
#include "doctor/imds_probe.h"
#include "model/store_clock.h"
#include "provider/egress.h"

namespace dso {
namespace {

using Clock = std::chrono::steady_clock;

/// So many are timed one by one.
constexpr std::size_t kOneByOne = 16;
constexpr std::chrono::seconds kImdsPatience{2};

const char* environment(const std::string& name) {
  return std::getenv(name.c_str());
}

std::vector<SecretRef> secrets_of(const Config& config, const std::string& instance) {
  std::set<std::string> names;
  for (const SecretConfig& s : config.secrets)
    if (s.provider == instance) names.insert(s.name);
  std::vector<SecretRef> out;
  for (const std::string& name : names) out.push_back({name, ""});
  return out;
}

/// Its addresses, but for metadata services, are https.
bool uses_tls(const ProviderInstance& instance) {
  if (instance.type == "local") return false;
  bool tls = false;
  for (const std::string& origin : egress_origins(instance, environment)) {
    if (origin.find("//169.254.") != std::string::npos || origin.find("[fd00:") != std::string::npos) continue;
    if (origin.starts_with("http://")) return false;
    tls = true;
  }
  return tls;
}

/// Where its identity comes from the machine's metadata service; else "".
std::string imds_endpoint(const ProviderInstance& instance, const std::string& identity) {
  const auto from = [](const char* variable) {
    const char* set = std::getenv(variable);
    return std::string(set && *set ? set : "http://169.254.169.254");
  };
  const std::string& method = instance.auth_method;
  if (method == "instance" || identity.starts_with("instance role")) return from("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (method == "managed_identity" || identity.find("managed identity") != std::string::npos)
    return from("AZURE_POD_IDENTITY_AUTHORITY_HOST");
  return {};
}

ImdsProbe probe_imds(const std::string& endpoint, const Container* inside, std::stop_token stop) {
  ImdsProbe out;
  out.endpoint = endpoint;
  if (const auto host = reach_imds(endpoint, Deadline::in(kImdsPatience), stop); host.has_error())
    out.host_error = host.error().cause;
  if (!inside || inside->pid <= 0)
    out.not_looked = "none runs";
  else if (geteuid() != 0)
    out.not_looked = "only root can look from inside '" + inside->name + "'";
  else {
    out.container = inside->name;
    out.inside = reach_imds_from(inside->pid, endpoint, Deadline::in(kImdsPatience), stop).has_value();
  }
  return out;
}

void fetch_each(StoreProbe& out, SecretSource& source, const std::vector<SecretRef>& refs, const Deadline& deadline,
                std::stop_token stop) {
  const std::size_t at_once = refs.size() <= kOneByOne ? 1 : kFetchedAtOnce;
  for (std::size_t at = 0; at < refs.size(); at += at_once) {
    const auto asked = piece_of(refs, at, at_once);
    const auto start = Clock::now();
    const auto answers = source.fetch(asked, deadline, stop);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    for (std::size_t i = 0; i < asked.size() && i < answers.size(); ++i) {
      SecretProbe probe{asked[i].name, {}, took, {}};
      if (answers[i].has_error())
        probe.error = answers[i].error();
      else
        probe.version = answers[i]->version;
      out.secrets.push_back(std::move(probe));
    }
  }
}

void probe_store(StoreProbe& out, Sources& sources, const ProviderInstance& instance, const Container* inside,
                 const Deadline& deadline, std::stop_token stop) {
  const auto refs = secrets_of(sources.config(), instance.name);
  const Deadline own = deadline.capped(instance.timeout * 3);
  const auto source = sources.get(instance.name, own);
  if (source.has_error()) {
    out.error = source.error();
    for (const SecretRef& ref : refs) out.secrets.push_back({ref.name, {}, {}, out.error});
  } else if (!refs.empty()) {
    fetch_each(out, **source, refs, own, stop);
  } else if (auto listed = (*source)->list(own, stop); listed.has_error()) {
    // without a secret nothing more than an answer is needed
    const ErrorClass cls = listed.error().cls;
    if (cls != ErrorClass::access_denied && cls != ErrorClass::unsupported) out.error = listed.error();
    out.identity = listed.error().identity;
  }
  if (source.has_value()) {
    if (out.identity.empty()) out.identity = (*source)->identity();
    if (StoreClock* clock = store_clock_of(**source)) out.clock_ahead = clock->clock_ahead();
  }
  if (const std::string imds = imds_endpoint(instance, out.identity); !imds.empty()) out.imds = probe_imds(imds, inside, stop);
}

}  // namespace

std::vector<StoreProbe> probe_stores(Sources& sources, const Container* inside, const Deadline& deadline, std::stop_token stop) {
  const auto& instances = sources.config().providers;
  std::vector<StoreProbe> out(instances.size());
  std::vector<std::jthread> asking;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    out[i].instance = instances[i].name;
    out[i].type = instances[i].type;
    out[i].tls = uses_tls(instances[i]);
    out[i].ignored_proxy = ignored_proxy(instances[i], environment);
    asking.emplace_back([&, i] { probe_store(out[i], sources, instances[i], inside, deadline, stop); });
  }
  asking.clear();
  return out;
}

}  // namespace dso
