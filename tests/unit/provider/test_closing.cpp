// The end of an instance: its provider may ask once more, and nothing that it does then takes longer than it may.
#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <cerrno>

#include "source_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_closing)

namespace {

struct Closing : SourceFixture {
  std::vector<std::string> asked;

  explicit Closing(const std::string& what) : SourceFixture("good") {
    instance.settings = {{"address", "https://store:8200"}, {"at_close", what}};
    http = [this](const HttpRequest& r, const Deadline& d, std::stop_token stop) -> Result<HttpResponse> {
      asked.push_back(r.method + " " + r.url);
      BOOST_TEST(!stop.stop_requested());
      BOOST_TEST((d.left() <= SupervisedSource::kClosePatience));
      HttpResponse response;
      response.status = 204;
      return response;
    };
  }
  /// How long the end took.
  std::chrono::milliseconds end(std::unique_ptr<SupervisedSource> source) {
    const auto before = std::chrono::steady_clock::now();
    source.reset();
    errno = 0;
    BOOST_TEST(waitpid(-1, nullptr, WNOHANG) == -1);
    BOOST_TEST(errno == ECHILD);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - before);
  }
};

/// Two seconds, what a killed process takes, and what a busy machine adds.
constexpr auto kBound = SupervisedSource::kClosePatience + 3s;

}  // namespace

BOOST_AUTO_TEST_CASE(questions_are_answered_while_it_closes) {
  Closing f("http");
  LogCapture log;
  auto source = f.make();
  BOOST_TEST(field(fetch_one(*source, "one"), "user") == "app");
  f.end(std::move(source));
  BOOST_TEST((f.asked == std::vector<std::string>{"POST https://store:8200/give-back"}));
  BOOST_REQUIRE(log.lines().size() == 1u);
  BOOST_TEST(log.lines()[0] == "INFO: [Provider] prod: not in use");
}

BOOST_AUTO_TEST_CASE(a_lease_that_was_delivered_is_in_use) {
  Closing f("http");
  LogCapture log;
  auto source = f.make();
  fetch_one(*source, "one");
  BOOST_TEST((source->lease_left("one").value_or(0s) > 50s));
  BOOST_TEST(!source->lease_left("another").has_value());
  source->keep_lease("one");
  f.end(std::move(source));
  BOOST_REQUIRE(log.lines().size() == 1u);
  BOOST_TEST(log.lines()[0] == "INFO: [Provider] prod: in use");
}

BOOST_AUTO_TEST_CASE(after_an_interrupted_call_it_is_still_asked_to_close) {
  Closing f("http");
  auto source = f.make();
  BOOST_REQUIRE(source->open(Deadline::in(20s), {}).has_value());
  std::stop_source stop;
  const int follower = log::follow([&stop](const std::string& line) {
    if (line.find("waiting for cancel") != std::string::npos) stop.request_stop();
  });
  fetch_one(*source, "until-cancelled", 20s, stop.get_token());
  log::unfollow(follower);
  f.end(std::move(source));
  BOOST_TEST(f.asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_hangs_is_ended_at_the_bound) {
  Closing f("hang");
  auto source = f.make();
  fetch_one(*source, "one");
  const auto took = f.end(std::move(source));
  BOOST_TEST((took >= SupervisedSource::kClosePatience));
  BOOST_TEST((took < kBound));
}

BOOST_AUTO_TEST_CASE(one_that_asks_for_ever_is_ended_at_the_bound) {
  Closing f("endless");
  auto source = f.make();
  fetch_one(*source, "one");
  BOOST_TEST((f.end(std::move(source)) < kBound));
  BOOST_TEST(f.asked.size() > 1u);
}

BOOST_AUTO_TEST_CASE(a_store_that_does_not_answer_costs_no_more) {
  Closing f("http");
  f.http = [](const HttpRequest&, const Deadline& d, std::stop_token) -> Result<HttpResponse> {
    while (!d.passed()) std::this_thread::yield();
    return make_error(ErrorClass::timeout, "no answer", "");
  };
  auto source = f.make();
  fetch_one(*source, "one");
  BOOST_TEST((f.end(std::move(source)) < kBound));
}

BOOST_AUTO_TEST_CASE(one_that_was_never_asked_ends_at_once) {
  Closing f("hang");
  auto source = f.make();
  BOOST_TEST((f.end(std::move(source)) < 1s));
}

BOOST_AUTO_TEST_SUITE_END()
