// The loop against an engine whose containers go away while it looks.
#include "rotation/run_rotation.h"

#include <atomic>
#include <boost/test/unit_test.hpp>

#include "fake_engine.h"
#include "logic/rotation_notes.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(run_rotation_)

namespace {

const std::string kKey(32, 'k'), kSecrets = "/run/dso/secrets";

/// One that DSO has made (with a role), or not; it mounts a scope.
std::string container(const std::string& id, const std::string& name, const std::string& role,
                      const std::string& scope = "api.2") {
  std::map<std::string, std::string> labels;
  if (!role.empty()) labels = {{label::kService, "api"}, {label::kRole, role}};
  if (!role.empty()) labels[label::kNotesMac] = notes_mac(kKey, labels);
  std::string text;
  for (const auto& [key, value] : labels) text += (text.empty() ? "\"" : ",\"") + key + "\":\"" + value + "\"";
  return R"({"Id":")" + id + R"(","Name":"/)" + name + R"(","State":{"Status":"running","Health":{"Status":"healthy"}},)" +
         R"("Config":{"Labels":{)" + text + R"(}},"Mounts":[{"Type":"bind","Source":")" + kSecrets + "/" + scope +
         R"(/f"}],"NetworkSettings":{"Networks":{"n":{"Aliases":["api"]}}}})";
}

Engine engine_of(const test::FakeEngine& fake) {
  Engine engine = Engine::at(fake.socket());
  engine.believe_notes(SecretBytes::copy_of(kKey), {});
  return engine;
}

/// From `last_scope` to api.2.
RotationSubject subject_from(const std::string& last_scope, Flow flow) {
  RotationSubject subject;
  subject.service = "api";
  subject.secrets_dir = kSecrets;
  subject.wanted_scope = "api.2";
  subject.last_scope = last_scope;
  subject.rotation_id = "0123456789abcdef";
  subject.flow = flow;
  return subject;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_container_that_is_removed_in_the_middle_of_a_look) {
  const std::string new_id(64, 'a'), stand_in_id(64, 'b');
  std::atomic<bool> removed = false;
  test::FakeEngine fake([&](const std::string& call) {
    if (call == "GET /containers/api/json" || call == "GET /containers/" + new_id + "/json")
      return test::answer(container(new_id, "api", "candidate"));
    if (call == "GET /containers/api_dso_new/json" && !removed)
      return test::answer(container(stand_in_id, "api_dso_new", "stand-in"));
    if (call == "GET /containers/" + stand_in_id + "/json") removed = true;  // `docker rm -f`, before this question
    return test::FakeEngine::refusal("404 Not Found", "No such container");
  });
  test::TempFolder state;
  const Engine engine = engine_of(fake);
  const RedirectTable redirects(state.file("state"));
  const RotationResult result = run_rotation({engine, redirects}, subject_from("api", Flow::relay), {});
  BOOST_TEST((result.outcome == RotationResult::Outcome::rotated), (result.error ? render(*result.error) : ""));
  BOOST_TEST(result.service_id == new_id);
}

BOOST_AUTO_TEST_CASE(a_name_that_the_engine_gives_back_late) {
  const std::string new_id(64, 'b');
  std::atomic<int> refused = 0;
  std::atomic<bool> named = false;
  test::FakeEngine fake([&](const std::string& call) {
    if (call == "GET /containers/" + new_id + "/json" ||
        call == (named ? "GET /containers/api/json" : "GET /containers/api_dso_new/json"))
      return test::answer(container(new_id, named ? "api" : "api_dso_new", "candidate"));
    if (call == "POST /containers/" + new_id + "/rename?name=api") {
      if (++refused <= 6) return test::FakeEngine::refusal("409 Conflict", "The container name \"/api\" is already in use");
      named = true;
      return test::answer("{}");
    }
    return test::FakeEngine::refusal("404 Not Found", "No such container");
  });
  test::TempFolder state;
  const Engine engine = engine_of(fake);
  const RedirectTable redirects(state.file("state"));
  const RotationResult result = run_rotation({engine, redirects}, subject_from("api.1", Flow::swap), {});
  BOOST_TEST((result.outcome == RotationResult::Outcome::rotated), (result.error ? render(*result.error) : ""));
  BOOST_TEST(refused == 7);
}

BOOST_AUTO_TEST_CASE(a_candidate_that_has_ended_is_left_to_whoever_removes_it) {
  for (const bool removes : {true, false}) {
    const std::string old_id(64, 'a'), new_id(64, 'b');
    std::atomic<bool> removed = false;
    test::FakeEngine fake([&](const std::string& call) {
      if (call == "GET /containers/api/json") return test::answer(container(old_id, "api", "", "api.1"));
      if (call == "GET /containers/api_dso_new/json" && !removed) {
        std::string ended = container(new_id, "api_dso_new", "candidate");
        const std::string state = R"("State":{"Status":"running","Health":{"Status":"healthy"}})";
        return test::answer(ended.replace(ended.find(state), state.size(), R"("State":{"Status":"exited"})"));
      }
      if (call == "POST /containers/" + new_id + "/wait?condition=removed" && removes) {
        removed = true;
        return test::answer(R"({"StatusCode":143})");
      }
      if (call.starts_with("POST") && call.ends_with("condition=removed")) {
        fake.wait_called("DELETE", 1);  // as the engine does: no answer before it is gone
        return test::answer("{}");
      }
      if (call.starts_with("DELETE /containers/" + new_id)) {
        removed = true;
        return std::string("HTTP/1.1 204 No Content\r\n\r\n");
      }
      return test::FakeEngine::refusal("404 Not Found", "No such container");
    });
    test::TempFolder state;
    const Engine engine = engine_of(fake);
    const RedirectTable redirects(state.file("state"));
    const RotationResult result = run_rotation({engine, redirects}, subject_from("api.1", Flow::swap), {});
    BOOST_TEST((result.outcome == RotationResult::Outcome::kept), (result.error ? render(*result.error) : ""));
    BOOST_TEST(fake.called("condition=removed") == 1u);
    BOOST_TEST(fake.called("DELETE") == (removes ? 0u : 1u));
  }
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
