// Names are taken apart at '_' and where a capital follows a small letter, so that KEY is found in API_KEY and not in MONKEY.
#include "logic/secret_variables.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "logic/text.h"

namespace dso {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSecretWords = {"PASSWORD"sv, "PASSWD"sv,     "PASSPHRASE"sv,  "PASS"sv,    "PWD"sv, "PW"sv,
                                     "SECRET"sv,   "SECRETS"sv,    "TOKEN"sv,       "TOKENS"sv,  "KEY"sv, "APIKEY"sv,
                                     "SALT"sv,     "CREDENTIAL"sv, "CREDENTIALS"sv, "PRIVATE"sv, "DSN"sv};
/// Words run together: DBPASSWORD, JWTSECRET.
constexpr std::array kSecretEnds = {"PASSWORD"sv, "PASSWD"sv, "SECRET"sv, "TOKEN"sv, "APIKEY"sv};
/// The last word says that it is about a secret and not one.
constexpr std::array kAboutOne = {"FILE"sv, "PATH"sv,   "DIR"sv,  "ID"sv,      "NAME"sv,  "TTL"sv,    "LENGTH"sv, "TYPE"sv,
                                  "SIZE"sv, "EXPIRY"sv, "TIME"sv, "TIMEOUT"sv, "COUNT"sv, "PREFIX"sv, "HEADER"sv, "ALGORITHM"sv};
constexpr std::array kSwitchWords = {"yes"sv, "no"sv, "true"sv, "false"sv, "on"sv, "off"sv, "0"sv, "1"sv};

template <class List>
bool in(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool hump = i > 0 && std::isupper(c) && std::islower(static_cast<unsigned char>(name[i - 1]));
    if ((!std::isalnum(c) || hump) && !out.back().empty()) out.emplace_back();
    if (std::isalnum(c)) out.back() += static_cast<char>(std::toupper(c));
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

std::string secret_word(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (in(kSecretWords, word)) return word;
    for (std::string_view end : kSecretEnds)
      if (word.size() > end.size() && word.ends_with(end)) return std::string(end);
  }
  return {};
}

}  // namespace

bool is_reference(std::string_view value) {
  return value.starts_with("dso://") || value.starts_with("dsofile://");
}

bool has_password_in_address(std::string_view value) {
  const auto scheme = value.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = value.substr(scheme + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  // a password may hold what ends a host: the last '@' before a blank counts then
  const auto at = host.find('@') == std::string_view::npos ? rest.substr(0, rest.find(' ')).rfind('@') : host.rfind('@');
  if (at == std::string_view::npos) return false;
  const auto colon = rest.find(':');
  if (colon >= at || colon + 1 == at) return false;
  const std::string_view behind = rest.substr(colon + 1, at - colon - 1);
  const auto digits = std::min(behind.find_first_not_of("0123456789"), behind.size());
  const bool port = digits > 0 && digits < behind.size() && behind[digits] == '/';
  return !port;
}

VariableGuess guess_variable(std::string_view name, std::string_view value) {
  if (value.empty()) return {false, "it is empty"};
  if (is_reference(value)) return {false, "it is a reference already"};
  if (has_password_in_address(value)) return {true, "its value is an address with a password"};
  const std::vector<std::string> words = words_of(name);
  const std::string word = secret_word(words);
  if (word.empty()) return {false, "nothing in its name says secret"};
  if (words.size() > 1 && in(kAboutOne, words.back())) return {false, "its name ends in " + words.back()};
  if (std::find(words.begin(), words.end(), "PUBLIC") != words.end()) return {false, "its name has PUBLIC"};
  if (word == "PWD" && words.size() == 1) return {false, "it is the working folder"};
  if (in(kSwitchWords, lower(value.substr(0, 6)))) return {false, "its value is a switch"};
  if (value.starts_with("/") && value.find(' ') == std::string_view::npos && value.find("//") == std::string_view::npos)
    return {false, "its value is a path"};
  return {true, "its name has " + word};
}

}  // namespace dso
