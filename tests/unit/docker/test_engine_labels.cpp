// Which labels leave the engine's client, by list and by inspect alike, what that costs, and what an image does that cannot be
// looked at. The engine is a few lines of HTTP.
#include <boost/test/unit_test.hpp>

#include "docker/engine.h"
#include "fake_engine.h"
#include "log_capture.h"
#include "logic/rotation_notes.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(engine_labels)

namespace {

const std::string kKey(32, 'k');

Deadline soon() {
  return Deadline::in(std::chrono::seconds(20));
}

std::string object(const std::map<std::string, std::string>& labels) {
  std::string out;
  for (const auto& [key, value] : labels) out += (out.empty() ? "\"" : ",\"") + key + "\":\"" + value + "\"";
  return "{" + out + "}";
}

struct Host {
  std::map<std::string, std::string> of_container, of_image;
  std::string image_answer;  ///< "": the image is there
  test::FakeEngine fake{[this](const std::string& call) { return answer(call); }};
  Engine engine = Engine::at(fake.socket());

  std::string answer(const std::string& call) const {
    if (call.starts_with("GET /images/"))
      return image_answer.empty() ? test::answer(R"({"Id":"sha256:aa","Config":{"Labels":)" + object(of_image) + "}}")
                                  : image_answer;
    if (call.starts_with("GET /containers/json"))
      return test::answer(R"([{"Id":"c1","Names":["/web"],"ImageID":"sha256:aa","State":"running","Mounts":[],"Labels":)" +
                          object(of_container) + R"(},{"Id":"c2","Names":["/plain"],"ImageID":"sha256:bb","Mounts":[]}])");
    return test::answer(R"({"Id":"c1","Name":"/web","Image":"sha256:aa","State":{"Status":"running"},"Config":{"Labels":)" +
                        object(of_container) + "}}");
  }
  Container listed() const { return engine.list({}, soon()).value().at(0); }
  Container inspected() const { return engine.inspect("web", soon()).value(); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_the_image_says_is_not_said_by_the_container, Host) {
  of_container = {{"dso.reloader", "true"}, {"dso.secrets", "db"}, {"x", "y"}};
  of_image = {{"dso.reloader", "true"}, {"dso.secrets", "other"}};
  for (const Container& c : {listed(), inspected(), engine.inspect_whole("web", soon()).value().container}) {
    BOOST_TEST((c.labels == std::map<std::string, std::string>{{"dso.secrets", "db"}, {"x", "y"}}));
    BOOST_TEST((c.image_labels == std::vector<std::string>{"dso.reloader"}));
    BOOST_TEST(!c.opted_in());
  }
  const std::string raw(view(engine.inspect_text("web", soon()).value()));
  BOOST_TEST(raw.find("dso.reloader") != std::string::npos);  // to be handed on
}

BOOST_FIXTURE_TEST_CASE(an_image_is_looked_at_once, Host) {
  of_container = {{"a", "b"}};
  for (int i = 0; i < 5; ++i) listed(), inspected();
  const Engine copy = engine;
  BOOST_TEST(copy.list({}, soon()).has_value());
  BOOST_TEST(fake.called("GET /images/sha256") == 1u);  // and that of a container without labels not at all
}

BOOST_FIXTURE_TEST_CASE(without_its_image_no_label_counts, Host) {
  of_container = {{"dso.reloader", "true"}, {"x", "y"}};
  image_answer = test::FakeEngine::refusal("404 Not Found", "No such image");
  test::LogCapture log;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(listed().labels.empty());
    BOOST_TEST(inspected().labels.empty());
  }
  BOOST_TEST(!listed().image_known);
  BOOST_TEST(fake.called("GET /images/") == 1u);  // it is not asked for at each look
  BOOST_REQUIRE(log.lines().size() == 1u);
  BOOST_TEST(log.lines()[0].find("No label of container 'web' counts: its image is not there any more") != std::string::npos);
}

// One broken image stops no list; who asks for that one container is told.
BOOST_FIXTURE_TEST_CASE(an_image_that_cannot_be_looked_at, Host) {
  of_container = {{"dso.reloader", "true"}};
  image_answer = test::FakeEngine::refusal("500 Internal Server Error", "layer does not exist");
  BOOST_TEST(listed().labels.empty());
  BOOST_TEST(engine.list({}, soon()).value().size() == 2u);
  BOOST_TEST((engine.inspect("web", soon()).error().cls == ErrorClass::engine_error));
  image_answer.clear();
  BOOST_TEST(inspected().opted_in());  // it was only for a moment
  BOOST_TEST(listed().opted_in());
}

BOOST_FIXTURE_TEST_CASE(an_image_with_labels_without_end, Host) {
  of_container = of_image = {{"dso.reloader", "true"}};
  of_image["long"] = std::string(2 << 20, 'x');
  BOOST_TEST(listed().labels.empty());
  BOOST_TEST(inspected().labels.empty());
  BOOST_TEST(fake.called("GET /images/") == 1u);
}

BOOST_FIXTURE_TEST_CASE(notes_of_a_rotation, Host) {
  std::map<std::string, std::string> notes = {{label::kRole, "candidate"}, {label::kService, "api"}};
  of_container = notes;
  of_container["x"] = "y";
  BOOST_TEST(inspected().label_or(label::kRole).empty());
  BOOST_TEST(!engine.knows_notes());
  BOOST_TEST(engine.mac_of_notes(notes).empty());
  engine.believe_notes(SecretBytes::copy_of(kKey), {"c9"});
  BOOST_TEST(engine.knows_notes());
  for (const Container& c : {listed(), inspected()}) {
    BOOST_TEST(c.label_or(label::kRole).empty());  // whoever wrote them, it was not DSO
    BOOST_TEST(c.label_or("x") == "y");
  }
  of_container[label::kNotesMac] = engine.mac_of_notes(notes);
  BOOST_TEST(inspected().label_or(label::kRole) == "candidate");
  BOOST_TEST(listed().label_or(label::kService) == "api");
  of_container[label::kService] = "victim";
  BOOST_TEST(inspected().label_or(label::kService).empty());
  of_container.erase(label::kNotesMac);
  engine.believe_notes(SecretBytes::copy_of(kKey), {"c1"});  // of an earlier version
  BOOST_TEST(inspected().label_or(label::kService) == "victim");
}

// A copy of a candidate, by `docker commit`: the MAC is right, and the image has it too.
BOOST_FIXTURE_TEST_CASE(notes_that_the_image_has_too, Host) {
  engine.believe_notes(SecretBytes::copy_of(kKey), {});
  of_image = {{label::kRole, "candidate"}, {label::kService, "api"}};
  of_image[label::kNotesMac] = notes_mac(kKey, of_image);
  of_container = of_image;
  BOOST_TEST(inspected().labels.empty());
  of_container[label::kGeneration] = "3";  // a rotation of such a container
  of_container[label::kNotesMac] = notes_mac(kKey, of_container);
  BOOST_TEST(inspected().label_or(label::kRole) == "candidate");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
