// Whose words: a label that the image has as well is the image's, whoever else may have meant it too.
#include "logic/own_labels.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(own_labels_)

namespace {

using Labels = std::map<std::string, std::string>;
using Keys = std::vector<std::string>;
const auto each = boost::test_tools::per_element();

void expect(const Labels& merged, const Labels& image, const Labels& counting) {
  const OwnLabels own = own_labels(merged, image);
  BOOST_TEST((own.counting == counting));
  Keys rest;
  for (const auto& [key, value] : merged)
    if (!counting.contains(key)) rest.push_back(key);
  BOOST_TEST(own.of_image == rest, each);
}

}  // namespace

BOOST_AUTO_TEST_CASE(by_key_and_value) {
  expect({}, {}, {});
  expect({{"dso.secrets", "a"}}, {}, {{"dso.secrets", "a"}});
  expect({{"dso.secrets", "a"}}, {{"dso.secrets", "a"}}, {});
  expect({{"dso.secrets", "a"}}, {{"dso.secrets", "b"}}, {{"dso.secrets", "a"}});  // somebody gave it this one
  expect({{"dso.secrets", ""}}, {{"dso.secrets", ""}}, {});
  expect({{"dso.secrets", "a"}}, {{"dso.secretS", "a"}}, {{"dso.secrets", "a"}});
  expect({{"env", "prod"}, {"tier", "web"}}, {{"env", "prod"}}, {{"tier", "web"}});  // targets of a config match any label
  expect({{"dso.reloader", "true"}, {"dso.scope", "s"}, {"dso.secrets", "prod/db"}},
         {{"dso.reloader", "true"}, {"dso.scope", "old"}, {"dso.secrets", "prod/db"}}, {{"dso.scope", "s"}});
}

// Compose labels what it builds with the names of project and service, so every container of it would be nobody.
BOOST_AUTO_TEST_CASE(composes_names_count_where_its_hash_does) {
  const Labels names = {{"com.docker.compose.project", "shop"}, {"com.docker.compose.service", "api"}};
  Labels built = names, made = names, committed = names;
  built["com.docker.compose.version"] = "2.40";
  made["com.docker.compose.config-hash"] = committed["com.docker.compose.config-hash"] = std::string(64, 'c');
  expect(made, built, made);
  expect(names, built, {});     // plain `docker run` of it
  expect(made, committed, {});  // plain `docker run` of a `docker commit`
  expect(made, {}, made);
  expect(names, {}, names);  // another tool's than Compose
  expect({{"com.docker.compose.service", "api"}}, {{"com.docker.compose.service", "web"}},
         {{"com.docker.compose.service", "api"}});
  Labels other = made;
  other["dso.secrets"] = "a";
  Labels image = built;
  image["dso.secrets"] = "a";
  expect(other, image, made);  // it vouches for Compose's names alone
}

// Of a rotation's notes either all count or none: the MAC is over all.
BOOST_AUTO_TEST_CASE(notes_count_where_their_mac_does) {
  const Labels notes = {{label::kRole, "candidate"}, {label::kService, "api"},  {label::kGeneration, "2"},
                        {label::kReplaces, "c1"},    {label::kRotationId, "r"}, {label::kNotesMac, "m1"}};
  Labels image = notes;  // a `docker commit` of a candidate
  expect(notes, image, {});
  image[label::kNotesMac] = "m0";
  expect(notes, image, notes);  // a candidate of a container of such an image
  image[label::kOrigin] = "{}";
  Labels with = notes;
  with[label::kOrigin] = "{}";
  expect(with, image, with);
  image.erase(label::kNotesMac);
  expect({{label::kRole, "candidate"}}, {{label::kRole, "candidate"}}, {});
}

BOOST_AUTO_TEST_CASE(what_is_said_about_it) {
  Container c;
  BOOST_TEST(labels_that_do_not_count(c).empty());
  c.image_labels = {"com.docker.compose.service", "maintainer", "dso.role", "dso.rotation.mac"};
  BOOST_TEST(labels_that_do_not_count(c).empty());
  c.image_labels = {"dso.secrets", "x"};
  BOOST_TEST(labels_that_do_not_count(c) == "its label dso.secrets does not count: its image carries it too");
  c.image_labels = {"dso.reloader", "dso.secrets"};
  BOOST_TEST(labels_that_do_not_count(c) == "its labels dso.reloader, dso.secrets do not count: its image carries them too");
  BOOST_TEST(label_cure(c).find("Dockerfile") != std::string::npos);
  BOOST_TEST(is_of_image(c, "dso.secrets"));
  BOOST_TEST(!is_of_image(c, "dso.secret"));
  c.image_known = false;
  BOOST_TEST(labels_that_do_not_count(c) == "its labels dso.reloader, dso.secrets do not count: its image cannot be looked at");
  BOOST_TEST(label_cure(c) == "Create it anew from an image that is on this host.");
  for (const char* key : {"dso.secrets", "dso.x", "com.docker.compose.service"}) BOOST_TEST(is_acted_on(key), key);
  for (const char* key : {"maintainer", "com.docker.compose.version", "dsox"}) BOOST_TEST(!is_acted_on(key), key);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
