// Names, folders, owners and modes of what is delivered, and every way in which a plan is refused.
#include <boost/test/unit_test.hpp>
#include <string>

#include "logic/delivery_names.h"
#include "logic/plan_delivery.h"
#include "logic/secret_json.h"

using namespace dso;

namespace {

/// A scope with its values.
struct Case {
  Scope scope;
  std::map<SecretKey, SecretValue> stored;

  Case& secret(const std::string& name, std::string_view json, Inject inject = {}, std::vector<Mapping> mappings = {}) {
    SecretKey key{"default", name};
    scope.items.push_back({key, std::move(inject), std::move(mappings)});
    stored.insert_or_assign(key, SecretValue{name, "1", split_fields(SecretBytes::copy_of(json))});
    return *this;
  }
  Result<DeliveryPlan> plan() const {
    std::map<SecretKey, const SecretValue*> values;
    for (const auto& [key, value] : stored) values.emplace(key, &value);
    return plan_delivery(scope, values);
  }
  /// "path=content,…;NAME=content,…" or "error: cause".
  std::string show() const {
    auto p = plan();
    if (p.has_error()) return "error: " + p.error().cause;
    std::string out;
    for (const auto& f : p->files) out += f.folder + "/" + f.name + "=" + std::string(f.content) + ";";
    for (const auto& e : p->env) out += e.name + "=" + std::string(e.content) + ";";
    return out;
  }
  ErrorClass error_class() const { return plan().error().cls; }
};

Inject at(std::string path) {
  Inject i;
  i.path = std::move(path);
  return i;
}
Inject env() {
  Inject i;
  i.type = InjectType::env;
  return i;
}

constexpr const char* kDb = R"({"user":"u","password":"p"})";

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_delivery_files)

BOOST_AUTO_TEST_CASE(every_field_is_a_file_of_its_name) {
  BOOST_CHECK_EQUAL(Case().secret("app/db", kDb).show(), "/run/secrets/user=u;/run/secrets/password=p;");
}

BOOST_AUTO_TEST_CASE(a_lone_value_takes_the_secrets_name) {
  BOOST_CHECK_EQUAL(Case().secret("app/db-password", "hunter2").show(), "/run/secrets/db-password=hunter2;");
  BOOST_CHECK_EQUAL(Case().secret("plain", "x").show(), "/run/secrets/plain=x;");
  BOOST_CHECK_EQUAL(Case().secret("app/", "x").show(), "/run/secrets/app=x;");
}

BOOST_AUTO_TEST_CASE(mappings_name_files) {
  BOOST_CHECK_EQUAL(Case().secret("app/db", kDb, {}, {{"password", "db"}}).show(), "/run/secrets/db=p;");
  BOOST_CHECK_EQUAL(Case().secret("app/db", kDb, {}, {{"password", "/etc/app/pw"}}).show(), "/etc/app/pw=p;");
  BOOST_CHECK_EQUAL(Case().secret("k", "raw", {}, {{"value", "token"}}).show(), "/run/secrets/token=raw;");
}

BOOST_AUTO_TEST_CASE(a_path_is_a_file_or_a_folder) {
  BOOST_CHECK_EQUAL(Case().secret("app/key", "k", at("/run/secrets/tls.key")).show(), "/run/secrets/tls.key=k;");
  BOOST_CHECK_EQUAL(Case().secret("app/key", "k", at("/run/tls/")).show(), "/run/tls/key=k;");
  BOOST_CHECK_EQUAL(Case().secret("app/db", kDb, at("/run/db")).show(), "/run/db/user=u;/run/db/password=p;");
  BOOST_CHECK_EQUAL(Case().secret("app/db", kDb, at("/run/db//")).show(), "/run/db/user=u;/run/db/password=p;");
  BOOST_CHECK_EQUAL(Case().secret("app/db", kDb, at("/run/secrets/db"), {{"password", "pw"}}).show(), "/run/secrets/db=p;");
}

BOOST_AUTO_TEST_CASE(a_mapping_descends_and_the_plan_keeps_what_it_made) {
  Case c;
  c.secret("app/db", R"({"conn":{"host":"h\n1","port":5432}})", {},
           {{"#conn.host", "host"}, {"conn#port", "port"}, {"#conn.port", "again"}});
  DeliveryPlan moved;
  {
    auto plan = c.plan();
    moved = std::move(*plan);
  }
  BOOST_REQUIRE_EQUAL(moved.files.size(), 3u);
  BOOST_CHECK_EQUAL(moved.files[0].content, "h\n1");
  BOOST_CHECK_EQUAL(moved.files[1].content, "5432");
  BOOST_CHECK_EQUAL(moved.files[2].content, "5432");
}

