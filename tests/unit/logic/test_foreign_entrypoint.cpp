// What somebody else made anew from another image starts.
#include "logic/foreign_entrypoint.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

BOOST_AUTO_TEST_SUITE(foreign_entrypoint)

namespace {

Container made(std::vector<std::string> entrypoint, std::vector<std::string> command, bool from_image = true) {
  Container c;
  c.name = "web";
  c.image = "app:2";
  c.entrypoint = std::move(entrypoint);
  c.command = std::move(command);
  if (from_image) c.labels[label::kEntrypoint] = "image";
  return c;
}

ImageConfig image(std::vector<std::string> entrypoint, std::vector<std::string> command) {
  ImageConfig i;
  i.entrypoint = std::move(entrypoint);
  i.command = std::move(command);
  return i;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_new_images_own) {
  const std::string init = "/run/dso/init";
  // by `docker run`: one word, the rest is the command; by Compose all of it
  BOOST_TEST(entrypoint_problem(made({init}, {"/new", "-v"}), image({"/new"}, {"-v"})).empty());
  BOOST_TEST(entrypoint_problem(made({init, "/new"}, {"x"}), image({"/new"}, {})).empty());
  const std::string problem = entrypoint_problem(made({init}, {"/old", "-v"}), image({"/new"}, {}));
  BOOST_TEST(problem.find("'web' was made anew from the image 'app:2'") == 0u);
  BOOST_TEST(problem.find("starts '/old'") != std::string::npos);
  BOOST_TEST(problem.find("'/new'") != std::string::npos);
  BOOST_TEST(!entrypoint_problem(made({init}, {"/new"}), image({"/new", "--all"}, {})).empty());
  BOOST_TEST(!entrypoint_problem(made({init}, {"/old"}), image({}, {"nginx"})).empty());
  BOOST_TEST(entrypoint_problem(made({init}, {"nginx", "-g"}), image({}, {"nginx"})).empty());
  // given by its user, or not ours at all
  BOOST_TEST(entrypoint_problem(made({init}, {"/old"}, false), image({"/new"}, {})).empty());
  BOOST_TEST(entrypoint_problem(made({}, {"/old"}), image({"/new"}, {})).empty());
}

BOOST_AUTO_TEST_CASE(a_command_of_the_users_own_without_an_entrypoint) {
  // `dso run app:1 ./serve`, an image with neither: nobody's entrypoint but the user's
  BOOST_TEST(entrypoint_problem(made({"/run/dso/init"}, {"./serve"}, false), image({}, {})).empty());
}

BOOST_AUTO_TEST_SUITE_END()
