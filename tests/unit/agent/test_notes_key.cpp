// The key is made once and outlives the process; what a version without one has left is believed from that moment on, and nothing
// that comes later.
#include "agent/notes_key.h"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/file.h"
#include "base/temp_folder.h"
#include "delivery/rotation_key.h"
#include "delivery/scope_registry.h"
#include "fake_engine.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(notes_key)

namespace {

struct Host {
  test::TempFolder folder;
  RunPaths paths{folder.file("run"), folder.file("state")};
  std::string image_labels = "{}", scope = "api.2";
  std::string name = "api_dso_new";
  bool lists = true, set_aside = false;
  test::FakeEngine fake{[this](const std::string& call) { return answer(call); }};
  Engine engine = Engine::at(fake.socket());

  std::string mounts() const {
    return R"("Mounts":[{"Type":"bind","Source":")" + (scope.empty() ? "/x" : paths.secrets_dir() + "/" + scope + "/f") +
           R"("}])";
  }
  std::string answer(const std::string& call) const {
    const std::string labels = R"("Labels":{"dso.role":"candidate","dso.service":"api"})";
    if (call.starts_with("GET /images/")) return test::answer(R"({"Id":"i","Config":{"Labels":)" + image_labels + "}}");
    if (call.starts_with("GET /containers/json"))
      return lists ? test::answer(R"([{"Id":"c1","Names":["/)" + name + R"("],"ImageID":"i",)" + labels + "," + mounts() + "}]")
                   : test::FakeEngine::refusal("500 Internal Server Error", "busy");
    if (call.starts_with("GET /containers/api_dso_old/"))
      return set_aside ? test::answer(R"({"Id":"c0","Name":"/api_dso_old","State":{"Status":"exited"}})")
                       : test::FakeEngine::refusal("404 Not Found", "No such container");
    return test::answer(R"({"Id":"c1","Name":"/)" + name + R"(","Image":"i","State":{"Status":"running"},"Config":{)" + labels +
                        "}," + mounts() + "}");
  }
  Result<void> trust(const Engine& e) const { return trust_notes(e, paths, Deadline::in(std::chrono::seconds(20)), {}); }
  std::string role(const Engine& e) const {
    return e.inspect("c1", Deadline::in(std::chrono::seconds(20))).value().label_or(label::kRole);
  }
  Engine another() const { return Engine::at(fake.socket()); }
  /// The state folder of a version that had no key.
  void earlier_version() const { BOOST_REQUIRE(make_folders(paths.state_dir + "/scopes", 0700).has_value()); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(one_key_for_all_starts, Host) {
  BOOST_REQUIRE(trust(engine).has_value());
  struct stat st {};
  BOOST_REQUIRE(stat((paths.state_dir + "/rotation.key").c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 07777) == 0600u);
  BOOST_TEST(st.st_size == 32);
  const Engine next = another();
  BOOST_REQUIRE(trust(next).has_value());
  const std::map<std::string, std::string> notes = {{label::kRole, "candidate"}};
  BOOST_TEST(!engine.mac_of_notes(notes).empty());
  BOOST_TEST(engine.mac_of_notes(notes) == next.mac_of_notes(notes));
  BOOST_TEST(fake.called("GET") == 0u);
  BOOST_TEST(role(engine).empty());  // on a new host there is nothing to adopt
}

BOOST_FIXTURE_TEST_CASE(it_is_there_before_the_first_scope_is, Host) {
  BOOST_TEST(!has_rotation_key(paths.state_dir));
  BOOST_TEST(!is_of_a_version_without_key(paths.state_dir));
  Scope scope_of_run;
  scope_of_run.id = "run-1";
  BOOST_REQUIRE(delivery::remember_scope(paths.state_dir, scope_of_run).has_value());  // `dso run` before any agent
  BOOST_TEST(has_rotation_key(paths.state_dir));
  BOOST_REQUIRE(trust(engine).has_value());
  BOOST_TEST(role(engine).empty());
}

BOOST_FIXTURE_TEST_CASE(an_upgrade_in_the_middle_of_a_rotation, Host) {
  earlier_version();
  BOOST_TEST(role(engine).empty());
  BOOST_REQUIRE(trust(engine).has_value());
  BOOST_TEST(role(engine) == "candidate");
  const Engine next = another();
  BOOST_REQUIRE(trust(next).has_value());
  BOOST_TEST(role(next) == "candidate");
}

BOOST_FIXTURE_TEST_CASE(what_comes_later_is_not_adopted, Host) {
  earlier_version();
  scope.clear();  // not one of ours then
  BOOST_REQUIRE(trust(engine).has_value());
  BOOST_TEST(role(engine).empty());
  scope = "api.2";
  const Engine next = another();
  BOOST_REQUIRE(trust(next).has_value());
  BOOST_TEST(role(next).empty());
}

BOOST_FIXTURE_TEST_CASE(nor_is_what_has_ended_or_has_another_name, Host) {
  earlier_version();
  for (const char* other : {"api", "mine", "web_dso_new"}) {
    name = other;
    const Engine next = another();
    BOOST_REQUIRE(trust(next).has_value());
    BOOST_TEST(role(next).empty());
    std::filesystem::remove(paths.state_dir + "/rotation.key");
  }
  name = "api";
  set_aside = true;
  BOOST_REQUIRE(trust(engine).has_value());
  BOOST_TEST(role(engine) == "candidate");
}

BOOST_FIXTURE_TEST_CASE(nor_is_what_an_image_says, Host) {
  earlier_version();
  image_labels = R"({"dso.role":"candidate"})";
  BOOST_REQUIRE(trust(engine).has_value());
  BOOST_TEST(role(engine).empty());
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_does_not_say_makes_no_key, Host) {
  earlier_version();
  lists = false;
  BOOST_TEST(trust(engine).has_error());
  BOOST_TEST(!engine.knows_notes());
  lists = true;
  BOOST_REQUIRE(trust(engine).has_value());
  BOOST_TEST(role(engine) == "candidate");
}

BOOST_FIXTURE_TEST_CASE(a_key_that_is_none, Host) {
  BOOST_REQUIRE(make_folders(paths.state_dir, 0700).has_value());
  BOOST_REQUIRE(replace_file(paths.state_dir + "/rotation.key", "short", 0600).has_value());
  const auto trusted = trust(engine);
  BOOST_REQUIRE(trusted.has_error());
  BOOST_TEST(trusted.error().cause.ends_with("/rotation.key is not 32 bytes"));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
