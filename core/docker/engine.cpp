// Each call of the engine's API: its path, what it is called in errors, how its answer is read.
#include "docker/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "docker/engine_call.h"
#include "docker/engine_connection.h"
#include "docker/engine_memory.h"
#include "docker/log_frames.h"
#include "docker/process_start.h"
#include "logic/cgroup_text.h"
#include "logic/container_list.h"
#include "logic/event_lines.h"

namespace dso {
namespace {

/// An engine looks a container up in milliseconds; one that is starting a container may take seconds about that one.
constexpr std::chrono::seconds kLook{10};
/// Less time than this says nothing about who did not answer.
constexpr std::chrono::seconds kShortLook{1};

using engine_call::container_path;
using engine_call::named;
using engine_call::usable_name;

std::string filter_query(const std::map<std::string, std::vector<std::string>>& filters) {
  return filters.empty() ? "" : "&filters=" + percent_encode(filters_json(filters));
}

Result<void> post_action(EngineConnection& connection, const std::string& id, const std::string& action, const std::string& what,
                         const Deadline& d, const std::stop_token& s) {
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_CHECK(connection.call({"POST", path + action, what}, d, s));
  return {};
}

}  // namespace

Engine::Engine(std::shared_ptr<EngineConnection> connection)
    : connection_(std::move(connection)), memory_(std::make_shared<EngineMemory>()) {}

Engine Engine::at(std::string socket_path) {
  return Engine(std::make_shared<EngineConnection>(std::move(socket_path)));
}

const std::string& Engine::socket_path() const {
  return connection_->socket_path();
}

Result<EngineVersion> Engine::version(const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to ask the engine for its version";
  DSO_TRY(const HttpResponse answer, connection_->call({"GET", "/version", what}, d, s));
  return named(what, parse_version(view(answer.body)));
}

Result<ContainerList> Engine::listed(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                                     const std::stop_token& s) const {
  const std::string what = "Failed to list containers";
  ContainerListReader reader;
  DSO_CHECK(connection_->read(
      {"GET", "/containers/json?all=1" + filter_query(filters), what}, [&](std::string_view piece) { return reader.feed(piece); },
      d, s));
  auto list = named(what, reader.finish());
  if (list.has_error()) return list;
  for (const ListRemark& r : list->remarks)
    if (memory_->said.first(r.who + ": " + r.what)) log::warn("Agent", "Container '" + r.who + "' is passed over: " + r.what);
  for (const std::size_t i : list->mounts_untold) {
    Container& c = list->containers[i];
    auto whole = look_at(c.id, d, s);
    if (whole.has_value())
      c.mounts = std::move(whole->mounts);
    else if (!passes_over(whole.error()))
      return whole.error();
    else if (whole.error().cls != ErrorClass::not_found && !list->unread)
      list->unread = {c.name, whole.error().cause};
  }
  return list;
}

Result<std::vector<Container>> Engine::list(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                                            std::stop_token s) const {
  DSO_TRY(ContainerList found, listed(filters, d, s));
  for (Container& c : found.containers) {
    const auto judged = judge_labels(c, d, s);
    if (judged.has_error() && !passes_over(judged.error())) return judged.error();
    if (judged.has_error()) drop_labels(c, "its image cannot be looked at");
  }
  return std::move(found.containers);
}

Result<std::vector<Container>> Engine::list_all(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                                                std::stop_token s) const {
  DSO_TRY(ContainerList found, listed(filters, d, s));
  if (found.unread)
    return make_error(ErrorClass::engine_error, "Failed to list containers",
                      "what container '" + found.unread->who + "' mounts cannot be read: " + found.unread->what);
  for (Container& c : found.containers) c.labels.clear();
  return std::move(found.containers);
}

bool Engine::is_about_one(const Error& e) {
  return e.cls != ErrorClass::engine_unreachable && e.cls != ErrorClass::interrupted && e.cls != ErrorClass::timeout;
}

bool Engine::passes_over(const Error& e) const {
  if (e.cls == ErrorClass::not_found) return true;
  if (!is_about_one(e)) return false;
  if (memory_->said.first(render(e))) log::warn("Agent", render(e) + " It is passed over");
  return true;
}

Result<Container> Engine::inspect(const std::string& id_or_name, const Deadline& d, std::stop_token s) const {
  DSO_TRY(InspectedContainer whole, inspect_whole(id_or_name, d, s));
  return std::move(whole.container);
}

Result<InspectedContainer> Engine::inspect_whole(const std::string& id_or_name, const Deadline& d, std::stop_token s) const {
  InspectedContainer out;
  DSO_TRY(out.text, inspect_text(id_or_name, d, s));
  DSO_TRY(out.container, named("Failed to inspect container '" + id_or_name + "'", parse_container_inspect(view(out.text))));
  DSO_CHECK(judge_labels(out.container, d, s));
  out.container.started_boot_ms = process_started_boot_ms(out.container.pid, out.container.id);
  return out;
}

Result<Container> Engine::look_at(const std::string& id, const Deadline& d, std::stop_token s) const {
  DSO_TRY(InspectedContainer whole, look_at_whole(id, d, std::move(s)));
  return std::move(whole.container);
}

Result<InspectedContainer> Engine::look_at_whole(const std::string& id, const Deadline& d, std::stop_token s) const {
  const Error silent =
      make_error(ErrorClass::engine_error, "Failed to inspect container '" + id + "'",
                 "the engine answers, but not about this container", "If `docker inspect` of it hangs too, restart the engine.");
  if (memory_->silent.contains(id, std::chrono::steady_clock::now())) return silent;
  const std::chrono::milliseconds patience = std::min<std::chrono::milliseconds>(d.left(), kLook);
  auto seen = inspect_whole(id, Deadline::in(patience), s);
  if (seen.has_value() || seen.error().cls != ErrorClass::engine_unreachable || s.stop_requested()) return seen;
  if (patience < kShortLook || version(Deadline::in(patience), s).has_error()) return seen;
  memory_->silent.note(id, std::chrono::steady_clock::now());
  return silent;
}

Result<ImageConfig> Engine::inspect_image(const std::string& reference, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to inspect image '" + reference + "'";
  std::string path = "/images";
  for (std::size_t at = 0; at <= reference.size();) {  // a reference's slashes are the path's
    const std::size_t slash = std::min(reference.find('/', at), reference.size());
    const std::string_view segment = std::string_view(reference).substr(at, slash - at);
    if (!usable_name(segment)) return make_error(ErrorClass::invalid_request, what, "it is no image's name");
    path += "/" + percent_encode(segment);
    at = slash + 1;
  }
  DSO_TRY(const HttpResponse answer, connection_->call({"GET", path + "/json", what}, d, s));
  return named(what, parse_image_inspect(view(answer.body)));
}

Result<void> Engine::restart(const std::string& id, std::chrono::seconds stop_timeout, const Deadline& d,
                             std::stop_token s) const {
  return post_action(*connection_, id, "/restart?t=" + std::to_string(stop_timeout.count()),
                     "Failed to restart container '" + id + "'", d, s);
}

Result<void> Engine::start(const std::string& id, const Deadline& d, std::stop_token s) const {
  return post_action(*connection_, id, "/start", "Failed to start container '" + id + "'", d, s);
}

Result<void> Engine::kill(const std::string& id, const std::string& signal, const Deadline& d, std::stop_token s) const {
  return post_action(*connection_, id, "/kill?signal=" + percent_encode(signal),
                     "Failed to send " + signal + " to container '" + id + "'", d, s);
}

Result<SecretBuffer> Engine::logs_tail(const std::string& id, int lines, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to read the log of container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_TRY(const HttpResponse answer,
          connection_->call({"GET", path + "/logs?stdout=1&stderr=1&tail=" + std::to_string(lines), what}, d, s));
  return demultiplex_logs(view(answer.body));
}

Result<void> Engine::events(const std::map<std::string, std::vector<std::string>>& filters,
                            const std::function<bool(const EngineEvent&)>& on_event, std::stop_token stop,
                            std::int64_t since_ns) const {
  const std::string what = "Failed to follow the engine's events";
  std::string since;
  if (since_ns > 0) {
    const std::string fraction = std::to_string(since_ns % 1'000'000'000);
    since = "since=" + std::to_string(since_ns / 1'000'000'000) + "." + std::string(9 - fraction.size(), '0') + fraction;
  }
  std::optional<Error> broken;
  EventLines lines(
      [&](std::string_view line) {
        auto event = named(what, parse_event(line));
        if (event.has_error()) broken = event.error();
        return !broken && !stop.stop_requested() && on_event(*event);
      },
      [&](std::string_view head) {
        const auto ids = ids_in_text(head);
        const std::string who = ids.empty() ? "a container" : "container '" + ids.front().substr(0, 12) + "'";
        if (memory_->said.first("event " + who))
          log::warn("Agent", "Events of " + who + " are passed over: its labels make them longer than 1 MiB");
      });
  auto streamed = connection_->stream(
      {"GET", "/events?" + since + filter_query(filters), what}, [&](std::string_view piece) { return lines.feed(piece); }, stop);
  if (broken) return *broken;
  if (stop.stop_requested()) return {};
  return streamed;
}

Result<std::vector<EngineEvent>> Engine::past_events(const std::map<std::string, std::vector<std::string>>& filters,
                                                     std::int64_t since_ms, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to ask for the engine's past events";
  const std::string times = "since=" + std::to_string(since_ms / 1000) + "&until=" + std::to_string(unix_ms() / 1000 + 1);
  DSO_TRY(const SecretBuffer text, get("/events?" + times + filter_query(filters), what, d, std::move(s)));
  std::vector<EngineEvent> out;
  std::optional<Error> broken;
  EventLines lines(
      [&](std::string_view line) {
        auto event = named(what, parse_event(line));
        if (event.has_error())
          broken = event.error();
        else if (event->time_ns / 1'000'000 >= since_ms)
          out.push_back(std::move(*event));
        return !broken;
      },
      [](std::string_view) {});
  lines.feed(view(text));
  if (broken) return *broken;
  return out;
}

}  // namespace dso
