// Tables of flags that take a value; every other flag is a switch. (Unlike `docker run`, compose has few that take one.)
#include "logic/compose_args.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace dso {
namespace {

struct Flag {
  std::string_view name;
  char letter = 0;
};
constexpr std::array kGlobalValues = {Flag{"ansi"},    Flag{"env-file"}, Flag{"file", 'f'},         Flag{"parallel"},
                                      Flag{"profile"}, Flag{"progress"}, Flag{"project-name", 'p'}, Flag{"project-directory"},
                                      Flag{"workdir"}};
constexpr std::array kGlobalSwitches = {Flag{"all-resources"}, Flag{"compatibility"}, Flag{"verbose"}, Flag{"no-ansi"}};
constexpr std::array kUpValues = {Flag{"attach"}, Flag{"exit-code-from"}, Flag{"no-attach"},   Flag{"pull"},
                                  Flag{"scale"},  Flag{"timeout", 't'},   Flag{"wait-timeout"}};
constexpr std::array kDownValues = {Flag{"rmi"}, Flag{"timeout", 't'}};
constexpr std::array kRunValues = {Flag{"cap-add"},       Flag{"cap-drop"},   Flag{"entrypoint"},  Flag{"env", 'e'},
                                   Flag{"env-from-file"}, Flag{"label", 'l'}, Flag{"name"},        Flag{"publish", 'p'},
                                   Flag{"pull"},          Flag{"user", 'u'},  Flag{"volume", 'v'}, Flag{"workdir", 'w'}};
constexpr std::array kExecValues = {Flag{"env", 'e'}, Flag{"index"}, Flag{"user", 'u'}, Flag{"workdir", 'w'}};

std::span<const Flag> own_values(ComposeCommand command) {
  switch (command) {
    case ComposeCommand::up: return kUpValues;
    case ComposeCommand::down: return kDownValues;
    case ComposeCommand::run: return kRunValues;
    case ComposeCommand::exec: return kExecValues;
  }
  return {};
}

const char* command_text(ComposeCommand command) {
  switch (command) {
    case ComposeCommand::up: return "up";
    case ComposeCommand::down: return "down";
    case ComposeCommand::run: return "compose run";
    case ComposeCommand::exec: return "compose exec";
  }
  return "";
}

const Flag* find(std::span<const Flag> flags, std::string_view name) {
  for (const Flag& f : flags)
    if (f.name == name) return &f;
  return nullptr;
}
const Flag* find(std::span<const Flag> flags, char letter) {
  for (const Flag& f : flags)
    if (f.letter == letter) return &f;
  return nullptr;
}

Error no_value(const std::string& word, ComposeCommand command) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = std::string("Cannot read the arguments of `dso ") + command_text(command) + "`";
  e.cause = "the flag " + word + " needs a value";
  e.next = "Flags are those of `docker compose` and of its command, for example: dso up -f compose.yaml -d api";
  return e;
}

bool is_on(std::string_view text) {
  return text != "false" && text != "0" && text != "f" && text != "False" && text != "FALSE";
}

class ComposeWalk {
 public:
  ComposeWalk(const std::vector<std::string>& args, ComposeCommand command, std::size_t globals)
      : args_(args), command_(command), globals_(globals), values_(own_values(command)) {}

  Result<ComposeArgs> all() {
    const bool one_service = command_ == ComposeCommand::run || command_ == ComposeCommand::exec;
    while (at_ < args_.size()) {
      const std::string& word = args_[at_];
      const bool ends_flags = word == "--";
      if (ends_flags || (one_service && (word.size() < 2 || word[0] != '-'))) {
        for (; at_ < args_.size(); ++at_) {
          out_.command.push_back(args_[at_]);
          if (args_[at_] != "--" && !(one_service && !out_.services.empty())) {
            out_.services.push_back(args_[at_]);
            out_.behind_service = out_.command.size();
          }
        }
        break;
      }
      if (word.size() < 2 || word[0] != '-') {
        out_.services.push_back(word);
        out_.command.push_back(word);
        ++at_;
        continue;
      }
      DSO_CHECK(word[1] == '-' ? long_flag(word) : short_flags(word));
    }
    return std::move(out_);
  }

 private:
  Result<void> long_flag(const std::string& word) {
    const auto eq = word.find('=');
    const std::string name = word.substr(2, eq == std::string::npos ? eq : eq - 2);
    const bool global_value = find(global_values(), name) != nullptr;
    if (!global_value && !find(own(), name)) {
      note_switch(name, eq == std::string::npos || is_on(std::string_view(word).substr(eq + 1)));
      (at_ < globals_ || find(kGlobalSwitches, name) ? out_.globals : out_.command).push_back(word);
      ++at_;
      return {};
    }
    if (eq != std::string::npos) {
      ++at_;
      take(name, word.substr(eq + 1), global_value, {word});
      return {};
    }
    return value_in_next(name, global_value, word);
  }

