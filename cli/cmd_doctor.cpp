// `dso doctor`: what is wrong on this host, row by row, with the next step; and with --fix, what is safe is done.
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "build_info.h"
#include "command.h"
#include "doctor/doctor.h"
#include "doctor/doctor_fix.h"
#include "logic/doctor_checks.h"
#include "logic/doctor_row.h"
#include "logic/text.h"
#include "render.h"

namespace dso::cli {
namespace {

struct Counts {
  int by_level[4] = {};
  explicit Counts(const DoctorRows& rows) {
    for (const DoctorRow& r : rows) ++by_level[static_cast<int>(r.level)];
  }
  int of(DoctorLevel level) const { return by_level[static_cast<int>(level)]; }
};

/// Sections and checks: what may be asked for.
Result<void> check_words(const std::vector<std::string>& words) {
  std::vector<std::string_view> known;
  for (const std::string_view check : kDoctorChecks) {
    const std::string_view section = check.substr(0, check.find('.'));
    if (known.empty() || std::find(known.begin(), known.end(), section) == known.end()) known.push_back(section);
  }
  const std::string sections = join(known, ", ");
  known.insert(known.end(), std::begin(kDoctorChecks), std::end(kDoctorChecks));
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string guess = did_you_mean(word, known);
    return make_error(ErrorClass::usage, "There is no section and no check " + in_quotes(word), "",
                      guess.empty() ? "Sections are " + sections + "." : guess);
  }
  return {};
}

std::string as_json(const DoctorRows& rows) {
  boost::json::array list;
  for (const DoctorRow& r : rows)
    list.push_back({{"level", level_name(r.level)},
                    {"section", r.section},
                    {"check", r.check},
                    {"subject", r.subject},
                    {"found", r.found},
                    {"next", r.next},
                    {"fix", r.fix}});
  const Counts n(rows);
  boost::json::object out{{"rows", std::move(list)}};
  for (const DoctorLevel level : {DoctorLevel::ok, DoctorLevel::info, DoctorLevel::warn, DoctorLevel::error})
    out[level_name(level)] = n.of(level);
  return boost::json::serialize(out);
}

/// `troubles`: rows that are ok or say something by the way are left out.
std::string as_text(const DoctorRows& rows, bool troubles, bool color) {
  constexpr const char* kColors[] = {"\033[32m", "\033[36m", "\033[33m", "\033[31m"};
  std::size_t width = 0;
  for (const DoctorRow& r : rows) width = std::max(width, r.check.size());
  std::string out, section;
  for (const DoctorRow& r : rows) {
    if (troubles && r.level < DoctorLevel::warn) continue;
    if (r.section != section) out += (section.empty() ? "" : "\n") + upper(r.section) + "\n";
    section = r.section;
    const std::string level(level_name(r.level));
    out += (color ? kColors[static_cast<int>(r.level)] + level + "\033[0m" : level) + std::string(8 - level.size(), ' ');
    out += r.check + std::string(width - r.check.size() + 3, ' ');
    out += (r.subject.empty() ? "" : r.subject + ": ") + r.found + "\n";
    if (!r.next.empty()) out += std::string(8, ' ') + "next: " + r.next + (r.fix.empty() ? "" : " (--fix does it)") + "\n";
  }
  return out;
}

/// True: something was done.
bool fix_all(const Globals& globals, const DoctorRows& rows) {
  bool done = false;
  for (const DoctorRow& row : rows) {
    const std::string text = fix_text(row);
    if (text.empty()) continue;
    note({}, "Fix of " + row.check + ": " + text);  // shown before it is done, even with --quiet
    if (auto fixed = do_fix(row); fixed.has_error())
      show_error(globals, fixed.error());
    else
      done = true;
  }
  return done;
}

std::string count_text(int n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace

CommandResult cmd_doctor(CommandContext& ctx) {
  DSO_CHECK(check_words(ctx.arguments));
  const auto look = [&] {
    return run_doctor(doctor_scene(ctx.globals.config_path, ctx.paths, std::string(kVersion) + " (" + kBuildHash + ")", ctx.stop),
                      ctx.arguments);
  };
  DoctorRows rows = look();
  if (ctx.has("fix") && fix_all(ctx.globals, rows)) rows = look();
  if (ctx.stop.stop_requested()) return 130;
  const Counts n(rows);
  if (ctx.globals.json()) {
    print(as_json(rows));
  } else {
    const std::string text = as_text(rows, ctx.globals.quiet, ctx.globals.color && isatty(STDOUT_FILENO) == 1);
    if (!text.empty()) print(text);
    note(ctx.globals, std::to_string(n.of(DoctorLevel::ok)) + " ok, " + count_text(n.of(DoctorLevel::warn), "warning") + ", " +
                          count_text(n.of(DoctorLevel::error), "error"));
  }
  return n.of(DoctorLevel::error) > 0 ? 1 : 0;
}

}  // namespace dso::cli
