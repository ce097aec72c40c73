// Three ways: the same place, below a folder that is mounted read-only, above it and read-only itself.
#include "logic/mount_clash.h"

#include <algorithm>

#include "logic/delivery_names.h"
#include "logic/text.h"

namespace dso {
namespace {

std::string as_the_container_sees(const std::string& target) {
  return as_linked(clean_path(target));
}

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    if (list.substr(at, comma - at) == word) return true;
    at = comma + 1;
  }
  return false;
}

Error clash_of(const OwnMount& own, const std::string& folder, std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::config;
  const std::string whose = own.lender.empty() ? "the container's own mount" : "the mount of '" + printable(own.lender) + "'";
  e.what = "Cannot mount DSO's " + folder + " beside " + whose + " at " + printable(own.target) +
           (own.lender.empty() ? "" : ", which comes by volumes-from");
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

constexpr const char* kElsewhere =
    "Mount it elsewhere, or give DSO's files another folder (--secret NAME=/run/dso-secrets/, or inject: {type: file, path: "
    "/run/dso-secrets/}).";

}  // namespace

OwnMount own_volume(const std::string& spec) {
  const std::size_t colon = spec.find(':');
  if (colon == std::string::npos) return {spec, false};
  const std::size_t end = std::min(spec.find(':', colon + 1), spec.size());
  return {spec.substr(colon + 1, end - colon - 1), end < spec.size() && has_word(std::string_view(spec).substr(end + 1), "ro")};
}

OwnMount own_mount(const std::string& spec) {
  OwnMount out;
  for (std::size_t at = 0; at <= spec.size();) {
    const std::size_t comma = std::min(spec.find(',', at), spec.size());
    std::string field = spec.substr(at, comma - at);
    std::erase(field, '"');
    at = comma + 1;
    const std::size_t eq = std::min(field.find('='), field.size());
    const std::string key = lower(field.substr(0, eq)), value = eq < field.size() ? field.substr(eq + 1) : "";
    if (key == "target" || key == "dst" || key == "destination") out.target = value;
    if (key == "readonly" || key == "ro") out.read_only = value.empty() || value == "true" || value == "1";
  }
  return out;
}

OwnMount own_tmpfs(const std::string& spec) {
  return {spec.substr(0, spec.find(':')), false};
}

Lender lender_of_run(const std::string& spec) {
  const std::size_t colon = std::min(spec.find(':'), spec.size());
  return {spec.substr(0, colon), false, colon < spec.size() && has_word(std::string_view(spec).substr(colon + 1), "ro")};
}

Lender lender_of_service(const std::string& spec) {
  constexpr std::string_view kContainer = "container:";
  if (spec.starts_with(kContainer)) return lender_of_run(spec.substr(kContainer.size()));
  Lender out = lender_of_run(spec);
  out.is_service = true;
  return out;
}

std::vector<OwnMount> lent(std::vector<OwnMount> mounts, const Lender& lender) {
  for (OwnMount& m : mounts) {
    m.lender = lender.name;
    m.read_only |= lender.read_only;
  }
  return mounts;
}

std::optional<Error> mount_clash(const std::vector<OwnMount>& own, const std::vector<ScopeMount>& ours) {
  for (const OwnMount& mount : own) {
    if (!mount.target.starts_with('/')) continue;
    const std::string theirs = as_the_container_sees(mount.target);
    for (const ScopeMount& m : ours) {
      const std::string folder = as_the_container_sees(m.container_path);
      if (theirs == folder && !mount.lender.empty()) continue;  // the engine takes what is not borrowed
      if (theirs == folder) return clash_of(mount, m.container_path, "both are for the same place", kElsewhere);
      if (is_below(theirs, folder))
        return clash_of(mount, m.container_path, "it lies in a folder that DSO mounts whole and read-only", kElsewhere);
      if (mount.read_only && is_below(folder, theirs))
        return clash_of(mount, m.container_path, "it is read-only, so that the engine cannot make a folder in it",
                        "Mount it without ro, or further below: what DSO needs of it is " + m.container_path + ".");
    }
  }
  return std::nullopt;
}

}  // namespace dso
