// Which environment variables look like secrets, and why: by the words of their name, and by an address with a password in it.
// A guess to be shown with its reason, never acted on in silence. Pure; a reason never has anything of the value.
#pragma once
#include <string>
#include <string_view>

namespace dso {

struct VariableGuess {
  bool secret = false;
  std::string reason;  ///< "its name has PASSWORD", "its value is a path".
};
VariableGuess guess_variable(std::string_view name, std::string_view value);

/// True for dso:// and dsofile://, which are no values.
bool is_reference(std::string_view value);
/// "user:password@" in an address, as in postgres://app:s3cret@db/app.
bool has_password_in_address(std::string_view value);

}  // namespace dso
