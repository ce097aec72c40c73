// The plaintext layout: what goes in comes out, and nothing that was not written is accepted.
#include <boost/test/unit_test.hpp>

#include "vault/store_codec.h"
#include "vault/store_names.h"
#include "vault/value_text.h"

using namespace dso;
using namespace dso::vault;

BOOST_AUTO_TEST_SUITE(store_codec)

namespace {

StoreContent sample() {
  StoreContent c;
  c.version_floor = 7;
  c.secrets = {{"a", {{1, 1000, {{"value", "x"}}}, {2, 2000, {{"value", ""}, {"more", "y\0z"}}}}},
               {"b/c", {{9, -5, {{"f", "v"}}}}}};
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(round_trip) {
  const SecretBuffer bytes = encode_content(sample()).value();
  const StoreContent back = decode_content(view(bytes)).value();
  BOOST_TEST(back.version_floor == 7u);
  BOOST_REQUIRE(back.secrets.size() == 2u);
  BOOST_TEST(back.secrets[0].versions[1].fields[1].name == "more");
  BOOST_TEST(back.secrets[1].versions[0].number == 9u);
  BOOST_TEST(back.secrets[1].versions[0].changed_at_ms == -5);
  BOOST_TEST((encode_content(back).value() == bytes));
  BOOST_TEST(decode_content(view(encode_content({}).value())).value().secrets.empty());
}

BOOST_AUTO_TEST_CASE(every_truncation_is_an_error) {
  const SecretBuffer bytes = encode_content(sample()).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A buffer of exactly that size, so that a read beyond it is seen by the sanitizer.
    const std::string part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    BOOST_TEST((decode_content(part).error().cls == ErrorClass::store_corrupt), size);
  }
  BOOST_TEST(decode_content(std::string(view(bytes)) + "x").has_error());
}

BOOST_AUTO_TEST_CASE(changed_bytes_never_crash_and_never_break_the_rules) {
  const SecretBuffer bytes = encode_content(sample()).value();
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (int value : {0x00, 0x01, 0x23, 0x7f, 0x80, 0xff}) {
      std::string changed(view(bytes));
      changed[at] = static_cast<char>(value);
      auto content = decode_content(changed);
      if (content.has_error()) continue;
      BOOST_TEST((view(encode_content(*content).value()) == changed));  // one way to write a content
    }
}

BOOST_AUTO_TEST_CASE(a_content_that_is_too_large_is_not_written) {
  const std::string value(kMaxValueBytes, 'x');
  StoreContent c;
  for (int i = 0; i < 70; ++i) c.secrets.push_back({"s" + std::to_string(100 + i), {{1, 0, {{"value", value}}}}});
  const Error e = encode_content(c).error();
  BOOST_TEST(e.cause.find("64 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(line_ends_that_echo_adds) {
  BOOST_TEST(added_line_end("pw\n") == 1u);
  BOOST_TEST(added_line_end("pw\r\n") == 2u);
  BOOST_TEST(added_line_end("a\tb \xc3\xa4\n") == 1u);
  BOOST_TEST(added_line_end("\n") == 1u);
  BOOST_TEST(added_line_end("") == 0u);
  BOOST_TEST(added_line_end("pw") == 0u);
  BOOST_TEST(added_line_end("pw\r") == 0u);
  BOOST_TEST(added_line_end("a\nb\n") == 0u);
  BOOST_TEST(added_line_end("pw\n\n") == 0u);
  BOOST_TEST(added_line_end(std::string_view("\0\n", 2)) == 0u);
  BOOST_TEST(added_line_end("\xff\xfe\n") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
