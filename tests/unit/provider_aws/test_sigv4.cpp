// The public v4 signing suite, and times and encodings beside it.
#include <boost/test/unit_test.hpp>

#include "aws_errors.h"
#include "aws_text.h"
#include "provider_aws/fake_aws.h"

BOOST_AUTO_TEST_SUITE(aws_sigv4)

namespace {

namespace fs = std::filesystem;

struct Case {
  std::string method, path, query, body, date = "20150830T123600Z", region = "us-east-1", service = "service";
  std::string id = "AKIDEXAMPLE", key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token;
  bool normalize = true, encode_twice = false, sign_body = false, omit_token = false;
  std::vector<std::pair<std::string, std::string>> headers;
};

bool is_date(const std::string& name) {
  return aws::lower(name) == "x-amz-date";
}

Case read_case(const fs::path& folder) {
  Case c;
  std::string text = fake::slurp(folder / "request.txt");
  const std::size_t blank = text.find("\n\n");
  if (blank != std::string::npos) c.body = text.substr(blank + 2), text.resize(blank);
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  c.method = line.substr(0, line.find(' '));
  std::string target = line.substr(line.find(' ') + 1);
  if (target.ends_with(" HTTP/1.1")) target.resize(target.size() - 9);
  c.path = target.substr(0, target.find('?'));
  if (c.path.size() < target.size()) c.query = target.substr(c.path.size() + 1);
  while (std::getline(lines, line)) {
    if (line.starts_with(' '))
      c.headers.back().second += "\n" + line;
    else if (!line.empty())
      c.headers.emplace_back(line.substr(0, line.find(':')), line.substr(line.find(':') + 1));
  }
  if (folder.filename().string().starts_with("double-")) {  // these two bring no context of their own
    c.date = "20210511T154045Z";
    c.region = "us-east-2", c.service = "lambda";
    c.encode_twice = true;
  }
  if (const auto context = aws::Document::parse(fake::slurp(folder / "context.json"))) {
    const auto& root = context->root();
    const auto& keys = *aws::object_at(root, "credentials");
    c.id = aws::string_at(keys, "access_key_id");
    c.key = aws::string_at(keys, "secret_access_key");
    c.token = aws::string_at(keys, "token");
    c.normalize = root.at("normalize").as_bool();
    c.sign_body = root.at("sign_body").as_bool();
    c.omit_token = root.if_contains("omit_session_token") && root.at("omit_session_token").as_bool();
  }
  std::erase_if(c.headers, [](const auto& h) { return is_date(h.first); });
  c.headers.emplace_back("X-Amz-Date", c.date);
  if (!c.token.empty() && !c.omit_token) c.headers.emplace_back("X-Amz-Security-Token", c.token);
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_public_signing_suite) {
  const std::string root = fake::vectors();
  if (root.empty()) return;
  int cases = 0, signatures = 0;
  for (const auto& entry : fs::directory_iterator(root + "/aws-sigv4-1.6.4/aws-signing-test-suite/v4")) {
    ++cases;
    const fs::path& folder = entry.path();
    Case c = read_case(folder);
    const auto digest = fake::hashes().sha256(c.body);
    const std::string payload = aws::hex(digest.data(), digest.size());
    if (c.sign_body) c.headers.emplace_back("X-Amz-Content-Sha256", payload);
    aws::ToSign s{.method = c.method,
                  .path = c.path,
                  .query = c.query,
                  .headers = {},
                  .payload_hash = payload,
                  .region = c.region,
                  .service = c.service,
                  .amz_date = c.date,
                  .normalize_path = c.normalize,
                  .encode_twice = c.encode_twice};
    for (const auto& [name, value] : c.headers) s.headers.push_back({name, value});
    const aws::Canonical canonical = aws::canonical_request(s);
    BOOST_TEST(aws::view(canonical.text) == fake::slurp(folder / "header-canonical-request.txt"), folder.filename());
    if (fs::exists(folder / "header-string-to-sign.txt"))
      BOOST_TEST(aws::string_to_sign(fake::hashes(), s, aws::view(canonical.text)) ==
                     std::string(aws::trimmed(fake::slurp(folder / "header-string-to-sign.txt"))),
                 folder.filename());
    if (folder.filename() == "double-encode-path") continue;  // signed with a key that the suite does not tell
    const std::string signed_request = fake::slurp(folder / "header-signed-request.txt");
    const std::string header = aws::authorization(fake::hashes(), s, c.id, c.key);
    BOOST_TEST(signed_request.find(header) != std::string::npos, folder.filename() << ": " << header);
    ++signatures;
  }
  BOOST_TEST(cases == 40);
  BOOST_TEST(signatures == 39);
}

BOOST_AUTO_TEST_CASE(the_public_clock_skew_cases) {
  const std::string root = fake::vectors();
  if (root.empty()) return;
  const auto all = aws::Document::parse(fake::slurp(root + "/aws-runtime-1.10.2/test-data/clock-skew-test-cases.json"));
  BOOST_REQUIRE(all.has_value());
  const auto at = [](const boost::json::object& o, std::string_view key) { return *aws::parse_iso_time(aws::string_at(o, key)); };
  int attempts = 0;
  for (const auto& test : *aws::array_at(all->root(), "tests")) {
    const std::string name(aws::string_at(test.as_object(), "description"));
    for (const auto& o : *aws::array_at(test.as_object(), "operations")) {
      const auto& operation = o.as_object();
      std::int64_t skew = aws::integer_at(operation, "initialClientSkew", 0) * 1000;
      for (const auto& a : *aws::array_at(operation, "attempts")) {
        const auto& attempt = a.as_object();
        BOOST_TEST(aws::amz_date(at(attempt, "clientTimeAtSend") + skew) == aws::amz_date(at(attempt, "expectedSigningTime")),
                   name);
        const auto& response = *aws::object_at(attempt, "response");
        const auto* headers = aws::object_at(response, "headers");
        if (const auto learnt =
                aws::skew_of(at(attempt, "clientTimeAtSend"), at(attempt, "clientTimeAtReceive"),
                             headers ? aws::string_at(*headers, "Date") : "", headers ? aws::string_at(*headers, "Age") : ""))
          skew = *learnt;
        ++attempts;
      }
      BOOST_TEST(skew == aws::integer_at(operation, "expectedClientSkew", 0) * 1000, name);
    }
  }
  BOOST_TEST(attempts > 15);
}

BOOST_AUTO_TEST_CASE(times) {
  BOOST_TEST(aws::amz_date(1'440'938'160'000) == "20150830T123600Z");
  BOOST_TEST(aws::parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT").value_or(-1) == 1'440'938'160'000);
  for (const char* good :
       {"2015-08-30T12:36:00Z", "2015-08-30T12:36:00.123Z", "2015-08-30T12:36:00UTC", "2015-08-30T12:36:00+00:00"})
    BOOST_TEST(aws::parse_iso_time(good).value_or(-1) == 1'440'938'160'000, good);
  for (const char* bad : {"", "2015-08-30", "2015-13-30T12:36:00Z", "2015-08-30T12:36:00+02:00", "2015-08-30T25:36:00Z"})
    BOOST_TEST(!aws::parse_iso_time(bad), bad);
  for (const char* bad : {"", "yesterday", "Sun, 30 Xyz 2015 12:36:00 GMT", "Sun, 31 Feb 2015 12:36:00 GMT"})
    BOOST_TEST(!aws::parse_http_date(bad), bad);
}

BOOST_AUTO_TEST_CASE(encodings) {
  BOOST_TEST(aws::sha1_hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  BOOST_TEST(aws::sha1_hex(std::string(60, 'a')).size() == 40u);
  BOOST_TEST(aws::sha1_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
             "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  BOOST_TEST(aws::view(*aws::base64_decoded("AAH/fg==")) == std::string_view("\0\1\xff\x7e", 4));
  BOOST_TEST(aws::base64_decoded("")->empty());
  for (const char* bad : {"A", "AA!A", "AAAAA"}) BOOST_TEST(!aws::base64_decoded(bad), bad);
  BOOST_TEST(aws::view(aws::xml_element("<a><Code>x&amp;y</Code></a>", "Code")) == "x&y");
  BOOST_TEST(aws::xml_element("<a><Code>x", "Code").empty());
}

BOOST_AUTO_TEST_SUITE_END()
