// --secret SPEC: each form of the grammar, what the config adds to it, and what is refused with which advice.
#include <boost/test/unit_test.hpp>

#include "logic/parse_config.h"
#include "logic/secret_flag.h"

BOOST_AUTO_TEST_SUITE(secret_flag)

namespace {

using dso::DeliveryItem;
using dso::InjectType;
using dso::Mapping;
using Mappings = std::vector<Mapping>;

dso::Config config() {
  dso::Config c = dso::default_config();
  dso::ProviderInstance prod;
  prod.name = "prod";
  prod.type = "vault";
  c.providers.push_back(prod);
  dso::SecretConfig known;
  known.name = "known";
  known.provider = c.providers[0].name;
  known.inject.type = InjectType::env;
  known.mappings = {{"password", "PW"}, {"user", "USR"}};
  c.secrets.push_back(known);
  dso::SecretConfig shown = known;
  shown.name = "shown";
  shown.inject.visible = true;
  c.secrets.push_back(shown);
  return c;
}

DeliveryItem item(std::string_view spec) {
  auto result = dso::parse_secret_flag(spec, config());
  BOOST_REQUIRE_MESSAGE(result.has_value(), spec << ": " << (result.has_error() ? dso::render(result.error()) : ""));
  return *result;
}

dso::Error refused(std::string_view spec) {
  auto result = dso::parse_secret_flag(spec, config());
  BOOST_REQUIRE_MESSAGE(result.has_error(), spec);
  BOOST_TEST(static_cast<int>(result.error().cls) == static_cast<int>(dso::ErrorClass::usage));
  BOOST_TEST(result.error().what == "Cannot read --secret '" + std::string(spec) + "'");
  BOOST_TEST(!result.error().next.empty());
  return result.error();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_fields_own_name_that_steers_must_be_written_out) {
  for (const char* spec : {"db#path:", "known#path"}) {
    const auto refused = dso::parse_secret_flag(spec, config());
    BOOST_REQUIRE_MESSAGE(refused.has_error(), spec);
    BOOST_TEST(refused.error().cause.starts_with("it would be the variable PATH, which steers "));
    BOOST_TEST(refused.error().next.find("#path:PATH") != std::string::npos);
  }
  BOOST_TEST((item("db#path:PATH").mappings == Mappings{{"path", "PATH"}}));
  BOOST_TEST((item("db#path").mappings == Mappings{{"path", "path"}}), "a file");
}

BOOST_AUTO_TEST_CASE(name_alone) {
  const DeliveryItem i = item("myapp/db");
  BOOST_TEST((i.secret == dso::SecretKey{config().providers[0].name, "myapp/db"}));
  BOOST_TEST((i.inject == config().default_inject));
  BOOST_TEST(i.mappings.empty());
  BOOST_TEST((item("prod/myapp/db").secret == dso::SecretKey{"prod", "myapp/db"}));
}

BOOST_AUTO_TEST_CASE(name_as_the_config_says) {
  const DeliveryItem i = item("known");
  BOOST_TEST((i.inject.type == InjectType::env));
  BOOST_TEST((i.mappings == Mappings{{"password", "PW"}, {"user", "USR"}}));
  BOOST_TEST((item("known#user").mappings == Mappings{{"user", "USR"}}));
  BOOST_TEST((item("known#api-key").mappings == Mappings{{"api-key", "API_KEY"}}));
  BOOST_TEST((item("myapp/db#api-key").mappings == Mappings{{"api-key", "api-key"}}));
}

BOOST_AUTO_TEST_CASE(as_files) {
  const DeliveryItem file = item("myapp/db=/etc/app/db.txt");
  BOOST_TEST((file.inject.type == InjectType::file));
  BOOST_TEST(file.inject.path == "/etc/app/db.txt");
  BOOST_TEST(file.mappings.empty());
  const DeliveryItem folder = item("myapp/db=/etc/app/");
  BOOST_TEST(folder.inject.path == "/etc/app/");
  const DeliveryItem field = item("myapp/db#password=/etc/app/pw");
  BOOST_TEST(field.inject.path == "/etc/app/");
  BOOST_TEST((field.mappings == Mappings{{"password", "pw"}}));
  const DeliveryItem inside = item("myapp/db#password=/etc/app/");
  BOOST_TEST((inside.mappings == Mappings{{"password", "password"}}));
  // The config says env for it; the flag says file.
  BOOST_TEST((item("known=/x/y").inject.type == InjectType::file));
}

BOOST_AUTO_TEST_CASE(as_variables) {
  BOOST_TEST((item("myapp/db:DB").inject.type == InjectType::env));
  BOOST_TEST((item("myapp/db:DB").mappings == Mappings{{"", "DB"}}));
  BOOST_TEST((item("myapp/db#password:DB").mappings == Mappings{{"password", "DB"}}));
  BOOST_TEST((item("myapp/db:user=U,password=P").mappings == Mappings{{"user", "U"}, {"password", "P"}}));
  BOOST_TEST(item("myapp/db:").mappings.empty());
  BOOST_TEST((item("myapp/db:").inject.type == InjectType::env));
  BOOST_TEST((item("myapp/db#api-key:").mappings == Mappings{{"api-key", "API_KEY"}}));
  BOOST_TEST((item("db#p:spring.datasource.password").mappings == Mappings{{"p", "spring.datasource.password"}}));
  BOOST_TEST((item("db:p=my-app.pw").mappings == Mappings{{"p", "my-app.pw"}}));
  BOOST_TEST(item("shown:X").inject.visible);
  BOOST_TEST(!item("known:X").inject.visible);
}

BOOST_AUTO_TEST_CASE(colon_and_equals_in_a_name) {
  BOOST_TEST(item("arn\\:aws\\:db").secret.name == "arn:aws:db");
  BOOST_TEST(item("a\\=b:X").secret.name == "a=b");
  BOOST_TEST(item("a?version=3=/x").secret.name == "a?version=3");
  BOOST_TEST(item("a?version=3=/x").inject.path == "/x");
  BOOST_TEST((item("a?version=AWSPREVIOUS#f:X").mappings == Mappings{{"f", "X"}}));
  BOOST_TEST(item("a\\\\b").secret.name == "a\\b");
  BOOST_TEST(item("a\\b").secret.name == "a\\b");
}

BOOST_AUTO_TEST_CASE(mistakes) {
  BOOST_TEST(refused("").cause == "it does not name a secret");
  BOOST_TEST(refused(":X").cause == "it does not name a secret");
  BOOST_TEST(refused("=/x").cause == "it does not name a secret");
  BOOST_TEST(refused("db=DB_PASSWORD").next.find("For a variable write NAME:DB_PASSWORD") == 0u);
  BOOST_TEST(refused("db=").cause == "'' is not an absolute path");
  BOOST_TEST(refused("db=relative/path").cause == "'relative/path' is not an absolute path");
  BOOST_TEST(refused("db:/run/secrets/db").next == "For a file write db=/run/secrets/db");
  BOOST_TEST(refused("db:1X").cause == "'1X' is not a variable's name");
  BOOST_TEST(refused("db:a=1X").cause == "'1X' is not a variable's name");
  BOOST_TEST(refused("db:a=A,b").cause == "'b' is not FIELD=ENV");
  BOOST_TEST(refused("db:a=A,").cause == "'' is not FIELD=ENV");
  BOOST_TEST(refused("db:=A").cause == "'=A' is not FIELD=ENV");
  BOOST_TEST(refused("db#x:a=A").cause == "both '#x' and FIELD=ENV name fields");
  refused("#field");
}

BOOST_AUTO_TEST_CASE(merging) {
  const auto merged = [](std::vector<DeliveryItem> found, const std::vector<std::string>& specs) {
    std::vector<DeliveryItem> asked;
    for (const auto& s : specs) asked.push_back(item(s));
    return dso::merge_items(std::move(found), asked);
  };
  // The same secret as variable and as file: two items.
  auto both = merged({}, {"myapp/db:DB", "myapp/db"});
  BOOST_REQUIRE(both.has_value());
  BOOST_TEST(both->size() == 2u);
  // Two variables of one secret: one item.
  auto vars = merged({}, {"myapp/db#a:A", "myapp/db#b:B"});
  BOOST_REQUIRE(vars.has_value());
  BOOST_REQUIRE(vars->size() == 1u);
  BOOST_TEST(((*vars)[0].mappings == Mappings{{"a", "A"}, {"b", "B"}}));
  // Already there by a target.
  auto same = merged({item("known")}, {"known", "known"});
  BOOST_REQUIRE(same.has_value());
  BOOST_TEST(same->size() == 1u);
  auto twice = merged({}, {"a:X", "b:X"});
  BOOST_REQUIRE(twice.has_error());
  BOOST_TEST(twice.error().cause == "the variable X is asked for twice");
  auto path = merged({}, {"a=/x/y", "b=/x/y"});
  BOOST_REQUIRE(path.has_error());
  BOOST_TEST(path.error().cause == "the file /x/y is asked for twice");
  BOOST_TEST(merged({}, {"a#f=/x/y", "b#f=/x/y"}).has_error());
  BOOST_TEST(merged({}, {"a#f=/x/y", "b#f=/x/z"}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