BOOST_AUTO_TEST_CASE(owner_and_mode) {
  const auto first = [](const Case& c) {
    auto plan = c.plan();
    const PlannedFile& f = plan->files[0];
    const auto number = [](std::optional<std::uint32_t> n) { return n ? std::to_string(*n) : std::string("-"); };
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", f.mode);
    return number(f.uid) + ":" + number(f.gid) + " " + mode;
  };
  Case unknown, known, only_uid;
  BOOST_CHECK_EQUAL(first(unknown.secret("s", "x")), "-:- 0444");
  known.scope.user_uid = 1000;
  known.scope.user_gid = 1001;
  BOOST_CHECK_EQUAL(first(known.secret("s", "x")), "1000:1001 0400");
  only_uid.scope.user_uid = 1000;
  BOOST_CHECK_EQUAL(first(only_uid.secret("s", "x")), "1000:- 0400");

  Inject inject;
  inject.uid = 5;
  Case explicit_uid;
  explicit_uid.scope.user_uid = 1000;
  explicit_uid.scope.user_gid = 1000;
  BOOST_CHECK_EQUAL(first(explicit_uid.secret("s", "x", inject)), "5:- 0400");
  inject.gid = 6;
  inject.mode = 0640;
  BOOST_CHECK_EQUAL(first(Case().secret("s", "x", inject)), "5:6 0640");
  Inject group;
  group.gid = 7;
  BOOST_CHECK_EQUAL(first(Case().secret("s", "x", group)), "-:7 0440");
  Inject open_mode;
  open_mode.mode = 0444;
  Case with_mode;
  with_mode.scope.user_uid = 1000;
  BOOST_CHECK_EQUAL(first(with_mode.secret("s", "x", open_mode)), "1000:- 0444");
}

BOOST_AUTO_TEST_CASE(field_names_that_are_no_file_names) {
  for (const char* json : {R"({"a/b":"1"})", R"({"..":"1"})", R"({".":"1"})", R"({"..data":"1"})", R"({"":"1"})",
                           R"({"a\u0000b":"1"})", R"({"a\nb":"1"})"}) {
    const Case c = std::move(Case().secret("app/db", json));
    BOOST_CHECK_MESSAGE(c.plan().has_error(), json);
    BOOST_CHECK(c.error_class() == ErrorClass::config);
    BOOST_CHECK(has(c.plan().error().what, "app/db"));
  }
  const std::string longest(255, 'n');
  BOOST_CHECK(Case().secret("s", "{\"" + longest + "\":\"1\"}").plan().has_value());
  BOOST_CHECK(has(Case().secret("s", "{\"" + longest + "n\":\"1\"}").show(), "at most 255 bytes, this one has 256"));
  BOOST_CHECK(has(Case().secret("s", kDb, {}, {{"user", "sub/file"}}).show(), "no '/'"));
  BOOST_CHECK(has(Case().secret("s", "x", at("/run/x/..")).show(), "does not begin with '..'"));
}

BOOST_AUTO_TEST_CASE(system_folders_are_refused) {
  for (const char* path :
       {"/secret", "/etc/secret", "/usr/bin/x", "/bin/x", "/lib/x/y", "/proc/1/x", "/sys/x", "/dev/shm/x", "/var/x", "/run/x",
        "/tmp/x", "/home/x", "/root/x", "/usr/lib/app/x", "/run/dso/x", "/run/dso/env/x", "/var/run/dso/x", "/var/lib/x"})
    BOOST_CHECK_MESSAGE(Case().secret("s", "x", at(path)).plan().has_error(), path);
  for (const char* folder : {"/", "/etc/", "/usr/local/bin/", "/run/", "/run/dso/", "/usr/"})
    BOOST_CHECK_MESSAGE(Case().secret("s", "x", at(folder)).plan().has_error(), folder);
  for (const char* path : {"/etc/app/x", "/run/secrets/x", "/app/secrets/x", "/home/app/x", "/usr/local/app/x", "/tmp/s/x",
                           "/run/dsomething/x", "/etcetera/x", "/var/run/secrets/x", "/var/lib/app/x"})
    BOOST_CHECK_MESSAGE(Case().secret("s", "x", at(path)).plan().has_value(), path);
}

