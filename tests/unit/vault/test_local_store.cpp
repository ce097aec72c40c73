// The local store as its callers see it: fields, versions, both kinds of key, limits, and what it leaves behind.
#include "store_fixture.h"
#include "vault/store_content.h"
#include "vault/store_names.h"

using namespace dso;
using namespace dso::test;

BOOST_FIXTURE_TEST_SUITE(local_store, StoreFixture)

BOOST_AUTO_TEST_CASE(init_makes_private_files_and_refuses_a_second_time) {
  BOOST_TEST(!LocalStore::exists(where));
  init();
  BOOST_TEST(LocalStore::exists(where));
  struct stat st {};
  BOOST_REQUIRE(stat(where.dir.c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 0777) == 0700u);
  for (const std::string& file : {where.data_file(), where.key_file(), where.dir + "/store.lock"}) {
    BOOST_REQUIRE(stat(file.c_str(), &st) == 0);
    BOOST_TEST((st.st_mode & 0777) == 0600u);
  }
  BOOST_TEST(slurp(where.key_file()).size() == 32u);

  const std::string data = slurp(where.data_file()), key = slurp(where.key_file());
  auto again = LocalStore::init(where, std::nullopt);
  BOOST_REQUIRE(again.has_error());
  BOOST_TEST(exit_code(again.error().cls) == 1);
  BOOST_TEST(render(again.error()).find(where.data_file()) != std::string::npos);
  BOOST_TEST(slurp(where.data_file()) == data);
  BOOST_TEST(slurp(where.key_file()) == key);
}

BOOST_AUTO_TEST_CASE(two_stores_have_different_keys) {
  init();
  const StoreLocation other{temp.path + "/other"};
  BOOST_REQUIRE(LocalStore::init(other, std::nullopt).has_value());
  BOOST_TEST(slurp(where.key_file()) != slurp(other.key_file()));
}

BOOST_AUTO_TEST_CASE(a_key_file_that_is_there_is_used_not_overwritten) {
  init();
  const std::string key = slurp(where.key_file());
  BOOST_REQUIRE(unlink(where.data_file().c_str()) == 0);
  init();
  BOOST_TEST(slurp(where.key_file()) == key);
  BOOST_TEST(set("a", "", "x").value() == "1");
}

BOOST_AUTO_TEST_CASE(a_folder_that_others_may_write_is_refused) {
  BOOST_REQUIRE(mkdir(where.dir.c_str(), 0700) == 0);
  BOOST_REQUIRE(chmod(where.dir.c_str(), 0777) == 0);
  auto made = LocalStore::init(where, std::nullopt);
  BOOST_REQUIRE(made.has_error());
  BOOST_TEST(made.error().next == "Run `chmod 700 " + where.dir + "`.");
  BOOST_TEST(!LocalStore::exists(where));
}

BOOST_AUTO_TEST_CASE(fields_and_versions) {
  init();
  BOOST_TEST(set("db", "user", "u1").value() == "1");
  BOOST_TEST(set("db", "password", "p1").value() == "2");
  BOOST_TEST(set("db", "password", "p2").value() == "3");
  BOOST_TEST(set("db", "password", "p2").value() == "3");  // equal: no new version
  BOOST_TEST(set("other", "", "o").value() == "1");
  BOOST_TEST(field("db", "user") == "u1");
  BOOST_TEST(field("db", "password") == "p2");
  BOOST_TEST(field("db", "password", "2") == "p1");
  BOOST_TEST(open()->get("db", "1")->fields.size() == 1u);
  BOOST_TEST(open()->version("db").value() == "3");

  const auto entries = open()->list();
  BOOST_REQUIRE(entries.size() == 2u);
  BOOST_TEST(entries[0].name == "db");
  BOOST_TEST(entries[0].version == "3");
  BOOST_TEST(entries[0].fields == (std::vector<std::string>{"user", "password"}), boost::test_tools::per_element());
  BOOST_TEST(entries[0].changed_at_ms > 1'700'000'000'000);

  // Without a field the whole secret is replaced.
  BOOST_TEST(set("db", "", "whole").value() == "4");
  BOOST_TEST(open()->get("db")->fields.size() == 1u);
  BOOST_TEST(field("db", "value") == "whole");
}

