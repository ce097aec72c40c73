// One delivery asks a store for a secret once, whoever on the way wants it.
#include "agent/fetch_once.h"

#include <boost/test/unit_test.hpp>

#include "model/leases.h"

namespace dso {
namespace {

/// Counts, and gives another value each time, as a store of leased credentials does; "none" it does not have.
struct Counting : SecretSource, Leases {
  int& asked;
  std::string& kept;
  Counting(int& a, std::string& k) : asked(a), kept(k) {}
  std::vector<Result<SecretValue>> fetch(std::span<const SecretRef> refs, const Deadline&, std::stop_token) override {
    std::vector<Result<SecretValue>> out;
    for (const SecretRef& ref : refs) {
      ++asked;
      if (ref.name == "none") {
        out.emplace_back(make_error(ErrorClass::not_found, "", "there is no such secret"));
        continue;
      }
      SecretValue value{ref.name, std::to_string(asked), {}};
      value.fields.push_back({"password", SecretBytes::copy_of("v" + std::to_string(asked))});
      out.emplace_back(std::move(value));
    }
    return out;
  }
  std::vector<Result<std::string>> versions(std::span<const SecretRef>, const Deadline&, std::stop_token) override { return {}; }
  Result<std::vector<std::string>> list(const Deadline&, std::stop_token) override { return std::vector<std::string>(); }
  std::string identity() override { return "somebody"; }
  std::optional<std::chrono::milliseconds> lease_left(const std::string&) override { return std::chrono::seconds(9); }
  void keep_lease(const std::string& name) override { kept = name; }
};

struct Delivery {
  int asked = 0;
  std::string kept;
  FetchOnce once;
  Sources sources{config(), {}, once.open([this](const ProviderInstance&, const Paths&, const Deadline&) {
                    return Result<std::unique_ptr<SecretSource>>(std::make_unique<Counting>(asked, kept));
                  })};

  static Config config() {
    Config c;
    ProviderInstance instance;
    instance.name = "default";
    c.providers.push_back(instance);
    return c;
  }
  std::string fetch(const std::string& name, const std::string& version = {}) {
    const auto value = fetch_one(sources, {"default", name}, version, Deadline::never(), {});
    return value.has_value() ? std::string(value->fields.front().value.reveal()) : "error";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(fetch_once, Delivery)

BOOST_AUTO_TEST_CASE(a_secret_is_fetched_once) {
  BOOST_TEST(fetch("db") == "v1");
  BOOST_TEST(fetch("db") == "v1");
  const auto all = fetch_all(sources, "default", {{"db", ""}, {"other", ""}, {"db", ""}}, Deadline::never(), {});
  BOOST_REQUIRE(all.has_value());
  BOOST_TEST(all->at(1).fields.front().value.reveal() == "v2");
  BOOST_TEST(all->at(2).fields.front().value.reveal() == "v1");
  BOOST_TEST(asked == 2);
  BOOST_TEST(fetch("db", "7") == "v3");  // another version is another question
}

BOOST_AUTO_TEST_CASE(the_next_delivery_has_its_own) {
  BOOST_TEST(fetch("db") == "v1");
  once.forget();
  BOOST_TEST(fetch("db") == "v2");
}

BOOST_AUTO_TEST_CASE(an_error_is_asked_again) {
  BOOST_TEST(fetch("none") == "error");
  BOOST_TEST(fetch("none") == "error");
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_CASE(leases_are_those_of_the_store) {
  const auto source = sources.get("default", Deadline::never());
  BOOST_REQUIRE(source.has_value());
  Leases* leases = leases_of(**source);
  BOOST_REQUIRE(leases != nullptr);
  BOOST_TEST((leases->lease_left("db") == std::chrono::milliseconds(9000)));
  leases->keep_lease("db");
  BOOST_TEST(kept == "db");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
