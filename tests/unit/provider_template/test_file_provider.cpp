// The template provider: what a secrets file gives, and each thing that can be wrong with it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <string>

#include "dso/provider.h"
#include "places.h"
#include "sdk_provider/fake_host.h"

BOOST_AUTO_TEST_SUITE(file_provider)

namespace {

const std::string kConfig =
    R"({"name":"files","type":"file","settings":{"secrets_file":"/s.json"},"auth":{"method":"","params":{}}})";

struct Files {
  fake::Host host;
  fake::Instance instance;
  explicit Files(const std::string& content, const std::string& config = kConfig) : instance(api(), with(content), config) {}
  static const dso_provider_api& api() { return *dso_provider_get_api(DSO_ABI_VERSION); }
  fake::Host& with(const std::string& content) {
    host.files["/s.json"] = content;
    return host;
  }
};

void expect_error(const std::string& content, int cls, const std::string& message) {
  BOOST_TEST_CONTEXT(content) {
    Files f(content);
    const auto got = f.instance.fetch("db");
    const auto& failed = got.result == DSO_OK ? got.errors.at(0) : got.failed;
    BOOST_TEST(failed.cls == cls);
    BOOST_TEST(failed.message == message);
    BOOST_TEST(got.fields.empty());
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(gives_every_field) {
  Files f(R"({"myapp/db": {"user": "app", "password": "p\"\u00e4\n"}, "other": {"a": "1"}})");
  const auto got = f.instance.fetch("myapp/db");
  BOOST_TEST(got.result == DSO_OK);
  BOOST_TEST(got.fields.at(0).size() == 2u);
  BOOST_TEST(got.field(0, "user") == "app");
  BOOST_TEST(got.field(0, "password") == "p\"ä\n");
  BOOST_TEST(got.versions.empty());
  BOOST_TEST(got.identity == "reader of /s.json");
}

BOOST_AUTO_TEST_CASE(one_missing_secret_does_not_cost_the_others) {
  Files f(R"({"db": {"password": "x"}})");
  const auto got = f.instance.fetch({{"none", ""}, {"db", ""}, {"db", "7"}});
  BOOST_TEST(got.result == DSO_OK);
  BOOST_TEST(got.errors.at(0).cls == DSO_E_NOT_FOUND);
  BOOST_TEST(got.errors.at(0).message == "'/s.json' has no secret of that name");
  BOOST_TEST(got.field(1, "password") == "x");
  BOOST_TEST(got.errors.at(2).cls == DSO_E_VERSION_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(an_edit_is_seen) {
  Files f(R"({"db": {"password": "old"}})");
  BOOST_TEST(f.instance.fetch("db").field(0, "password") == "old");
  f.host.files["/s.json"] = R"({"db": {"password": "new"}})";
  BOOST_TEST(f.instance.fetch("db").field(0, "password") == "new");
}

BOOST_AUTO_TEST_CASE(lists_names) {
  Files f(R"({"b": {"x": "1"}, "a": {"x": "1"}})");
  BOOST_TEST((f.instance.list().names == std::vector<std::string>{"b", "a"}));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_the_file) {
  const std::string no_json = "'/s.json' is no JSON object", no_fields = "in '/s.json' it is no object with fields";
  expect_error("", DSO_E_MALFORMED, no_json);
  expect_error("{\"db\": {\"password\": \"hunter2\"", DSO_E_MALFORMED, no_json);
  expect_error("[]", DSO_E_MALFORMED, no_json);
  expect_error("{} x", DSO_E_MALFORMED, no_json);
  expect_error(R"({"db": "hunter2"})", DSO_E_MALFORMED, no_fields);
  expect_error(R"({"db": {}})", DSO_E_MALFORMED, no_fields);
  expect_error(R"({"db": {"good": "x", "port": 5432}})", DSO_E_MALFORMED, "its field 'port' is no text");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_a_store_that_is_down) {
  Files f("{}");
  f.host.files.clear();
  const auto got = f.instance.fetch("db");
  BOOST_TEST(got.result == DSO_E_UNAVAILABLE);
  BOOST_TEST(got.failed.message == "No such file or directory");
  BOOST_TEST(f.instance.list().result == DSO_E_UNAVAILABLE);
}

BOOST_AUTO_TEST_CASE(the_setting_is_needed_and_the_file_is_not_asked_for_at_once) {
  for (const char* config : {"{}", R"({"settings":{}})", R"({"settings":{"secrets_file":""}})", "rubbish"}) {
    Files f("{}", config);
    BOOST_TEST(f.instance.opened.result == DSO_E_INVALID_REQUEST);
    BOOST_TEST(f.instance.opened.failed.message == "the setting 'secrets_file' is missing");
    BOOST_TEST(!f.instance.opened.failed.next_step.empty());
  }
  fake::Host without_file;
  const fake::Instance instance(Files::api(), without_file, kConfig);
  BOOST_TEST(instance.opened.result == DSO_OK);
}

BOOST_AUTO_TEST_CASE(exports_one_symbol) {
  std::FILE* nm = popen(("nm -D --defined-only " + dso::test::in_build("providers/libdso_provider_file.so")).c_str(), "r");
  BOOST_REQUIRE(nm);
  std::string out;
  char line[512];
  while (std::fgets(line, sizeof line, nm)) out += line;
  BOOST_TEST(pclose(nm) == 0);
  BOOST_TEST(std::count(out.begin(), out.end(), '\n') == 1, out);
  BOOST_TEST(out.find(" T dso_provider_get_api\n") != std::string::npos, out);
}

BOOST_AUTO_TEST_SUITE_END()
