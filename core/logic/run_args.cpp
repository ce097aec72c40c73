// Walks the words as Docker's own flag parser does: flags end at the first word that is not one, or at "--".
#include "logic/run_args.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dso {
namespace {

// Flags that take no value; whatever is not listed here takes one. A later Docker's new switch must be added.
constexpr std::array<std::string_view, 15> kDockerSwitches = {
    "detach",        "disable-content-trust", "help",  "init",      "interactive", "no-healthcheck", "oom-kill-disable",
    "privileged",    "publish-all",           "quiet", "read-only", "rm",          "sig-proxy",      "tty",
    "use-api-socket"};
constexpr std::array<std::pair<char, std::string_view>, 15> kShortFlags = {{{'a', "attach"},
                                                                            {'c', "cpu-shares"},
                                                                            {'d', "detach"},
                                                                            {'e', "env"},
                                                                            {'h', "hostname"},
                                                                            {'i', "interactive"},
                                                                            {'l', "label"},
                                                                            {'m', "memory"},
                                                                            {'P', "publish-all"},
                                                                            {'p', "publish"},
                                                                            {'q', "quiet"},
                                                                            {'t', "tty"},
                                                                            {'u', "user"},
                                                                            {'v', "volume"},
                                                                            {'w', "workdir"}}};

bool is_switch(std::string_view name) {
  return std::find(kDockerSwitches.begin(), kDockerSwitches.end(), name) != kDockerSwitches.end();
}

std::string long_name(char letter) {
  for (const auto& [c, name] : kShortFlags)
    if (c == letter) return std::string(name);
  return std::string(1, letter);
}

bool truth(std::string_view text) {
  constexpr std::array<std::string_view, 6> kFalse = {"false", "False", "FALSE", "f", "F", "0"};
  return std::find(kFalse.begin(), kFalse.end(), text) == kFalse.end();
}

Error run_usage(std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = "Cannot run the container";
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

constexpr const char* kRunExample = "For example: dso run --rm --secret myapp/db:DB_PASSWORD --label dso.reloader=true IMAGE";

std::pair<std::string, std::string> split_assignment(std::string_view text) {
  const auto eq = text.find('=');
  if (eq == std::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, eq)), std::string(text.substr(eq + 1))};
}

void note_switch(RunArgs& out, std::string_view name, bool on) {
  if (name == "detach") out.detach = on;
  if (name == "rm") out.remove = on;
  if (name == "quiet") out.quiet = on;
  if (name == "help") out.help = on;
  if (name == "no-healthcheck") out.no_healthcheck = on;
  if (name == "interactive") out.interactive = on;
  if (name == "tty") out.tty = on;
}

void note_value(RunArgs& out, std::string_view name, const std::string& value) {
  if (name == "entrypoint") out.entrypoint = value;
  if (name == "name") out.name = value;
  if (name == "user") out.user = value;
  if (name == "platform") out.platform = value;
  if (name == "pull") out.pull = value;
  if (name == "label-file") out.label_files.push_back(value);
  if (name == "label") {
    auto [key, text] = split_assignment(value);
    out.labels[key] = text;
  }
  if (name == "volume") out.mounts.push_back(own_volume(value));
  if (name == "mount") out.mounts.push_back(own_mount(value));
  if (name == "tmpfs") out.mounts.push_back(own_tmpfs(value));
  if (name == "volumes-from") out.lenders.push_back(lender_of_run(value));
  if (name == "health-cmd") out.health_command = value;
}

/// The words of one run of the parser; `at` moves over what was read.
class RunWalk {
 public:
  RunWalk(const std::vector<std::string>& args, VariableLookup lookup) : args_(args), lookup_(lookup) {}

  Result<RunArgs> all() {
    while (at_ < args_.size()) {
      const std::string& word = args_[at_];
      if (word == "--") {
        ++at_;
        break;
      }
      if (word.size() < 2 || word[0] != '-') break;
      DSO_CHECK(word[1] == '-' ? long_flag(word) : short_flags(word));
    }
    if (at_ < args_.size()) {
      out_.image = args_[at_];
      out_.command.assign(args_.begin() + static_cast<std::ptrdiff_t>(at_) + 1, args_.end());
    } else if (!out_.help) {
      return run_usage("no image was named", kRunExample);
    }
    DSO_CHECK(no_reference_elsewhere());
    return std::move(out_);
  }

