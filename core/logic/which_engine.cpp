// The order is that of docker/cli's resolveContextName; the config may hold logins of registries, so it is read in secret memory.
#include "logic/which_engine.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/digest.h"
#include "logic/json_text.h"
#include "logic/secret_json.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::string_view kUsualSocket = "/var/run/docker.sock";
constexpr std::string_view kUsualContext = "default";

boost::json::value read_object(std::string_view text) {
  boost::system::error_code ec;
  boost::json::value out = boost::json::parse(text, ec, secret_json_storage());
  if (ec || !out.is_object()) return boost::json::object(secret_json_storage());
  return out;
}

/// "ssh://user:password@host" without what stands before the '@'.
std::string without_login(std::string_view host) {
  const auto scheme = host.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto at = host.substr(begin, host.find('/', begin) - begin).rfind('@');
  if (at == std::string_view::npos) return printable(host);
  return printable(std::string(host.substr(0, begin)) + std::string(host.substr(begin + at + 1)));
}

std::string named(std::string_view context) {
  return "Cannot use the Docker context " + in_quotes(context);
}

constexpr const char* kOtherContext = "choose a context of this host: docker context use default (or DOCKER_CONTEXT=default)";

}  // namespace

EngineChoice chosen_engine(const EngineWords& words, std::string_view config_json) {
  if (!words.host.empty()) return {"", words.host};
  if (!words.context.empty()) return {words.context, ""};
  const boost::json::value config = read_object(config_json);
  const std::string_view current = text_in(config.get_object(), "currentContext");
  return {std::string(current.empty() ? kUsualContext : current), ""};
}

std::string context_file(std::string_view context) {
  return "contexts/meta/" + sha256_hex(context) + "/meta.json";
}

Result<std::string> context_host(std::string_view context, std::string_view meta_json) {
  const boost::json::value meta = read_object(meta_json);
  const auto* endpoints = meta.get_object().if_contains("Endpoints");
  const auto* list = endpoints ? endpoints->if_object() : nullptr;
  const auto* docker = list ? list->if_contains("docker") : nullptr;
  if (!docker || !docker->is_object())
    return make_error(ErrorClass::engine_unreachable, named(context), "it has no Docker endpoint",
                      "Look at it: docker context inspect " + printable(context) + "; or " + kOtherContext + ".");
  return std::string(text_in(docker->get_object(), "Host"));
}

Result<std::string> engine_socket(const EngineChoice& choice) {
  constexpr std::string_view kScheme = "unix://";
  const std::string_view host = trim(choice.host);
  if (host.empty()) return std::string(kUsualSocket);
  if (host.starts_with(kScheme) && host.size() > kScheme.size() && host[kScheme.size()] == '/')
    return std::string(host.substr(kScheme.size()));
  const std::string where =
      "its engine is at '" + without_login(host) + "', and DSO hands secrets over on the engine's own host, by its unix socket";
  if (choice.context.empty())
    return make_error(ErrorClass::engine_unreachable, "Cannot use DOCKER_HOST", where,
                      "Run dso on that host; or unset DOCKER_HOST, or set it to unix:///path/to/docker.sock.");
  return make_error(ErrorClass::engine_unreachable, named(choice.context), where,
                    std::string("Run dso on that host; or ") + kOtherContext + ".");
}

Error no_context(std::string_view context) {
  return make_error(ErrorClass::engine_unreachable, named(context), "there is none of that name",
                    std::string("See docker context ls; or ") + kOtherContext + ".");
}

}  // namespace dso
