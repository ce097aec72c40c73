// Tables, notes, errors. The only place that writes an Error for people.
#include "render.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "logic/label_slips.h"

namespace dso::cli {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Columns count characters, not bytes.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string table(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& h : headings) widths.push_back(width(h));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  std::string out;
  const auto add = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size() && i < widths.size()) out.append(widths[i] - width(row[i]) + 3, ' ');
    }
    out += '\n';
  };
  add(headings);
  for (const auto& row : rows) add(row);
  if (!out.empty()) out.pop_back();
  return out;
}

void drop_column(std::vector<std::string>& headings, std::vector<std::vector<std::string>>& rows, std::size_t column) {
  headings.erase(headings.begin() + static_cast<std::ptrdiff_t>(column));
  for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
}

bool print(std::string_view text) {
  return write_all(STDOUT_FILENO, text) && (text.ends_with('\n') || write_all(STDOUT_FILENO, "\n"));
}

void note(const Globals& globals, std::string_view text) {
  if (globals.quiet) return;
  write_all(STDERR_FILENO, std::string(text) + "\n");
}

void note_slips(const Globals& globals, const std::string& who, const std::map<std::string, std::string>& labels) {
  for (const LabelSlip& slip : label_slips(labels)) note(globals, "dso: warning: " + who + slip_text(slip));
}

void show_error(const Globals& globals, const Error& error) {
  if (globals.json()) {
    boost::json::object e{{"class", class_name(error.cls)}, {"message", error.what}, {"cause", error.cause}};
    const std::pair<const char*, const std::string&> rest[] = {
        {"next", error.next}, {"store_code", error.store_code}, {"request_id", error.request_id}, {"identity", error.identity}};
    for (const auto& [key, value] : rest)
      if (!value.empty()) e[key] = value;
    write_all(STDERR_FILENO, boost::json::serialize(boost::json::object{{"error", e}}) + "\n");
    return;
  }
  // A cause of several lines (config findings) keeps them: each was made by us.
  std::string text;
  if (error.cls == ErrorClass::config && error.cause.find('\n') != std::string::npos)
    text = error.what + ":\n" + error.cause + (error.next.empty() ? "" : "\n" + error.next);
  else
    text = render(error);
  const bool color = globals.color;
  write_all(STDERR_FILENO, (color ? "\033[31mdso:\033[0m " : "dso: ") + text + "\n");
}

std::string ago(long long milliseconds) {
  struct Unit {
    long long ms;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86400000, "day"}, {3600000, "hour"}, {60000, "minute"}, {1000, "second"}};
  for (const Unit& u : kUnits)
    if (const long long n = milliseconds / u.ms; n >= 1) return std::to_string(n) + " " + u.name + (n == 1 ? "" : "s") + " ago";
  return "just now";
}

}  // namespace dso::cli