 private:
  Result<void> long_flag(const std::string& word) {
    const auto eq = word.find('=');
    const std::string name = word.substr(2, eq == std::string::npos ? eq : eq - 2);
    if (name == "secrets")
      return run_usage("there is no flag --secrets", std::string("Give --secret once for each secret. ") + kRunExample);
    if (is_switch(name)) {
      note_switch(out_, name, eq == std::string::npos || truth(std::string_view(word).substr(eq + 1)));
      keep(1);
      return {};
    }
    if (eq != std::string::npos) return value_in_word(name, word.substr(eq + 1));
    return value_in_next(name, word);
  }

  /// "-d", "-dit", "-itp 80:80", "-p80:80", "-e=A=b": switches may be joined; the first that takes a value takes the rest.
  Result<void> short_flags(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string name = long_name(word[i]);
      if (is_switch(name)) {
        if (i + 1 < word.size() && word[i + 1] == '=') {
          note_switch(out_, name, truth(std::string_view(word).substr(i + 2)));
          break;
        }
        note_switch(out_, name, true);
        continue;
      }
      const std::string before = i > 1 ? word.substr(0, i) : std::string();
      if (i + 1 == word.size()) return value_in_next(name, word, before);
      return value_in_word(name, word.substr(word[i + 1] == '=' ? i + 2 : i + 1), before);
    }
    keep(1);
    return {};
  }

  /// `before`: switches that were joined to it ("-it" of "-ite").
  Result<void> value_in_word(const std::string& name, const std::string& value, const std::string& before = {}) {
    return take(name, value, 1, before);
  }

  Result<void> value_in_next(const std::string& name, const std::string& word, const std::string& before = {}) {
    if (at_ + 1 >= args_.size()) return run_usage("the flag " + word + " needs a value", name == "secret" ? kRunExample : "");
    return take(name, args_[at_ + 1], 2, before);
  }

  /// A flag of so many words. Ours, and references, are not docker's to see.
  Result<void> take(const std::string& name, const std::string& value, std::size_t words, const std::string& before) {
    bool ours = name == "secret";
    if (ours) out_.secrets.push_back(value);
    if (name == "env") {
      out_.variables.push_back(run_variable(value, lookup_));
      ours = out_.variables.back().mention != Mention::none;
    }
    if (ours) {
      if (!before.empty()) out_.flags.push_back(before);
      at_ += words;
      return {};
    }
    note_value(out_, name, value);
    keep(words);
    if (name == "env-file") out_.env_files.push_back({value, out_.flags.size() - 1});
    return {};
  }

  Result<void> no_reference_elsewhere() const {
    const auto refused = [](const std::string& where) {
      return run_usage(where + " holds a reference (dso:// or dsofile://), which would be passed on as text",
                       "References work as the whole value of a variable (--env NAME=dso://…), or as --secret SPEC.");
    };
    std::string flag;
    for (const std::string& word : out_.flags) {
      if (word.starts_with('-')) flag = word.substr(0, word.starts_with("--") ? word.find('=') : 2);
      if (mention_in(word) != Mention::none) return refused("the flag " + flag);
    }
    for (std::size_t i = 0; i < out_.command.size(); ++i)
      if (mention_in(out_.command[i]) != Mention::none) return refused("word " + std::to_string(i + 1) + " of the command");
    return {};
  }

  void keep(std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) out_.flags.push_back(args_[at_++]);
  }

  const std::vector<std::string>& args_;
  const VariableLookup lookup_;
  std::size_t at_ = 0;
  RunArgs out_;
};

}  // namespace

Result<RunArgs> parse_run_args(const std::vector<std::string>& args, VariableLookup lookup) {
  return RunWalk(args, lookup).all();
}

void replace_env_file(RunArgs& args, const RunEnvFlag& which, const std::string& path) {
  std::string& word = args.flags[which.flag];
  word.replace(word.size() - which.path.size(), which.path.size(), path);
}

std::map<std::string, std::string> parse_label_file(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    auto [key, value] = split_assignment(line);
    out[key] = value;
  }
  return out;
}

}  // namespace dso
