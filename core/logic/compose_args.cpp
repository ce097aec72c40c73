// Two tables of flags that take a value; every other flag is a switch. (Unlike `docker run`, compose has few that take one.)
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
  e.what = std::string("Cannot read the arguments of `dso ") + (command == ComposeCommand::up ? "up`" : "down`");
  e.cause = "the flag " + word + " needs a value";
  e.next = "Flags are those of `docker compose` and of its command, for example: dso up -f compose.yaml -d api";
  return e;
}

bool is_on(std::string_view text) {
  return text != "false" && text != "0" && text != "f" && text != "False" && text != "FALSE";
}

class ComposeWalk {
 public:
  ComposeWalk(const std::vector<std::string>& args, ComposeCommand command)
      : args_(args), command_(command), values_(command == ComposeCommand::up ? std::span<const Flag>(kUpValues) : kDownValues) {}

  Result<ComposeArgs> all() {
    while (at_ < args_.size()) {
      const std::string& word = args_[at_];
      if (word == "--") {
        for (; at_ < args_.size(); ++at_) {
          out_.command.push_back(args_[at_]);
          if (args_[at_] != "--") out_.services.push_back(args_[at_]);
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
    const bool global_value = find(kGlobalValues, name) != nullptr;
    if (!global_value && !find(values_, name)) {
      note_switch(name, eq == std::string::npos || is_on(std::string_view(word).substr(eq + 1)));
      (find(kGlobalSwitches, name) ? out_.globals : out_.command).push_back(word);
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
      const Flag* global = find(kGlobalValues, word[i]);
      const Flag* own = global ? nullptr : find(values_, word[i]);
      if (!global && !own) {
        if (word[i] == 'h') out_.help = true;
        continue;
      }
      const std::string name((global ? global : own)->name);
      // Switches joined before a global flag stay with the command: "-df x.yaml" is "-d" and "-f x.yaml".
      const std::string before = word.substr(0, i), flag = std::string("-") + word[i];
      const bool split = global && i > 1;
      if (split) out_.command.push_back(before);
      if (i + 1 == word.size()) return value_in_next(name, global != nullptr, split ? flag : word);
      ++at_;
      take(name, word.substr(word[i + 1] == '=' ? i + 2 : i + 1), global != nullptr, {split ? "-" + word.substr(i) : word});
      return {};
    }
    out_.command.push_back(word);
    ++at_;
    return {};
  }

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
    auto& to = global ? out_.globals : out_.command;
    to.insert(to.end(), words.begin(), words.end());
  }

  void note_switch(const std::string& name, bool on) {
    if (name == "build") out_.build = on;
    if (name == "no-build") out_.no_build = on;
    if (name == "dry-run") out_.dry_run = on;
    if (name == "help") out_.help = on;
    if (name == "compatibility") out_.compatibility = on;
  }

  const std::vector<std::string>& args_;
  const ComposeCommand command_;
  const std::span<const Flag> values_;
  std::size_t at_ = 0;
  ComposeArgs out_;
};

}  // namespace

Result<ComposeArgs> parse_compose_args(const std::vector<std::string>& args, ComposeCommand command) {
  return ComposeWalk(args, command).all();
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
