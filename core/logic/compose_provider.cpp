// Boost.JSON writes the lines; those with values in secret memory.
#include "logic/compose_provider.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "logic/secret_flag.h"
#include "logic/secret_json.h"
#include "logic/secret_json_text.h"
#include "logic/steering_names.h"

namespace dso {
namespace {

constexpr const char* kMountedAt = "/run/secrets";

Error provider_usage(std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = "Cannot provide secrets to the compose project";
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

Result<void> take_option(ComposeProviderCall& call, const std::string& name, const std::string& value) {
  if (name == "project-name") {
    call.project = value;
  } else if (name == "secrets") {
    call.secrets.push_back(value);
  } else if (name == "path") {
    if (!value.starts_with('/')) return provider_usage("the option 'path' is no absolute path", "Write path: /run/secrets.");
    call.path = value;
    while (call.path.size() > 1 && call.path.ends_with('/')) call.path.pop_back();
  } else if (name == "visible") {
    if (value != "true" && value != "false")
      return provider_usage("the option 'visible' is '" + value + "'", "It takes true or false.");
    call.visible = value == "true";
  } else {
    return provider_usage("it has no option '" + name + "'", "The options of provider type dso are secrets, path and visible.");
  }
  return {};
}

/// A variable's name: upper case, digits, '_'.
std::string variable_of(std::string_view file) {
  std::string out;
  for (const char c : file) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
    out += letter ? static_cast<char>(c & ~0x20) : digit ? c : '_';
  }
  return out;
}

boost::json::object parameter(const char* name, const char* description, bool required, const char* type, const char* otherwise) {
  boost::json::object o{{"name", name}, {"description", description}, {"required", required}, {"type", type}};
  if (otherwise) o["default"] = otherwise;
  return o;
}

}  // namespace

Result<ComposeProviderCall> parse_compose_provider(const std::vector<std::string>& arguments) {
  ComposeProviderCall call;
  bool event = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
      if (equals == std::string::npos && i + 1 >= arguments.size())
        return provider_usage("the option '" + name + "' has no value", "");
      DSO_CHECK(take_option(call, name, equals == std::string::npos ? arguments[++i] : word.substr(equals + 1)));
    } else if (!event) {
      using Event = ComposeProviderCall::Event;
      if (word != "up" && word != "down" && word != "metadata")
        return provider_usage(
            "'" + word + "' is none of the protocol's words",
            "This command is for Docker Compose itself (provider: {type: dso}); for a project with secrets: dso up.");
      call.event = word == "up" ? Event::up : word == "down" ? Event::down : Event::metadata;
      event = true;
    } else if (call.service.empty()) {
      call.service = word;
    } else {
      return provider_usage("there is more than one service: '" + word + "'", "");
    }
  }
  if (!event)
    return provider_usage(
        "there is no word what to do",
        "This command is for Docker Compose itself (provider: {type: dso}); for a project with secrets: dso up.");
  if (call.event == ComposeProviderCall::Event::up && call.secrets.empty())
    return provider_usage("the option 'secrets' of service '" + call.service + "' is missing",
                          "Write options: {secrets: myapp/db}.");
  return call;
}

std::string compose_provider_metadata() {
  const boost::json::array up{
      parameter("secrets", "Secrets, one a list entry: [provider/]name[#field], as for dso run --secret", true, "string",
                nullptr),
      parameter("path", "Where the volume with their files is mounted in the services", false, "string", kMountedAt),
      parameter("visible", "Values as variables, which docker inspect shows", false, "boolean", "false")};
  return boost::json::serialize(boost::json::object{{"description", "Secrets from the stores that DSO is configured for"},
                                                    {"up", {{"parameters", up}}},
                                                    {"down", {{"parameters", boost::json::array{}}}}});
}

Result<std::vector<DeliveryItem>> compose_provider_items(const ComposeProviderCall& call, const Config& config) {
  std::vector<DeliveryItem> items;
  for (const std::string& spec : call.secrets) {
    DSO_TRY(DeliveryItem item, parse_secret_flag(spec, config));
    if (item.inject.type == InjectType::env && !call.visible)
      return provider_usage("'" + spec + "' asks for a variable, which docker inspect would show",
                            "Leave the variable out and read the file, use dso up, or say visible: true.");
    if (call.visible)
      item.inject = Inject{.type = InjectType::env, .path = {}, .uid = {}, .gid = {}, .mode = {}};
    else
      item.inject.path = (call.path.empty() ? kMountedAt : call.path) + "/";
    items.push_back(std::move(item));
  }
  return merge_items({}, items);
}

std::string compose_message(std::string_view type, std::string_view text) {
  return boost::json::serialize(boost::json::object{{"type", type}, {"message", text}}) + "\n";
}

Result<void> check_compose_variables(const DeliveryPlan& plan, std::string_view service) {
  const auto check = [prefix = variable_of(service) + "_", service](const std::string& name) -> Result<void> {
    auto why = why_not_unasked(prefix + name);
    if (!why) return {};
    return make_error(ErrorClass::config,
                      "Cannot give the variable " + name + " to the services behind '" + std::string(service) + "'",
                      std::move(*why), "Compose puts the service's name before it: call the service otherwise.");
  };
  for (const PlannedFile& f : plan.files) DSO_CHECK(check(variable_of(f.name) + "_FILE"));
  for (const PlannedEnv& e : plan.env) DSO_CHECK(check(e.name));
  return {};
}

SecretBuffer compose_variables(const DeliveryPlan& plan) {
  SecretBuffer out;
  const auto set = [&out](std::string_view name, std::string_view value) {
    SecretBuffer assignment;
    append(assignment, name);
    append(assignment, "=");
    append(assignment, value);
    boost::json::object line(secret_json_storage());
    line["type"] = "setenv";
    line["message"] = view(assignment);
    append(out, view(secret_json_text(line)));
    out.push_back('\n');
  };
  for (const PlannedFile& f : plan.files) set(variable_of(f.name) + "_FILE", f.folder + "/" + f.name);
  for (const PlannedEnv& e : plan.env) set(e.name, e.content);
  return out;
}

}  // namespace dso