BOOST_AUTO_TEST_CASE(an_equal_value_does_not_write) {
  init();
  set("a", "", "same").value();
  const std::string before = slurp(where.data_file());
  set("a", "", "same").value();
  BOOST_TEST(slurp(where.data_file()) == before);
}

BOOST_AUTO_TEST_CASE(the_last_five_versions_are_kept) {
  init();
  for (int i = 1; i <= 8; ++i) BOOST_TEST(set("a", "", "v" + std::to_string(i)).value() == std::to_string(i));
  BOOST_TEST(field("a", "value", "4") == "v4");
  auto gone = open()->get("a", "3");
  BOOST_REQUIRE(gone.has_error());
  BOOST_TEST((gone.error().cls == ErrorClass::version_not_found));
  BOOST_TEST(render(gone.error()).find("4, 5, 6, 7, 8") != std::string::npos);
  BOOST_TEST((open()->get("a", "08").error().cls == ErrorClass::version_not_found));
}

BOOST_AUTO_TEST_CASE(removing_and_making_again_never_repeats_a_version) {
  init();
  set("a", "", "1").value();
  set("a", "", "2").value();
  BOOST_REQUIRE(LocalStore::remove(where, std::nullopt, "a", "").has_value());
  BOOST_TEST(open()->list().empty());
  BOOST_TEST(set("a", "", "3").value() == "3");
  auto missing = LocalStore::remove(where, std::nullopt, "b", "");
  BOOST_TEST((missing.error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(removing_a_field_is_a_new_version_and_the_last_one_takes_the_secret_along) {
  init();
  set("a", "x", "1").value();
  set("a", "y", "2").value();
  BOOST_TEST((LocalStore::remove(where, std::nullopt, "a", "z").error().cls == ErrorClass::not_found));
  BOOST_REQUIRE(LocalStore::remove(where, std::nullopt, "a", "x").has_value());
  BOOST_TEST(open()->version("a").value() == "3");
  BOOST_TEST(open()->get("a")->find("x") == nullptr);
  BOOST_REQUIRE(LocalStore::remove(where, std::nullopt, "a", "y").has_value());
  BOOST_TEST((open()->get("a").error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(values_are_kept_to_the_byte) {
  init();
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string pem = "-----BEGIN X-----\nabc\r\n\n-----END X-----\n";
  set("bytes", "", all).value();
  set("pem", "", pem).value();
  set("empty", "", "").value();
  BOOST_TEST(field("bytes", "value") == all);
  BOOST_TEST(field("pem", "value") == pem);
  BOOST_TEST(field("empty", "value") == "");
}

BOOST_AUTO_TEST_CASE(a_value_may_have_one_mebibyte_and_no_byte_more) {
  init();
  const std::string largest(vault::kMaxValueBytes, 'L');
  BOOST_TEST(set("a", "", largest).value() == "1");
  BOOST_TEST((field("a", "value") == largest));
  const std::string before = slurp(where.data_file());
  auto larger = set("a", "", largest + "L");
  BOOST_REQUIRE(larger.has_error());
  BOOST_TEST(larger.error().cause.find("1048576") != std::string::npos);
  BOOST_TEST((slurp(where.data_file()) == before));
}

BOOST_AUTO_TEST_CASE(impossible_names_are_refused) {
  init();
  for (const std::string& bad : {std::string(), std::string("-x"), std::string("/x"), std::string("a#b"), std::string("a\nb"),
                                 std::string("a\0b", 3), std::string("\x1b[31m"), std::string("\xff"), std::string("\xc0\xaf"),
                                 std::string("\xe2\x80\xae"), std::string(513, 'n')}) {
    BOOST_TEST(set(bad, "", "v").has_error());
    if (!bad.empty()) BOOST_TEST(set("ok", bad, "v").has_error());
  }
  for (const std::string& good :
       {std::string(512, 'n'), std::string("a/b.c-d_e@f"), std::string("p\xc3\xa4ssword \xf0\x9f\x94\x91")}) {
    BOOST_TEST(set(good, good, "v").has_value());
    BOOST_TEST(field(good, good) == "v");
  }
}

BOOST_AUTO_TEST_CASE(a_missing_secret_says_what_was_probably_meant) {
  init();
  set("myapp/database", "", "x").value();
  const Error typo = open()->get("myapp/databse").error();
  BOOST_TEST((typo.cls == ErrorClass::not_found));
  BOOST_TEST(typo.next == "Did you mean 'myapp/database'? Store it with `dso secret set myapp/databse`.");
  BOOST_TEST(open()->get("database").error().next.starts_with("Did you mean 'myapp/database'?"));
  set("e", "", "x").value();
  BOOST_TEST(open()->get("a").error().next == "Store it with `dso secret set a`.");
  BOOST_TEST(open()->get("quite-different").error().next == "Store it with `dso secret set quite-different`.");
}

BOOST_AUTO_TEST_CASE(no_store_says_run_init) {
  for (const Error& e : {open().error(), set("a", "", "v").error(), LocalStore::remove(where, std::nullopt, "a", "").error()}) {
    BOOST_TEST((e.cls == ErrorClass::not_found));
    BOOST_TEST(render(e) == "No local store at '" + where.dir + "': NotFound. Run `dso init`.");
  }
  BOOST_TEST(!std::filesystem::exists(where.dir));
}

BOOST_AUTO_TEST_CASE(a_passphrase_opens_and_another_does_not) {
  BOOST_REQUIRE(LocalStore::init(where, secret("correct horse")).has_value());
  BOOST_TEST(LocalStore::needs_passphrase(where));
  BOOST_TEST(!std::filesystem::exists(where.key_file()));
  BOOST_REQUIRE(LocalStore::set(where, secret("correct horse"), "a", "", secret("v")).has_value());
  auto store = LocalStore::open(where, secret("correct horse"));
  BOOST_REQUIRE(store.has_value());
  BOOST_TEST(store->get("a")->fields[0].value.reveal() == "v");
  BOOST_TEST(store->key_description() == "passphrase");

  const std::string before = slurp(where.data_file());
  const Error wrong = LocalStore::set(where, secret("correct hors"), "a", "", secret("w")).error();
  BOOST_TEST((wrong.cls == ErrorClass::invalid_credentials));
  BOOST_TEST(render(wrong).find(where.data_file()) != std::string::npos);
  BOOST_TEST(render(wrong).find("passphrase is wrong") != std::string::npos);
  BOOST_TEST(slurp(where.data_file()) == before);
  const Error none = LocalStore::open(where, std::nullopt).error();
  BOOST_TEST((none.cls == ErrorClass::credentials_unavailable));
  BOOST_TEST(none.next.find("DSO_STORE_PASSPHRASE_FILE") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_empty_passphrase_is_refused) {
  BOOST_TEST(LocalStore::init(where, secret("")).has_error());
  BOOST_TEST(!LocalStore::exists(where));
}

BOOST_AUTO_TEST_CASE(neither_values_nor_names_are_in_the_files) {
  init();
  const std::string canary = "Canary-7f3a9c51-zyx", name = "canary-name-5512";
  set(name, "field-name-9031", canary).value();
  for (const auto& entry : std::filesystem::directory_iterator(where.dir)) {
    const std::string bytes = slurp(entry.path());
    for (const std::string& needle : {canary, name, std::string("field-name-9031")})
      BOOST_TEST(bytes.find(needle) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(every_write_has_a_fresh_nonce) {
  init();
  set("a", "", "1").value();
  const std::string first = slurp(where.data_file());
  set("a", "", "2").value();
  const std::string second = slurp(where.data_file());
  BOOST_TEST(first.substr(72, 12) != second.substr(72, 12));
}

BOOST_AUTO_TEST_CASE(locked_memory_is_all_given_back) {
  const std::size_t before = secret_memory_status().bytes_in_use;
  {
    init();
    set("a", "", std::string(100'000, 'x')).value();
    auto store = open();
    BOOST_TEST(store->get("a").has_value());
    BOOST_TEST(secret_memory_status().bytes_in_use > before);
  }
  BOOST_TEST(secret_memory_status().bytes_in_use == before);
}

BOOST_AUTO_TEST_SUITE_END()
