// Inspect, clone_spec, create, and the networks that the create call could not name.
#include "rotation/make_container.h"

#include "logic/clone_spec.h"
#include "logic/layer_changes.h"
#include "logic/rotation_names.h"
#include "logic/tar_name.h"
#include "rotation/free_name.h"

namespace dso {
namespace {

/// Straight from one to the other: it may be a secret. What its program has removed stays removed.
Result<void> copy_file(const Engine& engine, const std::string& from, const std::string& to, const std::string& path,
                       const Deadline& d, const std::stop_token& s) {
  auto archive = engine.get_file(from, path, d, s);
  if (archive.has_error()) return archive.error().cls == ErrorClass::not_found ? Result<void>() : Result<void>(archive.error());
  DSO_CHECK(name_whole_path(*archive, path));
  return engine.put_file(to, *archive, d, s);
}

Result<std::string> make(const RotationTools& tools, const std::string& from, const std::string& name, CloneRequest request,
                         const Deadline& d, std::stop_token s) {
  DSO_TRY(request.api, tools.engine.api_version(d, s));
  DSO_TRY(const InspectedContainer source, tools.engine.inspect_whole(from, d, s));
  auto image = tools.engine.inspect_image(source.container.image, d, s);
  request.image_by_name = image.has_value() && image->id == source.container.image_id;
  request.sign = [&](const std::map<std::string, std::string>& labels) { return tools.engine.mac_of_notes(labels); };
  DSO_TRY(const CloneSpec spec, clone_spec({source.container, view(source.text)}, request));
  DSO_TRY(const std::string id,
          once_name_is_free(tools.engine, name, s, [&] { return tools.engine.create(name, spec.body, d, s, spec.platform); }));
  for (const auto& [network, endpoint] : spec.networks) {
    auto connected = tools.engine.connect_network(network, id, endpoint, d, s);
    if (connected.has_value()) continue;
    (void)tools.engine.remove(id, true, d, s);
    return connected.error();
  }
  for (const std::string& path : copied_files(source.container)) {
    auto copied = copy_file(tools.engine, source.container.id, id, path, d, s);
    if (copied.has_value()) continue;
    (void)tools.engine.remove(id, true, d, s);
    return copied.error();
  }
  return id;
}

Error name_is_taken(Error e, const std::string& name) {
  e.cause = "a container that is not DSO's has the name '" + name + "'";
  e.next = "Rename or remove it.";
  return e;
}

CloneRequest request_for(const RotationSubject& subject, CloneAs as, bool last_good) {
  CloneRequest request;
  request.as = as;
  request.scope_id = last_good ? subject.last_scope : subject.wanted_scope;
  request.mounts = mounts_of_scope(subject, request.scope_id);
  request.labels = rotation_labels(subject, as == CloneAs::stand_in, last_good);
  return request;
}

}  // namespace

Result<std::string> create_candidate(const RotationTools& tools, const RotationSubject& subject, const Container& service,
                                     const Deadline& d, std::stop_token s) {
  const CloneAs as = subject.flow == Flow::relay       ? CloneAs::stand_in
                     : subject.flow == Flow::exclusive ? CloneAs::sole
                                                       : CloneAs::candidate;
  const std::string name = candidate_name(subject.service);
  // Seen now rather than when the service has stopped already.
  const std::string aside = old_name(subject.service);
  if (auto there = tools.engine.inspect(aside, d, s); subject.flow == Flow::relay && there.has_value() && there->name == aside)
    return name_is_taken(make_error(ErrorClass::engine_error, "Cannot set '" + subject.service + "' aside", ""), aside);
  auto made = make(tools, service.id, name, request_for(subject, as, false), d, s);
  if (made.has_error() && made.error().store_code == "409") return name_is_taken(made.error(), name);
  return made;
}

Result<std::string> create_service(const RotationTools& tools, const RotationSubject& subject, const ObservedRotation& observed,
                                   bool last_good, const Deadline& d, std::stop_token s) {
  // The old one knows best what it was; where it is gone (--rm), the stand-in's dso.origin does.
  const Container& from = observed.old ? *observed.old : *observed.candidate;
  CloneRequest request = request_for(subject, CloneAs::final, last_good);
  if (observed.candidate) request.stand_in_origin = observed.candidate->label_or(label::kOrigin);
  return make(tools, from.id, subject.service, std::move(request), d, s);
}

}  // namespace dso