BOOST_AUTO_TEST_CASE(paths_must_be_plain) {
  BOOST_CHECK(has(Case().secret("s", "x", at("secrets/x")).show(), "not absolute"));
  BOOST_CHECK(has(Case().secret("s", "x", at("/run/../etc/app/x")).show(), "'..'"));
  BOOST_CHECK(has(Case().secret("s", "x", at("/run//s/x")).show(), "'//'"));
  BOOST_CHECK(has(Case().secret("s", "x", at("/run/./s/x")).show(), "'.'"));
  BOOST_CHECK(has(Case().secret("s", "x", at("/run/s\n/x")).show(), "control"));
}

BOOST_AUTO_TEST_CASE(two_files_of_one_path) {
  Case c;
  c.secret("a/db", kDb).secret("b/db", R"({"user":"x"})");
  BOOST_CHECK(has(c.show(), "secret 'a/db' gives a file of that path too"));
  BOOST_CHECK(has(c.plan().error().what, "'/run/secrets/user' of secret 'b/db'"));
}

BOOST_AUTO_TEST_CASE(what_two_ask_for_alike_is_one) {
  BOOST_CHECK_EQUAL(Case()
                        .secret("db", kDb, {}, {{"password", "db"}})
                        .secret("db", kDb, at("/run/secrets/"), {{"password", "db"}})
                        .secret("db", kDb, at("/run/secrets/db"), {{"password", "db"}})
                        .show(),
                    "/run/secrets/db=p;");
  BOOST_CHECK_EQUAL(
      Case().secret("db", kDb, {}, {{"password", "db"}}).secret("db", kDb, at("/run/secrets/"), {{"password", "db"}}).show(),
      "/run/secrets/db=p;");
  BOOST_CHECK_EQUAL(Case().secret("db", kDb, env(), {{"user", "U"}}).secret("db", kDb, env(), {{"user", "U"}}).show(), "U=u;");
  BOOST_CHECK_EQUAL(
      Case().secret("db", kDb, env(), {{"user", "U"}, {"{{user}}", "T"}}).secret("db", kDb, env(), {{"{{user}}", "T"}}).show(),
      "U=u;T=u;");
  // and what they do not ask for alike is not
  BOOST_CHECK(has(Case().secret("db", kDb, {}, {{"password", "db"}}).secret("db", kDb, {}, {{"user", "db"}}).show(),
                  "its field 'password' gives a file of that path too"));
  Inject closed;
  closed.mode = 0400;
  BOOST_CHECK(has(Case().secret("db", kDb, {}, {{"user", "db"}}).secret("db", kDb, closed, {{"user", "db"}}).show(),
                  "it is asked for twice, with different owners or modes"));
}

BOOST_AUTO_TEST_CASE(var_run_is_run_in_most_images) {
  BOOST_CHECK(has(Case().secret("a", "x").secret("b", "y", at("/var/run/secrets/")).show(), "in most images /var/run is /run"));
  BOOST_CHECK(has(Case().secret("a", "x").secret("b", "y", at("/var/run/secrets/b/")).show(), "in most images /var/run is /run"));
  BOOST_CHECK(Case().secret("a", "x").secret("b", "y", at("/var/run/other/")).plan().has_value());
  BOOST_CHECK(Case().secret("a", "x").secret("b", "y", at("/run/secrets/b/")).plan().has_value());
}

BOOST_AUTO_TEST_CASE(a_file_where_another_needs_a_folder) {
  BOOST_CHECK(has(Case().secret("db", "x").secret("tls", kDb, at("/run/secrets/db/")).show(),
                  "another file needs a folder of that name"));
  BOOST_CHECK(Case().secret("other", "x").secret("tls", kDb, at("/run/secrets/db/")).plan().has_value());
}

