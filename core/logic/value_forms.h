// How a program may write a value down: what is looked for in foreign text. In secret memory, one form at a time. Pure.
#pragma once
#include <functional>
#include <string_view>

#include "base/secret_bytes.h"

namespace dso {

/// A form is borrowed for the call. `wraps`: it may be broken into groups where it is printed.
using EachForm = std::function<void(std::string_view form, bool wraps)>;

/// Calls `each` with the value as it is, hexadecimal, in base64 (both alphabets, at the three places of a group where it may
/// begin), percent-encoded, and escaped as JSON, C, a shell, SQL and CSV do; where only some characters need an escape, with
/// these alone and with all escaped. The case of letters is left to who compares.
void for_each_form(std::string_view value, const EachForm& each);

/// The same for a value that is shorter than what is looked for in longer ones: only forms that are no accident in other text.
void for_each_short_form(std::string_view value, const EachForm& each);

/// The passwords that `value` says to be some, each of them borrowed: in an address ("scheme://user:PASSWORD@host"), and behind a
/// name that says so ("password=…", "\"token\": \"…\""), wherever they stand.
void for_each_password_in(std::string_view value, const std::function<void(std::string_view)>& each);

}  // namespace dso
