// Stores open side by side: one that hangs holds up nobody who asks for another.
#include "agent/sources.h"

#include <boost/test/unit_test.hpp>
#include <future>

namespace dso {
BOOST_AUTO_TEST_SUITE(sources)

namespace {

using namespace std::chrono_literals;

struct Nothing : SecretSource {
  std::vector<Result<SecretValue>> fetch(std::span<const SecretRef>, const Deadline&, std::stop_token) override { return {}; }
  std::vector<Result<std::string>> versions(std::span<const SecretRef>, const Deadline&, std::stop_token) override { return {}; }
  Result<std::vector<std::string>> list(const Deadline&, std::stop_token) override { return std::vector<std::string>(); }
  std::string identity() override { return "nobody"; }
};

Config config() {
  Config c;
  for (const char* name : {"slow", "fast"}) {
    ProviderInstance instance;
    instance.name = name;
    c.providers.push_back(instance);
  }
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_store_that_hangs_holds_up_only_itself) {
  std::promise<void> begun, go_on;
  std::atomic<int> opened = 0;
  Sources sources(config(), {}, [&](const ProviderInstance& instance, const Paths&, const Deadline&) {
    ++opened;
    if (instance.name == "slow") {
      begun.set_value();
      go_on.get_future().wait();
    }
    return Result<std::unique_ptr<SecretSource>>(std::make_unique<Nothing>());
  });
  auto slow = std::async(std::launch::async, [&] { return sources.get("slow", Deadline::never()).has_value(); });
  begun.get_future().wait();
  auto fast = std::async(std::launch::async, [&] { return sources.get("fast", Deadline::never()).has_value(); });
  const bool side_by_side = fast.wait_for(20s) == std::future_status::ready;
  BOOST_TEST(side_by_side);
  if (side_by_side) {
    const auto late = sources.get("slow", Deadline::in(10ms));
    BOOST_TEST((late.has_error() && late.error().cls == ErrorClass::timeout));
  }
  go_on.set_value();
  BOOST_TEST(slow.get());
  BOOST_TEST(fast.get());
  BOOST_TEST((sources.get("slow", Deadline::never()).value() == sources.get("slow", Deadline::never()).value()));
  BOOST_TEST(opened == 2);
}

BOOST_AUTO_TEST_CASE(what_could_not_be_opened_is_tried_again) {
  int tries = 0;
  Sources sources(config(), {}, [&](const ProviderInstance&, const Paths&, const Deadline&) {
    if (++tries == 1) return Result<std::unique_ptr<SecretSource>>(make_error(ErrorClass::unavailable, "Cannot open", "not yet"));
    return Result<std::unique_ptr<SecretSource>>(std::make_unique<Nothing>());
  });
  BOOST_TEST(sources.get("fast", Deadline::in(1s)).has_error());
  BOOST_TEST(sources.get("fast", Deadline::in(1s)).has_value());
}

namespace {

struct Counted : Nothing {
  explicit Counted(std::atomic<int>& n) : alive(n) { ++alive; }
  ~Counted() override { --alive; }
  std::atomic<int>& alive;
};

}  // namespace

BOOST_AUTO_TEST_CASE(another_config_replaces_what_it_changes_and_nothing_else) {
  std::atomic<int> alive = 0;
  std::vector<std::string> opened;
  {
    Sources sources(config(), {}, [&](const ProviderInstance& instance, const Paths&, const Deadline&) {
      opened.push_back(instance.name + " " + std::to_string(instance.retry_attempts));
      return Result<std::unique_ptr<SecretSource>>(std::make_unique<Counted>(alive));
    });
    const Config& before = sources.config();
    auto slow = sources.get("slow", Deadline::in(1s)).value();
    const SecretSource* fast = sources.get("fast", Deadline::in(1s)).value().get();
    Config other = config();
    other.providers[0].retry_attempts = 9;
    sources.use(other, {"slow"});
    BOOST_TEST(sources.config().providers[0].retry_attempts == 9);
    BOOST_TEST(before.providers[0].retry_attempts == 3);  // for who is in the middle of something
    BOOST_TEST((sources.get("slow", Deadline::in(1s)).value() != slow));
    BOOST_TEST((sources.get("fast", Deadline::in(1s)).value().get() == fast));
    BOOST_TEST(alive == 3);  // the old one, by who has it
    slow.reset();
    other.providers.erase(other.providers.begin());
    sources.use(other, {"slow"});
    BOOST_TEST((sources.get("slow", Deadline::in(1s)).error().cls == ErrorClass::config));
    BOOST_TEST((opened == std::vector<std::string>{"slow 3", "fast 3", "slow 9"}));
  }
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(what_is_opened_meanwhile_is_its_openers_alone) {
  std::promise<void> begun, go_on;
  std::atomic<int> opened = 0, alive = 0;
  Sources sources(config(), {}, [&](const ProviderInstance&, const Paths&, const Deadline&) {
    if (++opened == 1) {
      begun.set_value();
      go_on.get_future().wait();
    }
    return Result<std::unique_ptr<SecretSource>>(std::make_unique<Counted>(alive));
  });
  auto first = std::async(std::launch::async, [&] { return sources.get("slow", Deadline::never()).value(); });
  begun.get_future().wait();
  sources.use(config(), {"slow"});
  const auto second = sources.get("slow", Deadline::in(10s));  // waits for nobody
  go_on.set_value();
  const auto of_before = first.get();
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST((of_before != *second));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