BOOST_AUTO_TEST_CASE(what_is_not_there) {
  const std::string missing = Case().secret("app/db", kDb, {}, {{"passwort", "x"}}).show();
  BOOST_CHECK(has(missing, "its fields are 'user', 'password'"));
  BOOST_CHECK(has(Case().secret("app/db", "{}").show(), "empty JSON object"));
  Case c;
  c.secret("app/db", kDb).stored.clear();
  BOOST_CHECK(has(c.show(), "not fetched"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(plan_delivery_env)

BOOST_AUTO_TEST_CASE(names_without_mappings) {
  BOOST_CHECK_EQUAL(Case().secret("app/db", R"({"db-user":"u","db.pass/word":"p"})", env()).show(), "DB_USER=u;DB_PASS_WORD=p;");
  BOOST_CHECK_EQUAL(Case().secret("app/api key+1", "x", env()).show(), "API_KEY_1=x;");
}

BOOST_AUTO_TEST_CASE(mapped_names_stay_as_written) {
  BOOST_CHECK_EQUAL(Case().secret("app/db", kDb, env(), {{"password", "Db_pw2"}}).show(), "Db_pw2=p;");
}

BOOST_AUTO_TEST_CASE(names_that_are_none) {
  // what somebody writes may be whatever `docker run -e` takes
  for (const char* name : {"1A", "A-B", "a.b", "Logging:Level", "\xc3\x84"})
    BOOST_CHECK_MESSAGE(Case().secret("s", kDb, env(), {{"user", name}}).plan().has_value(), name);
  for (const char* name : {"", "A=B", "A B", "A\n", "\xc2\x85"})
    BOOST_CHECK_MESSAGE(Case().secret("s", kDb, env(), {{"user", name}}).plan().has_error(), name);
  for (const char* json : {R"({"1st":"x"})", R"({"a b":"x"})", R"({"a=b":"x"})", R"({"":"x"})"})
    BOOST_CHECK_MESSAGE(Case().secret("s", json, env()).plan().has_error(), json);
  BOOST_CHECK(Case().secret("app/2fa", "x", env()).plan().has_error());
}

BOOST_AUTO_TEST_CASE(no_field_becomes_a_variable_that_steers_unless_a_mapping_says_so) {
  for (const auto& [field, name] : {std::pair{"ld.preload", "LD_PRELOAD"},
                                    {"path", "PATH"},
                                    {"node-options", "NODE_OPTIONS"},
                                    {"home", "HOME"},
                                    {"env", "ENV"},
                                    {"python/startup", "PYTHON_STARTUP"}}) {
    const std::string json = std::string(R"({"user":"u",")") + field + R"(":"x"})";
    const auto plan = Case().secret("app/db", json, env()).plan();
    BOOST_REQUIRE_MESSAGE(plan.has_error(), field);
    BOOST_CHECK(plan.error().cls == ErrorClass::config);
    BOOST_CHECK_EQUAL(plan.error().what, "Cannot deliver the field '" + std::string(field) + "' of secret 'app/db'");
    BOOST_CHECK(has(plan.error().cause, name));
    BOOST_CHECK(has(plan.error().next, ("`mappings: {" + std::string(field) + ": " + name + "}`").c_str()));
    BOOST_CHECK_EQUAL(Case().secret("app/db", json, env(), {{field, name}}).show(), std::string(name) + "=x;");
    if (std::string(field).find('/') == std::string::npos)
      BOOST_CHECK_MESSAGE(Case().secret("app/db", json).plan().has_value(), "a file of any name steers nothing");
  }
  BOOST_CHECK(Case().secret("app/path", "x", env()).plan().has_error());
  BOOST_CHECK_EQUAL(Case().secret("app/db", R"({"user":"u","host":"h","port":"1","node_name":"n"})", env()).show(),
                    "USER=u;HOST=h;PORT=1;NODE_NAME=n;");
}

BOOST_AUTO_TEST_CASE(collisions) {
  BOOST_CHECK(has(Case().secret("s", R"({"a-b":"1","a.b":"2"})", env()).show(), "gives a variable of that name too"));
  BOOST_CHECK(has(Case().secret("a/t", "1", env()).secret("b/t", "2", env()).show(), "secret 'a/t'"));
  BOOST_CHECK(Case().secret("a/t", "1", env()).secret("b/t", "2").plan().has_value());
}

BOOST_AUTO_TEST_CASE(values_that_no_variable_holds) {
  const Case nul = std::move(Case().secret("s", R"({"k":"a\u0000b"})", env()));
  BOOST_CHECK(has(nul.show(), "NUL"));
  BOOST_CHECK(nul.error_class() == ErrorClass::invalid_request);
  BOOST_CHECK(has(nul.plan().error().next, "inject: file"));
  BOOST_CHECK(Case().secret("s", R"({"k":"a\u0000b"})").plan().has_value());
  BOOST_CHECK(Case().secret("k", std::string(131072 - 3, 'x'), env()).plan().has_value());
  BOOST_CHECK(has(Case().secret("k", std::string(131072 - 2, 'x'), env()).show(), "128 KiB"));
}

BOOST_AUTO_TEST_CASE(the_env_file) {
  Case c;
  c.secret("app/db", R"({"a":"x=y\nz","b":""})", env());
  auto kept = c.plan();
  BOOST_CHECK(view(env_file(*kept)) == std::string_view("A=x=y\nz\0B=\0", 11));
  BOOST_CHECK(env_file({}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
