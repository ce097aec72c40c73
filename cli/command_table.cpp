// The one table of commands: parsing, --help, completion and docs all come from here.
#include "command.h"

namespace dso::cli {

const std::vector<CommandSpec>& command_table() {
  static const std::vector<CommandSpec> table{
      {"run", "[docker run flags] [--secret SPEC]… IMAGE [COMMAND…]", "Run a container with secrets, as `docker run`",
       "Every flag of `docker run` is passed on. SPEC is NAME (files under /run/secrets), NAME=PATH (a file),\n"
       "NAME:ENV (a variable), NAME:FIELD=ENV,… or NAME: (every field a variable); NAME is [provider/]name[#field].\n"
       "Add --label dso.reloader=true to have later changes reach the container.",
       {}, 0, -1, true, false, cmd_run},
      {"up", "[docker compose up flags] [SERVICE…]", "Create and start a compose project with its secrets",
       "As `docker compose up`, and values such as dso://myapp/db#password become secrets. Your file is not changed.", {}, 0, -1, true, false, cmd_up},
      {"down", "[docker compose down flags]", "Stop and remove a compose project, and wipe its secrets", "", {}, 0, -1, true, false, cmd_down},
      {"exec", "[docker exec flags] CONTAINER COMMAND…", "Run a command in a container, with the variables that DSO delivers", "", {}, 0, -1, true, false, cmd_exec},
      {"fetch", "NAME[#FIELD]", "Resolve a secret, without agent and engine",
       "Values are masked unless --reveal. Says which identity was used and how long it took.",
       {{"provider,p", "INSTANCE", "The provider instance (default: the first one, or the one the config names for this secret)"},
        {"field", "FIELD", "One field only"},
        {"version", "VERSION", "A version other than the current one"},
        {"reveal", nullptr, "Show the values; with one field, just its bytes"}},
       1, 1, false, false, cmd_fetch},
      {"inspect", "CONTAINER", "Show which secrets a container has, where, since when, and whether the store has newer ones", "", {}, 1, 1, false, false, cmd_inspect},
      {"init", "", "Make the local encrypted store", "A random key in a file only you can read, or a passphrase.",
       {{"passphrase", nullptr, "Ask for a passphrase instead of making a key file"}}, 0, 0, false, false, cmd_init},
      {"secret set", "NAME[#FIELD]", "Store a value, read from stdin or asked for",
       "The value never comes from the command line, where every process could read it:\n  dso secret set myapp/db < password.txt",
       {{"field", "FIELD", "One field of the secret"},
        {"raw", nullptr, "Keep a final newline"},
        {"allow-empty", nullptr, "Accept an empty value"}},
       1, -1, false, false, cmd_secret_set},
      {"secret get", "NAME[#FIELD]", "Print a value of the local store",
       "", {{"field", "FIELD", "One field of the secret"}, {"version", "VERSION", "An earlier version that is still kept"}, {"reveal", nullptr, "Accepted as in fetch; this command always shows the value"}}, 1, 1, false, false, cmd_secret_get},
      {"secret list", "", "List the secrets of the local store, without values", "", {}, 0, 0, false, false, cmd_secret_list},
      {"secret rm", "NAME[#FIELD]…", "Remove secrets from the local store", "", {{"field", "FIELD", "One field of the secret"}}, 1, -1, false, false, cmd_secret_rm},
      {"agent", "", "Watch the stores and bring containers to changed secrets: the daemon", "", {}, 0, 0, false, false, cmd_agent},
      {"watch", "", "The same in the foreground, or the running agent's log, live", "", {}, 0, 0, false, false, cmd_watch},
      {"validate", "[FILE]", "Check dso.yaml: every finding with file, line and key", "", {}, 0, 1, false, false, cmd_validate},
      {"version", "", "Show the version, the provider ABI and the providers", "", {}, 0, 0, false, false, cmd_version},
  };
  return table;
}

}  // namespace dso::cli
