// How the CLI speaks: data on stdout, the rest on stderr, colour only on a terminal.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "command.h"

namespace dso::cli {

/// Rows under upper-case headings, columns padded, as `docker ps` prints them.
std::string table(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows);
/// Takes a column out of both, where no row has anything to say in it.
void drop_column(std::vector<std::string>& headings, std::vector<std::vector<std::string>>& rows, std::size_t column);
/// To stdout, a newline after it. False: stdout is closed.
bool print(std::string_view text);
/// To stderr unless --quiet.
void note(const Globals& globals, std::string_view text);
/// Warns of labels that do nothing (logic/label_slips.h). `who`: "service 'api': ", or "".
void note_slips(const Globals& globals, const std::string& who, const std::map<std::string, std::string>& labels);
/// "dso: <error>" to stderr, whole, red on a terminal; with --format json an object {"error": {…}}.
void show_error(const Globals& globals, const Error& error);
/// "3 minutes ago", for a time in the past.
std::string ago(long long milliseconds);

}  // namespace dso::cli
