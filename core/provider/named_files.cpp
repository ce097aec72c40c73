// Collects by the same rules as egress.cpp, which lends and loads them.
#include "provider/named_files.h"

#include <algorithm>

#include "base/trusted_file.h"
#include "provider/kinds.h"

namespace dso {
namespace {

std::string named_by(const ProviderInstance& instance, const std::string& setting, const std::string& path,
                     const std::string& variable) {
  const auto it = instance.settings.find(setting);
  return it != instance.settings.end() && it->second == path ? setting : variable;
}

}  // namespace

std::vector<NamedFile> named_files(const ProviderInstance& instance, const EnvLookup& env) {
  std::vector<NamedFile> out;
  const auto add = [&out](NamedFile file) {
    const bool known =
        std::any_of(out.begin(), out.end(), [&file](const NamedFile& f) { return f.path == file.path && f.use == file.use; });
    if (!file.path.empty() && !known) out.push_back(std::move(file));
  };
  for (const auto* map : {&instance.settings, &instance.auth_params})
    for (const auto& [key, value] : *map)
      if (key.ends_with("_file")) add({value, key});
  const TlsOptions tls = tls_options(instance, env);
  const Kind* kind = find_kind(instance.type);
  const Kind none{};
  const Kind& k = kind ? *kind : none;
  add({tls.ca_file, named_by(instance, "ca_file", tls.ca_file, k.ca_variable)});
  add({tls.client_cert, named_by(instance, "client_cert", tls.client_cert, k.cert_variable)});
  add({tls.client_key, named_by(instance, "client_key", tls.client_key, k.key_variable), FileUse::private_key});
  return out;
}

std::vector<Error> distrusted_files(const ProviderInstance& instance, const EnvLookup& env) {
  std::vector<Error> out;
  for (const NamedFile& file : named_files(instance, env))
    if (auto why = why_not_trusted(file.path, file.named_by, file.use)) {
      why->what += " of '" + instance.name + "'";
      out.push_back(std::move(*why));
    }
  return out;
}

}  // namespace dso
