// Where a provider would have us listen: only within its origins, only if it has events, and beside its other calls.
#include <boost/test/unit_test.hpp>

#include "source_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_events)

BOOST_AUTO_TEST_CASE(the_source_of_events_is_opened_as_the_provider_says) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://store:8200"}};
  std::vector<std::string> opened;
  SupervisedSource* itself = nullptr;
  f.listen = [&](const HttpRequest& r, const Deadline&, std::stop_token) -> Result<std::unique_ptr<WebSocket>> {
    opened.push_back(r.url + " " + r.headers.at(0).first + "=" + r.headers.at(0).second);
    BOOST_TEST(field(fetch_one(*itself, "one"), "user") == "app");  // the turn is free meanwhile
    return make_error(ErrorClass::access_denied, "No events", "403");
  };
  auto source = f.make();
  itself = source.get();
  int changed = 0;
  const Error ended = source->listen([&] { ++changed; }, {});
  BOOST_TEST((ended.cls == ErrorClass::access_denied));
  BOOST_TEST((opened == std::vector<std::string>{"https://store:8200/events x-token=t0ken"}));
  BOOST_TEST(changed == 0);
}

BOOST_AUTO_TEST_CASE(not_beyond_its_origins_and_not_without_events) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://elsewhere:8200"}};
  f.listen = [&](const HttpRequest&, const Deadline&, std::stop_token) -> Result<std::unique_ptr<WebSocket>> {
    BOOST_ERROR("it was opened");
    return Error{};
  };
  const Error foreign = f.make()->listen([] {}, {});
  BOOST_TEST((foreign.cls == ErrorClass::access_denied));
  BOOST_TEST(foreign.cause.find("https://store:8200") != std::string::npos);
  SourceFixture none("bad");
  none.listen = f.listen;
  BOOST_TEST((none.make()->listen([] {}, {}).cls == ErrorClass::unsupported));
  BOOST_TEST((SourceFixture("good").make()->listen([] {}, {}).cls == ErrorClass::unsupported));
}

BOOST_AUTO_TEST_SUITE_END()
