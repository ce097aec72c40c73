// The configuration as it counts after parsing, merging and defaulting (design: dso.yaml). Plain data, no I/O.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dso {

/// Where in a file something was said; line and column count from 1, 0 means unknown.
struct SourcePos {
  int line = 0;
  int column = 0;
};

/// One finding about the config: "dso.yaml:12:5: secrets[0].injct: unknown key. Did you mean 'inject'?"
struct Diagnostic {
  enum class Severity { warning, error } severity = Severity::error;
  std::string file;
  SourcePos pos;
  std::string key;      ///< Dotted, as "secrets[0].inject.mode"; may be empty.
  std::string message;  ///< Without position and key.
  std::string hint;     ///< "Did you mean 'inject'?", the present spelling, …; may be empty.
};

enum class InjectType { file, env };
struct Inject {
  InjectType type = InjectType::file;
  std::string path;  ///< file: absolute, a file or (ending in '/' or with several fields) a folder; empty: /run/secrets.
  std::optional<std::uint32_t> uid;  ///< Owner inside the container; unset: the container's own user where known.
  std::optional<std::uint32_t> gid;
  std::optional<std::uint32_t> mode;  ///< Unset: 0400 with a known owner, else 0444 (design: delivery).
  bool visible = false;               ///< env: plain variables that `docker inspect` shows.
  bool operator==(const Inject&) const = default;
};

/// `automatic` ("auto"): signal for files when a signal is set, else rolling where nothing is lost by it, else restart.
enum class Strategy { automatic, rolling, restart, signal, none };
struct ReloadStrategy {
  Strategy type = Strategy::automatic;
  std::string signal = {};  ///< Normalised: upper case with SIG.
  bool operator==(const ReloadStrategy&) const = default;
};

/// One configured use of a provider.
struct ProviderInstance {
  std::string name;  ///< "default" in the short form.
  std::string type;  ///< "local", "vault", "aws", "azure", …: libdso_provider_<type>.so but for local.
  std::map<std::string, std::string> settings;  ///< address, region, namespace, ca_file, mount, … as text.
  std::string auth_method;                      ///< Empty: the provider's own default chain.
  std::map<std::string, std::string> auth_params;
  int retry_attempts = 3;
  std::chrono::milliseconds retry_backoff{1000};
  std::chrono::milliseconds timeout{10000};  ///< For one operation with its retries.
  std::string sandbox = "strict";            ///< Or "network".
  SourcePos pos;
};

struct Mapping {
  std::string field;  ///< As the store knows it; "#a.b" descends into JSON; dots are literal otherwise.
  std::string dest;   ///< Env name or file name.
  bool operator==(const Mapping&) const = default;
};

/// All given conditions must match; `containers` matches the container's name or its compose service.
struct Targets {
  std::vector<std::string> containers;
  std::map<std::string, std::string> labels;
  bool empty() const { return containers.empty() && labels.empty(); }
};

struct SecretConfig {
  std::string name;      ///< As the store knows it.
  std::string provider;  ///< The instance's name; always set after parsing.
  Inject inject;
  bool rotation = true;  ///< False: delivered once, never changed in a running container.
  ReloadStrategy reload;
  std::chrono::milliseconds health_check_timeout{45000};
  Targets targets;
  std::vector<Mapping> mappings;  ///< Empty: every field under its own name.
  SourcePos pos;
};

struct AgentConfig {
  std::chrono::milliseconds polling_interval{120000};
  std::chrono::milliseconds debounce_quiet{2000};
  std::chrono::milliseconds debounce_max{30000};
  ReloadStrategy rotation;  ///< agent.rotation: for containers whose secret and label say nothing.
  int max_parallel = 2;
  std::chrono::milliseconds health_check_timeout{45000};
  std::chrono::milliseconds drain_timeout{10000};
  std::chrono::milliseconds monitor{30000};  ///< How long after an update a container is still looked at; 0: not at all.
  std::string metrics_listen;                ///< Empty: none.
  bool memory_must_be_locked = false;
  bool read_labels = true;  ///< False: the read socket gives what the config says, whatever labels say.
};

struct Config {
  std::string file;                         ///< Where it was read from; empty: built-in defaults (local store).
  std::vector<ProviderInstance> providers;  ///< At least one; the first is used where a secret names none.
  AgentConfig agent;
  Inject default_inject;
  bool default_rotation = true;
  ReloadStrategy default_reload;
  std::string log_level = "info";  ///< debug, info, warn, error.
  std::string log_format = "text";
  std::vector<SecretConfig> secrets;

  const ProviderInstance* find_provider(const std::string& name) const {
    for (const auto& p : providers)
      if (p.name == name) return &p;
    return nullptr;
  }
};

}  // namespace dso
