// -o of `docker volume create`: what they give, and what is said about each that is wrong.
#include "logic/volume_options.h"

#include <boost/test/unit_test.hpp>

#include "logic/plan_delivery.h"
#include "logic/secret_json.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(volume_options)

namespace {

Config config() {
  Config c;
  c.providers.push_back({});
  c.providers[0].name = "default";
  c.providers.push_back({});
  c.providers[1].name = "prod";
  SecretConfig env;
  env.name = "myapp/env";
  env.provider = "default";
  env.inject.type = InjectType::env;
  env.mappings = {{"password", "DB_PASSWORD"}};
  c.secrets.push_back(env);
  SecretConfig file;
  file.name = "myapp/file";
  file.provider = "default";
  file.inject.path = "/etc/app/";
  file.inject.uid = 7;
  file.mappings = {{"password", "pw"}, {"user", "name"}};
  c.secrets.push_back(file);
  return c;
}

Scope good(const VolumeOptions& options) {
  auto scope = volume_scope("vol", options, config());
  BOOST_REQUIRE_MESSAGE(scope.has_value(), (scope.has_error() ? render(scope.error()) : ""));
  return *scope;
}

std::string bad(const VolumeOptions& options) {
  const auto scope = volume_scope("vol", options, config());
  BOOST_REQUIRE(scope.has_error());
  BOOST_TEST((scope.error().cls == ErrorClass::config));
  BOOST_TEST(scope.error().what == "Cannot make the volume 'vol'");
  return scope.error().cause + " | " + scope.error().next;
}

/// "name=content mode; " of the files that the scope gives for a secret of these fields.
std::string files(const Scope& scope, const char* json) {
  std::map<SecretKey, SecretValue> values;
  std::map<SecretKey, const SecretValue*> borrowed;
  for (const DeliveryItem& item : scope.items)
    if (!values.contains(item.secret))
      values.emplace(item.secret, SecretValue{item.secret.name, "1", split_fields(SecretBytes::copy_of(json))});
  for (const auto& [key, value] : values) borrowed.emplace(key, &value);
  const auto plan = plan_delivery(scope, borrowed);
  if (plan.has_error()) return "error: " + render(plan.error());
  std::string out;
  for (const PlannedFile& f : plan->files) {
    BOOST_TEST(f.folder == "/run/secrets");  // all in one folder, whatever the config says of places
    out += f.name + "=" + std::string(f.content) + " " + (f.uid ? std::to_string(*f.uid) : "-") + "/" + std::to_string(f.mode) +
           "; ";
  }
  return out;
}

constexpr const char* kDb = R"({"user":"u","password":"p"})";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_field_is_a_file_any_user_may_read) {
  const Scope scope = good({{"secrets", "prod/myapp/db"}});
  BOOST_TEST(scope.items.at(0).secret.instance == "prod");
  BOOST_TEST(scope.items.at(0).secret.name == "myapp/db");
  BOOST_TEST(files(scope, kDb) == "user=u -/292; password=p -/292; ");
  BOOST_TEST(volume_of_scope(scope) == "vol");
}

BOOST_AUTO_TEST_CASE(owner_and_mode) {
  BOOST_TEST(files(good({{"secrets", "myapp/db#password"}, {"uid", "1000"}, {"gid", "5"}}), kDb) == "password=p 1000/256; ");
  BOOST_TEST(files(good({{"secrets", "myapp/db#password"}, {"mode", "0440"}}), kDb) == "password=p -/288; ");
}

BOOST_AUTO_TEST_CASE(several_secrets_and_one_field_of_them) {
  const Scope scope = good({{"secrets", " myapp/db#password , myapp/api#user,"}});
  BOOST_TEST(scope.items.size() == 2u);
  BOOST_TEST(files(scope, kDb) == "password=p -/292; user=u -/292; ");
}

BOOST_AUTO_TEST_CASE(the_config_names_files_but_not_places_nor_variables) {
  BOOST_TEST(files(good({{"secrets", "myapp/file"}}), kDb) == "pw=p 7/256; name=u 7/256; ");
  BOOST_TEST(files(good({{"secrets", "myapp/file#user"}}), kDb) == "name=u 7/256; ");
  BOOST_TEST(files(good({{"secrets", "myapp/env"}}), kDb) == "user=u -/292; password=p -/292; ");
}

BOOST_AUTO_TEST_CASE(one_file_by_path_or_template) {
  BOOST_TEST(files(good({{"secrets", "myapp/db#password"}, {"path", "db.pw"}}), kDb) == "db.pw=p -/292; ");
  BOOST_TEST(files(good({{"secrets", "myapp/db"}, {"template", "{{user}}:{{password}}"}}), kDb) == "db=u:p -/292; ");
  BOOST_TEST(files(good({{"secrets", "myapp/db"}, {"template", "{{user}}"}, {"path", "dsn"}}), kDb) == "dsn=u -/292; ");
}

