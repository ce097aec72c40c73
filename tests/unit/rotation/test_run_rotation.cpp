// The loop against an engine whose containers go away while it looks.
#include "rotation/run_rotation.h"

#include <boost/test/unit_test.hpp>

#include "fake_engine.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(run_rotation_)

namespace {

std::string container(const std::string& id, const std::string& name, const std::string& role) {
  return R"({"Id":")" + id + R"(","Name":"/)" + name + R"(","State":{"Status":"running","Health":{"Status":"healthy"}},)" +
         R"("Config":{"Labels":{"dso.scope":"api.2","dso.service":"api","dso.role":")" + role + R"("}},)" +
         R"("NetworkSettings":{"Networks":{"n":{"Aliases":["api"]}}}})";
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
  const Engine engine = Engine::at(fake.socket());
  const RedirectTable redirects(state.file("state"));
  RotationSubject subject;
  subject.service = "api";
  subject.wanted_scope = "api.2";
  subject.last_scope = "api";
  subject.rotation_id = "0123456789abcdef";
  subject.flow = Flow::relay;
  const RotationResult result = run_rotation({engine, redirects}, subject, {});
  BOOST_TEST((result.outcome == RotationResult::Outcome::rotated), (result.error ? render(*result.error) : ""));
  BOOST_TEST(result.service_id == new_id);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
