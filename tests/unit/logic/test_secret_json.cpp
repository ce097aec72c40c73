// A store's value as fields: which text is taken apart, that no digit and no byte changes, that bad input stays whole, and that
// nothing of it is left on the stack.
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "base/secret_memory.h"
#include "logic/secret_json.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(secret_json)

namespace {

std::vector<SecretField> split(std::string_view text) {
  return split_fields(SecretBytes::copy_of(text));
}

std::string show(const std::vector<SecretField>& fields) {
  std::string out;
  for (const auto& f : fields) out += f.name + "=" + std::string(f.value.reveal()) + ";";
  return out;
}

void check_whole(std::string_view text) {
  const auto fields = split(text);
  BOOST_REQUIRE_EQUAL(fields.size(), 1u);
  BOOST_CHECK_EQUAL(fields[0].name, "value");
  BOOST_CHECK(fields[0].value.reveal() == text);
}

SecretValue secret_of(std::string_view json) {
  return {"app/db", "1", split(json)};
}

std::string select(const SecretValue& s, std::string_view path) {
  auto r = select_field(s, path);
  return r.has_error() ? "error: " + r.error().cause : std::string(r->reveal());
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_object_gives_a_field_a_member) {
  BOOST_CHECK_EQUAL(show(split(R"({"user":"admin","password":"s3cr\"et\\"})")), "user=admin;password=s3cr\"et\\;");
  BOOST_CHECK_EQUAL(show(split(" \n{ \"a\" : \"b\" }\r\n")), "a=b;");
  BOOST_CHECK_EQUAL(show(split(R"({"pem":"-----BEGIN\nx\n\u00e9"})")), "pem=-----BEGIN\nx\n\u00e9;");
}

BOOST_AUTO_TEST_CASE(other_members_are_compact_json_with_every_digit) {
  BOOST_CHECK_EQUAL(show(split(R"({"port": 5432, "f": 1.10, "big": 12345678901234567890123, "e": -1E+5, "t": true, "n": null})")),
                    "port=5432;f=1.10;big=12345678901234567890123;e=-1E+5;t=true;n=null;");
  BOOST_CHECK_EQUAL(show(split(R"({"o": {"a": [1, "x\ny", {"b": false}, []], "c": {}}, "l": [ 1.0, 2 ]})")),
                    "o={\"a\":[1,\"x\\u000ay\",{\"b\":false},[]],\"c\":{}};l=[1.0,2];");
}

BOOST_AUTO_TEST_CASE(empty_things) {
  BOOST_CHECK(split("{}").empty());
  BOOST_CHECK_EQUAL(show(split(R"({"":""})")), "=;");
  check_whole("");
}

BOOST_AUTO_TEST_CASE(of_a_name_said_twice_the_last_counts) {
  BOOST_CHECK_EQUAL(show(split(R"({"a":"1","b":"2","a":"3"})")), "a=3;b=2;");
}

BOOST_AUTO_TEST_CASE(what_is_no_object_stays_whole) {
  for (const std::string_view text :
       {"plain", "\"text\"", "12", "true", "null", "[1,2]", "{\"a\":1", "{\"a\":1} x", "{'a':1}", "{\"a\":1,}",
        "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}", "{\"a\":NaN}", "\xef\xbb\xbf{\"a\":1}"})
    check_whole(text);
  check_whole(std::string_view("{\"a\":\"x\0y\"}", 11));
  check_whole(std::string_view("\0\0", 2));
}

BOOST_AUTO_TEST_CASE(depth_is_bounded) {
  const auto nested = [](std::size_t n) { return "{\"a\":" + std::string(n, '[') + std::string(n, ']') + "}"; };
  BOOST_CHECK_EQUAL(split(nested(31))[0].name, "a");
  check_whole(nested(32));
  check_whole("{\"a\":" + std::string(1000000, '['));
}

BOOST_AUTO_TEST_CASE(a_mebibyte_is_fine) {
  const std::string big(1 << 20, 'x');
  BOOST_CHECK(split("{\"a\":\"" + big + "\"}")[0].value.reveal() == big);
  std::string escapes;
  for (int i = 0; i < (1 << 18); ++i) escapes += "\\n";
  BOOST_CHECK(split("{\"a\":\"" + escapes + "\"}")[0].value.reveal() == std::string(1 << 18, '\n'));
  check_whole(big);
}

BOOST_AUTO_TEST_CASE(select_takes_names_literally_first) {
  const SecretValue s =
      secret_of(R"({"a.b":"dotted","a":{"b":"inner","l":[10,{"x":"deep"}]},"a#b":"hash","text":"{\"k\":\"v\"}","n":5})");
  BOOST_CHECK_EQUAL(select(s, "a.b"), "dotted");
  BOOST_CHECK_EQUAL(select(s, "a#b"), "hash");
  BOOST_CHECK_EQUAL(select(s, "#a.b"), "inner");
  BOOST_CHECK_EQUAL(select(s, "#n"), "5");
  BOOST_CHECK_EQUAL(select(s, "a#l.1.x"), "deep");
  BOOST_CHECK_EQUAL(select(s, "#a.l.0"), "10");
  BOOST_CHECK_EQUAL(select(s, "text#k"), "v");
}

BOOST_AUTO_TEST_CASE(select_enters_an_array_that_is_the_whole_value) {
  BOOST_CHECK_EQUAL(select(secret_of(R"([{"k":"v"}])"), "#0.k"), "v");
}

BOOST_AUTO_TEST_CASE(select_says_what_is_there) {
  const SecretValue s = secret_of(R"({"user":"u","pw":"hidden-value"})");
  for (const char* path : {"nope", "", "#nope", "nope#x", "user#x", "#user.x.y"}) {
    const auto r = select_field(s, path);
    BOOST_REQUIRE(r.has_error());
    BOOST_CHECK(r.error().cls == ErrorClass::not_found);
    BOOST_CHECK_EQUAL(r.error().cause, "its fields are 'user', 'pw'");
    BOOST_CHECK(render(r.error()).find("hidden-value") == std::string::npos);
  }
  for (const char* path : {"#", "user#", "#a..b", "#.a", "#a."})
    BOOST_CHECK(select_field(s, path).error().cls == ErrorClass::config);
}

BOOST_AUTO_TEST_CASE(the_digest_is_of_content_not_of_order) {
  const auto digest = [](std::string_view json) { return secret_digest("key", secret_of(json)); };
  BOOST_CHECK_EQUAL(digest(R"({"a":"1","b":"2"})"), digest(R"({"b":"2","a":"1"})"));
  BOOST_CHECK_NE(digest(R"({"a":"1","b":"2"})"), digest(R"({"a":"1","b":"3"})"));
  BOOST_CHECK_NE(digest(R"({"a":"1","b":"2"})"), digest(R"({"a":"11","b":""})"));
  BOOST_CHECK_NE(digest(R"({"ab":"c"})"), digest(R"({"a":"bc"})"));
  BOOST_CHECK_NE(secret_digest("key", secret_of("x")), secret_digest("other", secret_of("x")));
}

BOOST_AUTO_TEST_CASE(boost_json_can_work_in_secret_memory) {
  const std::size_t before = secret_memory_status().bytes_in_use;
  {
    boost::json::value v(boost::json::array_kind, secret_json_storage());
    v.as_array().emplace_back("a long enough text to need memory of its own");
    BOOST_CHECK_GT(secret_memory_status().bytes_in_use, before);
  }
  BOOST_CHECK_EQUAL(secret_memory_status().bytes_in_use, before);
}

namespace {
/// Looks for `needle` in the dead part of this thread's stack. Plain code, unsanitized: it reads what no variable owns.
__attribute__((noinline, no_sanitize("address"), no_sanitize("undefined"))) int dead_stack_hits(const unsigned char* key,
                                                                                                std::size_t n) {
  volatile unsigned char here = 0;
  const volatile unsigned char* top = &here - 512;
  int hits = 0;
  for (const volatile unsigned char* p = top - 24 * 1024; p < top; ++p) {
    std::size_t i = 0;
    while (i < n && p[i] == (key[i] ^ 0x5a)) ++i;
    hits += i == n;
  }
  return hits;
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_monotonic_resource_gives_all_of_it_back) {
  const std::size_t before = secret_memory_status().bytes_in_use;
  for (int i = 0; i < 100; ++i) {
    boost::json::monotonic_resource blocks(1024, secret_json_storage());
    const boost::json::value tree = boost::json::parse(R"({"a":[1,2,3],"b":"text that is longer than the short ones"})", &blocks);
  }
  BOOST_TEST(secret_memory_status().bytes_in_use == before);
}

BOOST_AUTO_TEST_CASE(unescaped_pieces_do_not_stay_on_the_stack) {
  // The needle itself is kept encoded, so that only the parser can have left it in clear.
  unsigned char key[16];
  std::string json = "{\"a\":\"\\n";
  for (std::size_t i = 0; i < sizeof key; ++i) {
    const char c = static_cast<char>('A' + i);
    key[i] = static_cast<unsigned char>(c ^ 0x5a);
    json.push_back(c);
  }
  SecretBytes value = SecretBytes::copy_of(json + "\"}");
  const auto fields = split_fields(std::move(value));
  BOOST_CHECK_EQUAL(dead_stack_hits(key, sizeof key), 0);
  BOOST_CHECK_EQUAL(fields[0].value.size(), 17u);
}

BOOST_AUTO_TEST_SUITE_END()