BOOST_AUTO_TEST_CASE(each_error_names_the_option_and_the_cure) {
  BOOST_TEST(has(bad({}), "the option 'secrets' is missing"));
  BOOST_TEST(has(bad({{"secrets", " , "}}), "the option 'secrets' names no secret"));
  BOOST_TEST(has(bad({{"secrets", "a#"}}), "the option 'secrets' has 'a#': there is no field after '#' | Write it as"));
  BOOST_TEST(has(bad({{"secret", "a"}}), "the option 'secret' is unknown | Did you mean 'secrets'?"));
  BOOST_TEST(has(bad({{"secrets", "a"}, {"uid", "root"}}), "the option 'uid' has 'root', which is no number"));
  BOOST_TEST(has(bad({{"secrets", "a"}, {"gid", "4294967295"}}), "the option 'gid' has"));
  for (const char* mode : {"", "8", "0999", "rw", "1777", "00400"})
    BOOST_TEST(has(bad({{"secrets", "a"}, {"mode", mode}}), "the option 'mode' has"));
  // as Compose passes on what YAML has made of an octal number without quotes
  const std::pair<const char*, const char*> unquoted[] = {{"256", "0400"}, {"288", "0440"}, {"292", "0444"}, {"384", "0600"},
                                                          {"416", "0640"}, {"420", "0644"}, {"432", "0660"}, {"448", "0700"},
                                                          {"320", "0500"}, {"360", "0550"}, {"493", "0755"}, {"511", "0777"}};
  for (const auto& [arrives, meant] : unquoted) {
    const std::string said = bad({{"secrets", "a"}, {"mode", arrives}});
    BOOST_TEST(has(said, "which is what YAML makes of " + std::string(meant) + " without quotes"), said);
    BOOST_TEST(has(said, "Quote it: mode: \"" + std::string(meant) + "\"."), said);
  }
  for (const char* meant : {"400", "440", "444", "600", "640", "644", "700", "750", "500", "0256", "0244"})
    BOOST_TEST(!files(good({{"secrets", "myapp/db#password"}, {"mode", meant}}), kDb).empty(), meant);
  BOOST_TEST(has(bad({{"secrets", "a"}, {"mode", "204"}}), "others may do what its owner may not"));
  BOOST_TEST(has(bad({{"secrets", "a"}, {"mode", "0200"}}), "nobody could read the files"));
  BOOST_TEST(has(bad({{"secrets", "a#b"}, {"path", "/run/x"}}),
                 "the option 'path' has '/run/x': a file name has no '/' | It is the name"));
  BOOST_TEST(has(bad({{"secrets", "a#b"}, {"path", "..x"}}), "the option 'path' has"));
  BOOST_TEST(has(bad({{"secrets", "a"}, {"path", "x"}}), "the option 'path' names one file, but 'secrets' may give several"));
  BOOST_TEST(has(bad({{"secrets", "a,b"}, {"template", "{{x}}"}}), "the option 'template' takes the fields of one secret"));
  BOOST_TEST(has(bad({{"secrets", "a"}, {"template", "x"}}), "the option 'template' cannot be used: it names no field"));
}

BOOST_AUTO_TEST_CASE(the_scope_has_a_name_of_its_own) {
  BOOST_TEST(volume_scope_id("A.b/../c").starts_with("volume-a_b____c-"));
  BOOST_TEST(volume_scope_id("a") != volume_scope_id("A"));
  BOOST_TEST(is_volume_scope(volume_scope_id("a")));
  BOOST_TEST(!is_volume_scope("run-0123456789abcdef"));
  BOOST_TEST(!is_volume_scope("compose-volume-a-0123456789abcdef"));
}

BOOST_AUTO_TEST_CASE(a_record_survives_as_text) {
  const auto back =
      parse_volume_record(volume_record_json({"v \"1\"", {{"secrets", "a,b"}, {"mode", "0400"}}, "2026-01-02T03:04:05Z"}));
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(back->name == "v \"1\"");
  BOOST_TEST(back->options.at("mode") == "0400");
  BOOST_TEST(back->created_at == "2026-01-02T03:04:05Z");
  for (const char* damaged : {"", "[]", "{}", R"({"name":1,"options":{},"created_at":""})"})
    BOOST_TEST((parse_volume_record(damaged).error().cls == ErrorClass::store_corrupt));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
