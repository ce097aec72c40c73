// A SupervisedSource over a test plugin, with a fake network and environment, and what the log said meanwhile.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "log_capture.h"
#include "places.h"
#include "provider/supervised_source.h"

namespace dso::test {

inline const std::string kPlugins = in_build("test-plugins");
inline const std::string kHost = in_build("provider_host_for_tests");

struct SourceFixture {
  ProviderInstance instance;
  std::map<std::string, std::string> env;
  HttpLender http = [](const HttpRequest&, const Deadline&, std::stop_token) -> Result<HttpResponse> { return Error{}; };
  EventLender listen;
  RestartPolicy restart{std::chrono::milliseconds(0), std::chrono::milliseconds(0)};

  explicit SourceFixture(const std::string& type) {
    instance.name = "prod";
    instance.type = type;
    instance.retry_attempts = 3;
    instance.retry_backoff = std::chrono::milliseconds(1);
  }
  std::unique_ptr<SupervisedSource> make() {
    SourceParts parts;
    parts.instance = instance;
    parts.file = open_provider_file(kPlugins, instance.type).value();
    parts.exe = kHost;
    parts.http = http;
    parts.listen = listen;
    parts.env = [this](const std::string& name) -> const char* {
      const auto it = env.find(name);
      return it == env.end() ? nullptr : it->second.c_str();
    };
    parts.restart = restart;
    parts.random = [] { return 0.5; };
    return std::make_unique<SupervisedSource>(std::move(parts));
  }
};

inline Result<SecretValue> fetch_one(SecretSource& source, const std::string& name,
                                     std::chrono::milliseconds time = std::chrono::seconds(20), std::stop_token stop = {}) {
  const SecretRef ref{name, ""};
  auto all = source.fetch({&ref, 1}, Deadline::in(time), std::move(stop));
  return std::move(all.at(0));
}

inline std::string field(const Result<SecretValue>& value, const std::string& name) {
  if (value.has_error()) return "error: " + render(value.error());
  const SecretField* f = value->find(name);
  return f ? std::string(f->value.reveal()) : "no field " + name;
}

inline std::size_t open_descriptors() {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++n;
  return n;
}

}  // namespace dso::test
