// The list of findings, bounded, and how one is written as a line.
#include "logic/config_findings.h"

#include <algorithm>
#include <tuple>

#include "logic/parse_config.h"
#include "logic/text.h"

namespace dso {
namespace {

// A broken file of a megabyte must not become a report of a gigabyte.
constexpr std::size_t kMostFindings = 1000;

std::string line_of(const Diagnostic& d, std::string_view severity) {
  std::string out = printable(d.file, 4096);
  if (d.pos.line > 0) {
    out += ':' + std::to_string(d.pos.line);
    if (d.pos.column > 0) out += ':' + std::to_string(d.pos.column);
  }
  const auto add = [&out](std::string_view part) {
    if (part.empty()) return;
    if (!out.empty()) out += ": ";
    out += part;
  };
  add(severity);
  add(d.key);
  add(d.message);
  if (!d.hint.empty()) {
    if (out.back() != '.' && out.back() != '?') out += '.';
    out += ' ' + d.hint;
  }
  return out;
}

}  // namespace

void ConfigFindings::error(SourcePos pos, std::string key, std::string message, std::string hint) {
  ++errors_;
  add(Diagnostic::Severity::error, pos, std::move(key), std::move(message), std::move(hint));
}

void ConfigFindings::warn(SourcePos pos, std::string key, std::string message, std::string hint) {
  add(Diagnostic::Severity::warning, pos, std::move(key), std::move(message), std::move(hint));
}

void ConfigFindings::add(Diagnostic::Severity severity, SourcePos pos, std::string key, std::string message, std::string hint) {
  if (found_.size() < kMostFindings) {
    found_.push_back({severity, file_, pos, std::move(key), std::move(message), std::move(hint)});
  } else if (severity == Diagnostic::Severity::error && found_.size() == kMostFindings) {
    // One error always gets in, so that a file with a thousand warnings before it still fails.
    found_.push_back({severity, file_, pos, std::move(key), std::move(message), "There are more findings than are shown."});
  }
}

std::vector<Diagnostic> ConfigFindings::take() {
  const auto place = [](const Diagnostic& d) { return std::tuple(d.pos.line, d.pos.column); };
  std::stable_sort(found_.begin(), found_.end(), [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  return std::move(found_);
}

std::string render(const Diagnostic& diagnostic) {
  return line_of(diagnostic, {});
}

std::string render_with_severity(const Diagnostic& diagnostic) {
  return line_of(diagnostic, diagnostic.severity == Diagnostic::Severity::error ? "error" : "warning");
}

}  // namespace dso
