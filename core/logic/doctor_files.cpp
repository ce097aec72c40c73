// The rows of section "host" that DSO's own files answer.
#include "logic/doctor_files.h"

#include <algorithm>

#include "logic/doctor_row.h"

namespace dso {
namespace {

using enum DoctorLevel;

std::string octal_with_zero(unsigned mode) {
  std::string out = "0";
  for (int shift = 6; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((mode >> shift) & 7));
  return out;
}

}  // namespace

DoctorRows config_checks(const ConfigFacts& f) {
  constexpr std::string_view kCheck = "host.config";
  if (f.error) return {doctor_row(error, kCheck, {}, f.error->what + ": " + f.error->cause, f.error->next)};
  if (f.file.empty())
    return {doctor_row(info, kCheck, {}, "there is no dso.yaml: the built-in defaults count (the local store)")};
  const Diagnostic* first = nullptr;
  int errors = 0;
  for (const Diagnostic& d : f.findings) {
    if (d.severity != Diagnostic::Severity::error) continue;
    if (errors++ == 0) first = &d;
  }
  if (first)
    return {doctor_row(error, kCheck, f.file,
                       "it is not valid, the first of " + std::to_string(errors) + " error(s): " + first->key +
                           (first->key.empty() ? "" : ": ") + first->message,
                       "See every finding: dso validate " + f.file)};
  if (!f.findings.empty())
    return {doctor_row(warn, kCheck, f.file, "valid, with " + std::to_string(f.findings.size()) + " warning(s)",
                       "See them: dso validate " + f.file)};
  return {doctor_row(ok, kCheck, f.file, "valid")};
}

DoctorRows permission_checks(const std::vector<OwnedPath>& paths, std::uint32_t user, const std::vector<Error>& distrusted) {
  constexpr std::string_view kCheck = "host.permission";
  DoctorRows rows;
  for (const OwnedPath& p : paths) {
    const bool write = (p.mode & 022) != 0;
    if (p.uid != 0 && p.uid != user) {
      rows.push_back(doctor_row(error, kCheck, p.path, "the " + p.what + " belongs to uid " + std::to_string(p.uid),
                                "If it is yours: chown " + std::to_string(user) + " " + p.path));
    } else if (p.secret ? (p.mode & 077) != 0 : write) {
      const std::string who = (p.mode & (p.secret ? 07 : 02)) != 0 ? "everybody" : "its group";
      rows.push_back(
          doctor_row(error, kCheck, p.path,
                     who + (write ? " may change the " : " may read the ") + p.what + " (mode " + octal_with_zero(p.mode) + ")",
                     "chmod " + std::string(p.secret ? "go-rwx " : "go-w ") + p.path, p.secret ? "private" : "unwritable"));
    }
  }
  for (const Error& e : distrusted) rows.push_back(doctor_row(error, kCheck, {}, e.what + ": " + e.cause, e.next));
  if (rows.empty() && !paths.empty())
    rows.push_back(doctor_row(ok, kCheck, {}, "nobody else may change DSO's files, or read its keys"));
  return rows;
}

DoctorRows provider_checks(const ProviderFolderFacts& f) {
  constexpr std::string_view kCheck = "host.providers";
  DoctorRows rows;
  if (!f.there && f.needed.empty()) return {doctor_row(ok, kCheck, {}, "the config needs none")};
  if (f.error)
    return {doctor_row(f.needed.empty() ? warn : error, kCheck, f.folder, f.error->what + ": " + f.error->cause, f.error->next)};
  for (const std::string& type : f.needed)
    if (std::none_of(f.files.begin(), f.files.end(), [&](const auto& file) { return file.name == type; }))
      rows.push_back(doctor_row(error, kCheck, type,
                                "the config names this type of store, and " + f.folder + " has no file for it",
                                "dso provider install FILE, or set DSO_PROVIDER_DIR."));
  for (const ProviderFolderFacts::File& file : f.files)
    if (!file.problem.empty())
      rows.push_back(doctor_row(std::find(f.needed.begin(), f.needed.end(), file.name) == f.needed.end() ? warn : error, kCheck,
                                file.path, file.problem, "See `dso provider verify`."));
  if (!f.locked && rows.empty())
    return {
        doctor_row(info, kCheck, f.folder, "there is no providers.lock: its files are not compared with what was installed", {})};
  if (rows.empty()) rows.push_back(doctor_row(ok, kCheck, f.folder, std::to_string(f.files.size()) + " as they were installed"));
  return rows;
}

DoctorRows ca_checks(const std::string& bundle, bool readable, bool needed) {
  if (readable) return {doctor_row(ok, "host.ca", bundle, "TLS trusts its CAs")};
  if (!bundle.empty())
    return {
        doctor_row(error, "host.ca", bundle, "SSL_CERT_FILE names it, and it cannot be read", "Correct or unset SSL_CERT_FILE.")};
  return {doctor_row(needed ? warn : info, "host.ca", {}, "this host has no file of trusted CAs",
                     needed ? "Install ca-certificates, or give the provider a ca_file." : "")};
}

}  // namespace dso
