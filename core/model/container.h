// A container as the engine shows it: what deciding and showing need, nothing more.
#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dso {

namespace label {
inline constexpr const char* kReloader = "dso.reloader";  ///< "true": opted in; without it a container is never touched.
inline constexpr const char* kSecrets = "dso.secrets";    ///< Comma-separated references.
inline constexpr const char* kStrategy = "dso.strategy";
inline constexpr const char* kSignal = "dso.signal";
inline constexpr const char* kExclusive = "dso.exclusive";  ///< "true": never two at once (a single writer's data).
inline constexpr const char* kLayer = "dso.layer";      ///< "drop": what it wrote into its own layer may go; "keep": none may.
inline constexpr const char* kAddress = "dso.address";  ///< "keep": its address in its networks may not change.
inline constexpr const char* kCopied = "dso.copied";    ///< Set by `dso up`: files that Compose copies in, with commas between.
inline constexpr const char* kScope = "dso.scope";      ///< Set by us: the scope mounted into this container.
/// Set by us, "image": the program behind dso-init is the image's entrypoint, its user gave none.
inline constexpr const char* kEntrypoint = "dso.entrypoint";
// Set by a rotation on the containers that it makes (logic/rotation_names.h says what for).
inline constexpr const char* kRole = "dso.role";        ///< "candidate" or "stand-in"; stays after the candidate took the name.
inline constexpr const char* kService = "dso.service";  ///< The name of the container that it is to become.
inline constexpr const char* kGeneration = "dso.generation";   ///< Counts the rotations of a service.
inline constexpr const char* kRotationId = "dso.rotation.id";  ///< 16 hex digits; a redirect carries it in its name.
inline constexpr const char* kReplaces = "dso.replaces";       ///< The id of the container in whose place it comes.
inline constexpr const char* kOrigin = "dso.origin";           ///< A stand-in's: what the final container has otherwise (JSON).
inline constexpr const char* kNotesMac = "dso.rotation.mac";   ///< Over those of a rotation (logic/rotation_notes.h).
/// What people write, then what only DSO does: whoever adds a label adds it here, or people are told that it does nothing.
inline constexpr std::string_view kPeoples[] = {kReloader, kSecrets, kStrategy, kSignal, kExclusive, kLayer, kAddress};
inline constexpr std::string_view kOurs[] = {kScope,    kRole,   kService,  kGeneration, kRotationId,
                                             kReplaces, kOrigin, kNotesMac, kCopied,     kEntrypoint};
inline constexpr const char* kComposeProject = "com.docker.compose.project";
inline constexpr const char* kComposeService = "com.docker.compose.service";
inline constexpr const char* kComposeDependsOn =
    "com.docker.compose.depends_on";  ///< "db:service_healthy:true,…", the last: restart.
}  // namespace label

struct ContainerMount {
  std::string type;  ///< bind, volume, tmpfs
  std::string source;
  std::string destination;
  bool read_only = false;
  std::string name =
      {};  ///< A volume's. Its place on the host the engine does not always know (20.10 shows none for a plugin's).
  bool borrowed = false;    ///< Another container's, by --volumes-from. Only of an inspect.
  std::string driver = {};  ///< A volume's.
};

/// A port that the engine has opened on the host for a running container.
struct PublishedPort {
  std::string protocol = "tcp";  ///< tcp, udp, sctp
  std::uint16_t container_port = 0;
  std::string host_ip;  ///< "0.0.0.0", "::" or one address, as bound.
  std::uint16_t host_port = 0;
  auto operator<=>(const PublishedPort&) const = default;
};

/// A container's connection to one network.
struct Endpoint {
  std::string network;     ///< The network's name.
  std::string network_id;  ///< Empty while the container never ran.
  std::string ip, ip6;     ///< Empty while it does not run.
  std::vector<std::string> aliases;
  bool static_ip = false;  ///< The user asked for this address.
};

struct Healthcheck {
  std::vector<std::string> test;  ///< {"CMD", …} or {"CMD-SHELL", "…"}; empty or {"NONE"}: none.
  std::chrono::milliseconds interval{30000}, timeout{30000}, start_period{0},
      start_interval{0};  ///< The engine's defaults filled in.
  bool defined() const { return !test.empty() && test[0] != "NONE"; }
};

