// Walks the words as the parser does: global flags, the command's one or two words, then its own options and arguments.
#include "complete.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace dso::cli {
namespace {

using Also = Completion::Also;

struct Flag {
  std::vector<std::string> names;  ///< As typed: "-c", "--config".
  std::string value, help;         ///< `value` empty: a switch.
};

const std::vector<Flag>& global_flags() {
  static const std::vector<Flag> flags{{{"--config", "-c"}, "FILE", "dso.yaml to use"},
                                       {{"--format"}, "FORMAT", "text or json"},
                                       {{"--quiet", "-q"}, "", "No notes on stderr"},
                                       {{"--no-color"}, "", "No colour"},
                                       {{"--help", "-h"}, "", "Help"}};
  return flags;
}

std::vector<Flag> flags_of(const CommandSpec* command) {
  std::vector<Flag> out;
  if (command)
    for (const OptionSpec& o : command->options) {
      Flag f{{o.long_name()}, o.value ? o.value : "", o.help};
      if (const std::string letter = o.short_name(); !letter.empty()) f.names.push_back(letter);
      out.push_back(std::move(f));
    }
  if (!command || !command->pass_through) out.insert(out.end(), global_flags().begin(), global_flags().end());
  return out;
}

const Flag* find_flag(const std::vector<Flag>& flags, const std::string& word) {
  for (const Flag& f : flags)
    if (std::find(f.names.begin(), f.names.end(), word) != f.names.end()) return &f;
  return nullptr;
}

void offer(Completion& out, const std::string& text, const std::string& description) {
  if (text.starts_with(out.prefix)) out.candidates.push_back({text, description});
}

void offer_commands(Completion& out, const std::vector<CommandSpec>& table, const std::vector<std::string>& before) {
  std::set<std::string> seen;
  for (const CommandSpec& c : table) {
    if (c.hidden) continue;
    const std::string name = c.name;
    const auto space = name.find(' ');
    if (before.empty()) {
      const std::string first = name.substr(0, space);
      if (seen.insert(first).second) offer(out, first, space == std::string::npos ? c.summary : "More: dso " + first + " --help");
    } else if (space != std::string::npos && name.substr(0, space) == before[0]) {
      offer(out, name.substr(space + 1), c.summary);
    }
  }
}

Also kind_of(std::string_view placeholder) {
  if (placeholder.find("CONTAINER") != std::string_view::npos) return Also::containers;
  return placeholder.find("FILE") != std::string_view::npos ? Also::files : Also::nothing;
}

}  // namespace

Completion complete(const std::vector<CommandSpec>& table, const std::vector<std::string>& words) {
  Completion out;
  if (words.empty()) return out;
  out.prefix = words.back();
  std::vector<std::string> names;  // those that are neither options nor their values
  const CommandSpec* command = nullptr;
  const Flag* open = nullptr;  // the last one needs a value, which comes next
  std::vector<Flag> flags = flags_of(nullptr);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (open) {
      open = nullptr;
      continue;
    }
    if (words[i].starts_with("-")) {
      open = find_flag(flags, words[i]);
      if (open && open->value.empty()) open = nullptr;
      continue;
    }
    names.push_back(words[i]);
    if (command) continue;
    command = find_command(table, names);
    if (command) flags = flags_of(command);
  }
  std::string before;  // "--format=" of one word with its value
  if (const auto equals = out.prefix.find('='); !open && out.prefix.starts_with("--") && equals != std::string::npos) {
    open = find_flag(flags, out.prefix.substr(0, equals));
    if (!open || open->value.empty()) return out;
    before = out.prefix.substr(0, equals + 1);
  }
  if (open) {
    if (open->value == "FORMAT")
      for (const char* format : {"text", "json"}) offer(out, before + format, "");
    out.also = kind_of(open->value);
    return out;
  }
  if (out.prefix.starts_with("-")) {
    for (const Flag& f : flags) offer(out, f.names[0], f.help);
    return out;
  }
  if (!command) {
    if (names.size() < 2) offer_commands(out, table, names);
    return out;
  }
  const int given = static_cast<int>(names.size() - command->words());
  if (command->max_arguments < 0 || given < command->max_arguments) out.also = kind_of(command->arguments);
  if (std::string_view(command->name) == "completion")
    for (const char* shell : {"bash", "zsh", "fish"}) offer(out, shell, "");
  return out;
}

}  // namespace dso::cli
