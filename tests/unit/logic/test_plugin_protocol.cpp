// The engine's requests, as its own code writes them, and the answers that it reads.
#include "logic/plugin_protocol.h"

#include <boost/test/unit_test.hpp>

#include "logic/secret_json.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(plugin_protocol)

namespace {

Config config() {
  Config c;
  c.providers.push_back({});
  c.providers[0].name = "default";
  c.providers.push_back({});
  c.providers[1].name = "prod";
  return c;
}

Result<Reference> reference(const char* body) {
  const auto request = parse_plugin_request(body);
  BOOST_REQUIRE(request.has_value());
  return reference_of(*request, config());
}

SecretValue value(const char* text) {
  return {"myapp/db", "1", split_fields(SecretBytes::copy_of(text))};
}

}  // namespace

BOOST_AUTO_TEST_CASE(requests) {
  const auto create = parse_plugin_request(R"({"Name":"v","Opts":{"secrets":"a"}})");
  BOOST_TEST(create->name == "v");
  BOOST_TEST(create->options.at("secrets") == "a");
  BOOST_TEST(parse_plugin_request(R"({"Name":"v","Opts":null})")->options.empty());
  BOOST_TEST(parse_plugin_request(R"({"Name":"v","ID":"0f"})")->id == "0f");
  BOOST_TEST(parse_plugin_request("")->name.empty());  // Plugin.Activate has no body
  BOOST_TEST(parse_plugin_request("\n")->name.empty());
  BOOST_TEST(parse_plugin_request(R"({"Later":[1],"Name":"v"})")->name == "v");
  for (const char* wrong : {"x", "[]", "1", R"({"Name":1})", R"({"Opts":{"a":1}})", R"({"Name":"v")"})
    BOOST_TEST((parse_plugin_request(wrong).error().cls == ErrorClass::malformed));
}

BOOST_AUTO_TEST_CASE(which_secret) {
  const auto named = reference(R"({"SecretName":"myapp","ServiceName":"web"})");
  BOOST_TEST(named->key.name == "myapp");
  BOOST_TEST(named->key.instance == "default");
  BOOST_TEST(named->field.empty());
  const auto labelled =
      reference(R"({"SecretName":"db","SecretLabels":{"dso.secret":"prod/myapp/db#user","dso.field":"password"}})");
  BOOST_TEST(labelled->key.instance == "prod");
  BOOST_TEST(labelled->key.name == "myapp/db");
  BOOST_TEST(labelled->field == "password");
  BOOST_TEST(reference(R"({"SecretName":"db","SecretLabels":{"dso.secret":"a#user"}})")->field == "user");
  BOOST_TEST(reference(R"({"SecretName":"db","SecretLabels":{"dso.secret":"a#"}})")
                 .error()
                 .next.starts_with("Correct the label dso.secret of the secret 'db'."));
  BOOST_TEST(reference("{}").has_error());
}

BOOST_AUTO_TEST_CASE(which_bytes) {
  BOOST_TEST(plugin_value(value("plain"), "")->reveal() == "plain");
  BOOST_TEST(plugin_value(value(R"({"one":"1"})"), "")->reveal() == "1");
  BOOST_TEST(plugin_value(value(R"({"a":"1","b":"2"})"), "b")->reveal() == "2");
  const auto several = plugin_value(value(R"({"a":"1","b":"2"})"), "");
  BOOST_TEST(several.error().cause == "it has the fields 'a', 'b'");
  BOOST_TEST(several.error().next.find("--label dso.field=FIELD") != std::string::npos);
  BOOST_TEST((plugin_value(value("plain"), "nope").error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(what_swarm_would_refuse_without_a_word) {
  const auto answer = [](std::size_t size) { return plugin_secret_answer(SecretBytes::copy_of(std::string(size, 'x'))); };
  BOOST_TEST(answer(512'000).has_value());
  BOOST_TEST(answer(512'001).error().cause == "it has 512001 bytes, and Swarm takes at most 512000");
  BOOST_TEST(answer(0).has_error());
}

BOOST_AUTO_TEST_CASE(answers) {
  BOOST_TEST(plugin_manifest() == R"({"Implements":["secretprovider","VolumeDriver"]})");
  const auto base64 = [](std::string_view text) { return std::string(view(*plugin_secret_answer(SecretBytes::copy_of(text)))); };
  BOOST_TEST(base64("f") == R"({"Value":"Zg==","DoNotReuse":true})");
  BOOST_TEST(base64("fo") == R"({"Value":"Zm8=","DoNotReuse":true})");
  BOOST_TEST(base64("foo") == R"({"Value":"Zm9v","DoNotReuse":true})");
  BOOST_TEST(base64({"\0\xff\xfe\x01", 4}) == R"({"Value":"AP/+AQ==","DoNotReuse":true})");
  BOOST_TEST(plugin_error_answer(make_error(ErrorClass::not_found, "No \"x\"", "gone"))
                 .starts_with(R"({"Err":"No \"x\": NotFound: gone)"));
  BOOST_TEST(plugin_mountpoint_answer("/a") == R"({"Mountpoint":"/a","Err":""})");
  BOOST_TEST(plugin_volume_answer({"v", "/a", "2026-01-02T03:04:05Z"}) ==
             R"({"Volume":{"Name":"v","Mountpoint":"/a","CreatedAt":"2026-01-02T03:04:05Z"},"Err":""})");
  BOOST_TEST(plugin_volumes_answer({{"v", "", ""}}) == R"({"Volumes":[{"Name":"v","Mountpoint":""}],"Err":""})");
  BOOST_TEST(plugin_capabilities_answer() == R"({"Capabilities":{"Scope":"local"}})");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
