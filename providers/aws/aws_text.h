// Small pure pieces of text work that AWS's protocols need: encodings, the one digest that the host does not lend, the
// elements of STS's XML, and times as AWS writes them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws_json.h"

namespace aws {

std::string_view trimmed(std::string_view text);
std::string lower(std::string_view text);
std::string hex(const std::uint8_t* bytes, std::size_t count);

/// As a URL has it: letters, digits and -._~ stay, and '/' if `slashes`. For credentials too (a form's body).
void append_percent_encoded(Secret& out, std::string_view text, bool slashes = false);
std::string percent_encoded(std::string_view text, bool slashes = false);
std::string percent_decoded(std::string_view text);

/// Empty optional: not base64.
std::optional<Secret> base64_decoded(std::string_view text);

/// Only as the name of SSO's cache file; nothing is protected by it.
std::string sha1_hex(std::string_view data);

/// The text between the first <name> and its end, unescaped; empty if there is none.
Secret xml_element(std::string_view xml, std::string_view name);

/// "20150830T123600Z".
std::string amz_date(std::int64_t unix_ms);
/// Unix milliseconds of "Thu, 01 Jan 2026 00:05:01 GMT" (a Date header).
std::optional<std::int64_t> parse_http_date(std::string_view text);
/// Unix milliseconds of "2015-08-30T12:36:00Z", with a fraction or not; "UTC" and "+00:00" are the same as Z.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

}  // namespace aws