  Result<void> short_flags(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const Flag* global = find(global_values(), word[i]);
      const Flag* mine = global ? nullptr : find(own(), word[i]);
      if (!global && !mine) {
        if (word[i] == 'h') out_.help = true;
        continue;
      }
      const std::string name((global ? global : mine)->name);
      // Switches joined before a global flag stay with the command: "-df x.yaml" is "-d" and "-f x.yaml".
      const std::string before = word.substr(0, i), flag = std::string("-") + word[i];
      const bool split = global && i > 1;
      if (split) out_.command.push_back(before);
      if (i + 1 == word.size()) return value_in_next(name, global != nullptr, split ? flag : word);
      ++at_;
      take(name, word.substr(word[i + 1] == '=' ? i + 2 : i + 1), global != nullptr, {split ? "-" + word.substr(i) : word});
      return {};
    }
    (at_ < globals_ ? out_.globals : out_.command).push_back(word);
    ++at_;
    return {};
  }

  /// Those that stand here: behind `run` a "-p" is the command's own.
  std::span<const Flag> global_values() const {
    const bool anywhere = command_ == ComposeCommand::up || command_ == ComposeCommand::down;
    return anywhere || at_ < globals_ ? std::span<const Flag>(kGlobalValues) : std::span<const Flag>();
  }
  std::span<const Flag> own() const { return at_ < globals_ ? std::span<const Flag>() : values_; }

  Result<void> value_in_next(const std::string& name, bool global, const std::string& word) {
    if (at_ + 1 >= args_.size()) return no_value(word, command_);
    const std::string value = args_[at_ + 1];
    at_ += 2;
    take(name, value, global, {word, value});
    return {};
  }

  void take(const std::string& name, const std::string& value, bool global, const std::vector<std::string>& words) {
    if (name == "file") {
      out_.files.push_back(value);
      return;
    }
    if (name == "project-directory" || name == "workdir") out_.project_directory = value;
    if (name == "env-file") out_.env_files.push_back(value);
    if (name == "pull") out_.pull = value;
    if (name == "user") out_.user = value;
    if (name == "env") out_.env.push_back(value);
    if (name == "env-from-file") out_.env_from_files.push_back(value);
    auto& to = global ? out_.globals : out_.command;
    to.insert(to.end(), words.begin(), words.end());
    if (name == "entrypoint") out_.entrypoint = {to.size() - 1, to.back().size() - value.size()};
  }

  void note_switch(const std::string& name, bool on) {
    if (name == "build") out_.build = on;
    if (name == "no-build") out_.no_build = on;
    if (name == "dry-run") out_.dry_run = on;
    if (name == "help") out_.help = on;
    if (name == "compatibility") out_.compatibility = on;
    if (name == "no-deps") out_.no_deps = on;
  }

  const std::vector<std::string>& args_;
  const ComposeCommand command_;
  const std::size_t globals_;  ///< So many words stand before the command's name.
  const std::span<const Flag> values_;
  std::size_t at_ = 0;
  ComposeArgs out_;
};

}  // namespace

ComposeLine split_compose_line(const std::vector<std::string>& args) {
  ComposeLine out;
  std::size_t at = 0;
  for (; at < args.size() && args[at].size() > 1 && args[at][0] == '-'; ++at) {
    const std::string& word = args[at];
    const Flag* flag = word[1] == '-' ? find(kGlobalValues, std::string_view(word).substr(2)) : nullptr;
    if (word.size() == 2) flag = find(kGlobalValues, word[1]);
    if (flag) ++at;
  }
  at = std::min(at, args.size());
  const auto verb = args.begin() + static_cast<std::ptrdiff_t>(at);
  out.globals.assign(args.begin(), verb);
  if (verb == args.end()) return out;
  out.verb = *verb;
  out.words.assign(verb + 1, args.end());
  return out;
}

bool is_provider_call(const std::vector<std::string>& args, std::string_view parent) {
  if (parent.starts_with("docker-compose") || args == std::vector<std::string>{"metadata"}) return true;
  const auto up = std::find(args.begin(), args.end(), "up");
  if (up == args.end() || up == args.begin() || !args[0].starts_with("--project-name")) return false;
  return std::any_of(up, args.end(), [](const std::string& word) {
    return word.starts_with("--secrets") || word.starts_with("--path") || word.starts_with("--visible");
  });
}

Result<ComposeArgs> parse_compose_args(const std::vector<std::string>& words, ComposeCommand command,
                                       const std::vector<std::string>& globals) {
  std::vector<std::string> all = globals;
  all.insert(all.end(), words.begin(), words.end());
  return ComposeWalk(all, command, globals.size()).all();
}

void put_before_entrypoint(ComposeArgs& args, const std::string& program) {
  if (args.entrypoint) args.command[args.entrypoint->first].insert(args.entrypoint->second, program + " ");
}

void put_before_command(ComposeArgs& args, const std::string& program) {
  args.command.insert(args.command.begin() + static_cast<std::ptrdiff_t>(args.behind_service), program);
}

bool is_started(const ComposeArgs& args, const std::string& service) {
  return !args.no_deps || args.services.empty() ||
         std::find(args.services.begin(), args.services.end(), service) != args.services.end();
}

ImageStep image_step(const ComposeArgs& args, const ComposeService& service, bool local) {
  const std::string& policy = args.pull.empty() || args.pull == "policy" ? service.pull_policy : args.pull;
  if (service.has_build) {
    if (args.build || policy == "build") return args.no_build ? (local ? ImageStep::none : ImageStep::missing) : ImageStep::build;
    if (local) return ImageStep::none;
    return args.no_build ? ImageStep::missing : ImageStep::build;
  }
  if (policy == "always") return ImageStep::pull;
  if (local) return ImageStep::none;
  return policy == "never" ? ImageStep::missing : ImageStep::pull;
}

std::string image_name(const ComposeArgs& args, const ComposeModel& model, const ComposeService& service) {
  if (!service.image.empty()) return service.image;
  return model.project + (args.compatibility ? "_" : "-") + service.name;
}

}  // namespace dso
