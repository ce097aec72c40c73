// From an answer to its facts: JSON and XML, and the few phrases that tell more than a code. No I/O.
#include <algorithm>
#include <array>
#include <charconv>

#include "aws_errors.h"
#include "aws_json.h"
#include "aws_text.h"

namespace aws {
namespace {

bool all_in(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || also.find(c) != std::string_view::npos;
  });
}

/// "com.amazonaws.secretsmanager#ResourceNotFoundException:http://…" is ResourceNotFoundException.
std::string code_in(std::string_view text) {
  text = text.substr(0, text.find(':'));
  if (const auto hash = text.rfind('#'); hash != std::string_view::npos) text.remove_prefix(hash + 1);
  return text.size() <= 80 && all_in(text, "._") ? std::string(text) : std::string();
}

/// The word behind `before`, if it is made of what names are made of.
std::string word_after(std::string_view text, std::string_view before, std::string_view prefix) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  std::string_view word = text.substr(at + before.size());
  word = word.substr(0, word.find_first_of(" ,\n"));
  return word.size() <= 300 && word.starts_with(prefix) && all_in(word, ":/_+=,.@*-") ? std::string(word) : std::string();
}

void read_message(ErrorFacts& f, std::string_view message) {
  message = message.substr(0, 2000);
  const std::string text = lower(message);
  const auto says = [&text](std::string_view phrase) { return text.find(phrase) != std::string::npos; };
  f.deletion = says("marked for deletion") || says("marked deleted") || says("scheduled for deletion") || says("was deleted");
  f.version = says("secret value for") || says("staging label") || says("versionid") || says("version id");
  f.no_secret = says("find the specified secret.");
  f.kms = says("kms") || says("the ciphertext");
  f.clock = says("signature expired") || says("not yet current") || says("request has expired");
  f.explicit_deny = says("explicit deny");
  f.principal = word_after(message, "User: ", "arn:");
  f.action = word_after(message, "perform: ", "");
  if (f.action.find(':') == std::string::npos) f.action.clear();
}

std::int64_t whole_number(std::string_view text, std::int64_t limit) {
  std::int64_t n = -1;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  return bad == std::errc() && end == text.data() + text.size() && n >= 0 && n <= limit ? n : -1;
}

}  // namespace

ErrorFacts facts_of(int status, const ErrorHeaders& headers, std::string_view body) {
  ErrorFacts f;
  f.status = status;
  f.code = code_in(headers.error_type);
  f.request_id = all_in(headers.request_id, "-_=+/") ? headers.request_id.substr(0, 80) : std::string_view();
  f.retry_after_ms = whole_number(headers.retry_after_ms, 86'400'000);
  if (const auto s = whole_number(headers.retry_after_s, 86'400); f.retry_after_ms < 0 && s >= 0) f.retry_after_ms = s * 1000;
  if (status >= 200 && status < 300) return f;
  if (const auto document = Document::parse(body)) {
    const auto& root = document->root();
    if (f.code.empty()) f.code = code_in(string_at(root, "__type"));
    if (f.code.empty()) f.code = code_in(string_at(root, "code"));
    const std::string_view message = string_at(root, "message");
    read_message(f, message.empty() ? string_at(root, "Message") : message);
    return f;
  }
  if (body.size() > 64 * 1024 || body.find("<Code>") == std::string_view::npos) return f;
  if (f.code.empty()) f.code = code_in(view(xml_element(body, "Code")));
  read_message(f, view(xml_element(body, "Message")));
  if (f.request_id.empty())
    for (const char* name : {"RequestId", "RequestID"})
      if (const Secret id = xml_element(body, name); f.request_id.empty() && all_in(view(id), "-_=+/"))
        f.request_id = view(id).substr(0, 80);
  return f;
}

ErrorFacts facts_of_item(std::string_view code, std::string_view message) {
  ErrorFacts f;
  f.status = 400;
  f.code = code_in(code);
  read_message(f, message);
  return f;
}

bool may_be_skew(std::string_view code) {
  constexpr std::array<std::string_view, 12> kCodes{
      "InvalidSignature",     "InvalidSignatureException",     "SignatureDoesNotMatch", "AuthFailure",
      "RequestTimeTooSkewed", "RequestTimeTooSkewedException", "AccessDenied",          "AccessDeniedException",
      "RequestExpired",       "RequestExpiredException",       "RequestInTheFuture",    "SignatureDoesNotMatchException"};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

std::optional<std::int64_t> skew_of(std::int64_t sent_ms, std::int64_t received_ms, std::string_view date, std::string_view age) {
  constexpr std::int64_t kTooLong = 15LL * 60 * 1000;
  if (!age.empty() || received_ms < sent_ms || received_ms - sent_ms > kTooLong) return std::nullopt;
  const auto server = parse_http_date(date);
  if (!server) return std::nullopt;
  return *server - (sent_ms + (received_ms - sent_ms) / 2);
}

}  // namespace aws
