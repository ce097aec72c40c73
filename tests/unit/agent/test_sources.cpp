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

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
