// The flags of `docker exec` that take a value; every other one is a switch.
#include "logic/exec_args.h"

#include <algorithm>
#include <string_view>

namespace dso {
namespace {

constexpr std::string_view kWithValue[] = {"--detach-keys", "--env", "--env-file", "--user", "--workdir"};
constexpr std::string_view kShortWithValue = "euw";

Error usage(std::string cause) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = "Cannot run a command in a container";
  e.cause = std::move(cause);
  e.next = "dso exec [docker exec flags] CONTAINER COMMAND [ARG…]";
  return e;
}

/// Whether the value of this flag is the next word.
bool takes_next_word(const std::string& flag) {
  if (flag.starts_with("--")) return std::find(std::begin(kWithValue), std::end(kWithValue), flag) != std::end(kWithValue);
  // Short switches may stand together: in -itu the value of u is the next word, in -u1000 it is there.
  const auto at = flag.find_first_of(kShortWithValue, 1);
  return at != std::string::npos && at + 1 == flag.size();
}

}  // namespace

Result<ExecArgs> parse_exec_args(const std::vector<std::string>& args) {
  ExecArgs out;
  std::size_t i = 0;
  for (; i < args.size() && args[i].size() > 1 && args[i][0] == '-'; ++i) {
    if (args[i] == "--") {
      ++i;
      break;
    }
    if (args[i] == "--help") out.help = true;
    out.flags.push_back(args[i]);
    if (!takes_next_word(args[i])) continue;
    if (i + 1 == args.size()) return usage("the flag '" + args[i] + "' has no value");
    out.flags.push_back(args[++i]);
  }
  if (out.help) return out;
  if (i == args.size()) return usage("no container is named");
  out.container = args[i++];
  out.command.assign(args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
  if (out.command.empty()) return usage("there is no command for '" + out.container + "'");
  return out;
}

}  // namespace dso
