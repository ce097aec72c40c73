// What a row of the command table says of itself, for whoever reads the table: parser, completion, help, reference.
#include "command.h"

#include <algorithm>
#include <string_view>

namespace dso::cli {

std::string OptionSpec::long_name() const {
  return "--" + std::string(std::string_view(name).substr(0, std::string_view(name).find(',')));
}

std::string OptionSpec::short_name() const {
  const std::string_view all = name;
  const auto comma = all.find(',');
  return comma == std::string_view::npos ? std::string() : "-" + std::string(all.substr(comma + 1));
}

std::size_t CommandSpec::words() const {
  return std::string_view(name).find(' ') == std::string_view::npos ? 1 : 2;
}

const CommandSpec* find_command(const std::vector<CommandSpec>& table, const std::vector<std::string>& words) {
  const auto found = std::find_if(table.begin(), table.end(), [&words](const CommandSpec& c) {
    return words.size() >= c.words() && c.name == (c.words() == 1 ? words[0] : words[0] + " " + words[1]);
  });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace dso::cli
