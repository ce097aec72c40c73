// The engine that `docker` would use: which of its settings counts, and which engine is refused, by which name.
#include <boost/test/unit_test.hpp>

#include "logic/which_engine.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(which_engine)

namespace {

constexpr const char* kCurrent = R"({"auths":{},"currentContext":"other"})";

std::string chosen(const EngineWords& words, std::string_view config) {
  const EngineChoice c = chosen_engine(words, config);
  return c.context.empty() ? "host " + c.host : "context " + c.context;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_order_is_dockers) {
  BOOST_TEST(chosen({"unix:///a", "b"}, kCurrent) == "host unix:///a");
  BOOST_TEST(chosen({"", "b"}, kCurrent) == "context b");
  BOOST_TEST(chosen({"", ""}, kCurrent) == "context other");
  for (const char* none : {"", "{}", "not JSON", "[]", R"({"currentContext":""})", R"({"currentContext":7})"})
    BOOST_TEST(chosen({"", ""}, none) == "context default");
}

BOOST_AUTO_TEST_CASE(a_contexts_file) {
  BOOST_TEST(context_file("default") ==
             "contexts/meta/37a8eec1ce19687d132fe29051dca629d164e2c4958ba141d5f4133a33f0688f/meta.json");
  const auto host = context_host("o", R"({"Name":"o","Endpoints":{"docker":{"Host":"ssh://u@h","SkipTLSVerify":false}}})");
  BOOST_TEST(host.value() == "ssh://u@h");
  BOOST_TEST(context_host("o", R"({"Endpoints":{"docker":{}}})").value().empty());
  for (const char* bad : {"", "{}", R"({"Endpoints":{"kubernetes":{}}})", R"({"Endpoints":{"docker":"x"}})"}) {
    const auto none = context_host("o", bad);
    BOOST_REQUIRE(none.has_error());
    BOOST_TEST(none.error().what == "Cannot use the Docker context 'o'");
  }
}

BOOST_AUTO_TEST_CASE(sockets_of_this_host) {
  BOOST_TEST(engine_socket({"", "unix:///run/a.sock"}).value() == "/run/a.sock");
  BOOST_TEST(engine_socket({"", " unix:///run/a.sock "}).value() == "/run/a.sock");
  BOOST_TEST(engine_socket({"default", ""}).value() == "/var/run/docker.sock");
  BOOST_TEST(engine_socket({"rootless", "unix:///run/user/1000/docker.sock"}).value() == "/run/user/1000/docker.sock");
  for (const char* bad : {"tcp://127.0.0.1:2375", "ssh://h", "npipe:////./pipe/docker_engine", "fd://", "unix://", "unix://a",
                          "/var/run/docker.sock", "127.0.0.1:2375", "http://h"}) {
    const auto by_variable = engine_socket({"", bad}), by_context = engine_socket({"other", bad});
    BOOST_REQUIRE(by_variable.has_error());
    BOOST_REQUIRE(by_context.has_error());
    BOOST_TEST(by_variable.error().what == "Cannot use DOCKER_HOST");
    BOOST_TEST(by_variable.error().cause.find(bad) != std::string::npos);
    BOOST_TEST(by_context.error().what == "Cannot use the Docker context 'other'");
    BOOST_TEST((by_context.error().cls == ErrorClass::engine_unreachable));
    BOOST_TEST(by_context.error().next.find("DOCKER_CONTEXT=default") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(no_password_is_told) {
  for (const char* host :
       {"tcp://admin:hunter2@engine:2376", "ssh://admin:hun%20hunter2@engine", "admin:hunter2@engine:2376/x"}) {
    const std::string cause = engine_socket({"c", host}).error().cause;
    BOOST_TEST(cause.find("hunter2") == std::string::npos);
    BOOST_TEST(cause.find("engine") != std::string::npos);
  }
  BOOST_TEST(engine_socket({"", "tcp://h:1/a@b"}).error().cause.find("tcp://h:1/a@b") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