/// A container that has a part of another one, or is to be restarted after it (logic/dependents.h).
struct Dependent {
  /// A namespace that ends with the other's process; a legacy link; Compose's depends_on with restart: true.
  enum class Tie { network, pid, ipc, link, service };
  std::string id, name;
  Tie tie = Tie::network;
  std::string of;                 ///< The name of the container that it depends on,
  bool direct = false;            ///< which is the one that was asked about.
  bool may_be_restarted = false;  ///< It opted in, or is of the same Compose project.
};

/// What is said of a container with `mount_lost`, everywhere.
inline constexpr const char* kMountLost = "its mount of the secrets is gone: new values reach it by a restart";

/// What the engine was asked about a container that may be replaced (agent/look_before_replacing).
struct ReplaceFacts {
  std::string written;      ///< What of substance it has written into its own layer, as text; "": nothing.
  std::string untold;       ///< Why that is not known; "": it is.
  std::string unreachable;  ///< A network where its own address is, and where no connection can be redirected; "": none.
};

struct Container {
  std::string id;
  std::string name;   ///< Without the leading '/'.
  std::string image;  ///< As asked for.
  std::string image_id;
  /// From the engine's client only those that count (logic/own_labels.h, logic/rotation_notes.h).
  std::map<std::string, std::string> labels;
  std::vector<std::string> image_labels;  ///< Keys of those that do not, since its image carries them, or is not known.
  bool image_known = true;
  std::string state;   ///< created, running, paused, restarting, exited, dead
  std::string health;  ///< "" without healthcheck, else starting, healthy, unhealthy
  std::int64_t pid = 0;
  std::int64_t started_at_ms = 0;    ///< Unix time, by the engine's clock.
  std::int64_t finished_at_ms = 0;   ///< Unix time; 0: it never ended.
  std::int64_t started_boot_ms = 0;  ///< Of PID 1, since the host started; 0: not running or not to be seen from here.
  int exit_code = 0;
  bool oom_killed = false;
  int restart_count = 0;  ///< How often the engine started it again by itself; a start by somebody begins anew.
  /// It has its secrets from a tmpfs that is gone, or covered by another mount: it keeps the files that it sees, and new ones
  /// never get there. Set by agent/seen_mount, not by the engine's client.
  bool mount_lost = false;
  std::string user;
  std::vector<std::string> entrypoint, command;
  std::string network_mode;        ///< bridge, host, none, container:<id>, or a network's name.
  std::string pid_mode, ipc_mode;  ///< "container:<id>" where they are another's. Only of an inspect.
  std::vector<ContainerMount> mounts;
  std::vector<PublishedPort> published;  ///< As bound now; empty while it does not run.
  bool publishes = false;                ///< It is configured to publish ports, running or not.
  std::vector<Endpoint> endpoints;
  bool static_mac = false;         ///< The user asked for a MAC address.
  std::vector<std::string> links;  ///< Legacy links to other containers.
  Healthcheck healthcheck;
  std::string restart_policy;                             ///< "", no, always, unless-stopped, on-failure
  bool auto_remove = false;                               ///< --rm
  int stop_timeout_s = 10;                                ///< The container's own, or the engine's default.
  bool logs_by_name = false;                              ///< Its log driver takes its name, once, when it starts.
  std::optional<ReplaceFacts> replace_facts = {};         ///< Nothing: nobody has looked.
  std::optional<std::vector<Dependent>> dependents = {};  ///< Likewise; in the order in which they are restarted after it.
  std::string missing_host = {};  ///< Found with them: why it could not start again, by whom it stands on; "" where it could.
  std::string start_error;        ///< Why the engine could not start it; "" otherwise.

  std::string label_or(const std::string& key, const std::string& fallback = {}) const {
    auto it = labels.find(key);
    return it == labels.end() ? fallback : it->second;
  }
  bool opted_in() const {
    static const std::string key = label::kReloader;  // asked of each container at each poll
    const auto it = labels.find(key);
    return it != labels.end() && it->second == "true";
  }
};

/// What an image says about how its containers start.
struct ImageConfig {
  std::string id;
  std::string user;
  std::vector<std::string> entrypoint, command;
  std::map<std::string, std::string> labels = {};
  std::vector<std::string> volumes = {};      ///< Where its containers get one, whoever asks.
  std::vector<std::string> shell = {};        ///< Of what is not a list of words; empty: /bin/sh -c.
  std::vector<std::string> health_test = {};  ///< As Healthcheck's.
};

}  // namespace dso
