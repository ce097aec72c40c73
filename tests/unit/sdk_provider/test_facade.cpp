// dso/provider.hpp: a provider of a few lines does what the C ABI promises, and nothing that it throws gets out.
#include <boost/test/unit_test.hpp>
#include <new>
#include <stdexcept>

#include "dso/provider.hpp"
#include "sdk_provider/fake_host.h"

BOOST_AUTO_TEST_SUITE(facade)

namespace {

using dso::sdk::Answer;
using dso::sdk::Failure;
using dso::sdk::Item;
using dso::sdk::Ref;
using dso::sdk::Refs;
using dso::sdk::secret_text;
using dso::sdk::SecretText;
using dso::sdk::view;

/// Does as the secret's name says.
class Obedient : public dso::sdk::Provider {
 public:
  static constexpr const char* kName = "obedient";
  static constexpr const char* kVersion = "1.2.3";

  Obedient(dso::sdk::Host host, std::string_view config) : Provider(host) {
    if (config == "bad") throw Failure(DSO_E_INVALID_REQUEST, "bad config", "Mend it.");
    if (config == "memory") throw std::bad_alloc();
    if (config == "int") throw 42;
  }
  void fetch(Refs refs, Answer& answer) override {
    answer.identity("the obedient");
    if (refs.size() == 1 && refs[0].name == "whole call") throw Failure(DSO_E_THROTTLED, "slow down").with_code("429");
    if (refs.size() == 1 && refs[0].name == "forget") return;
    answer.each(refs, [this](const Ref& ref, Item& item) { one(ref, item); });
  }
  void versions(Refs refs, Answer& answer) override {
    answer.each(refs, [](const Ref&, Item& item) { item.version("9"); });
  }

 private:
  void one(const Ref& ref, Item& item) {
    if (ref.name == "memory") throw std::bad_alloc();
    if (ref.name == "runtime") throw std::runtime_error("hunter2");
    if (ref.name == "int") throw 42;
    if (ref.name == "ok class") throw Failure(DSO_OK, "not a failure");
    if (ref.name == "file") return item.field("value", host().read_file("/a"));
    if (ref.name == "env") return item.field("value", host().env("X").value_or("unset"));
    if (ref.name == "http") {
      const auto r = host().http({.url = "https://store/"});
      return item.field("value", std::to_string(r.status()) + r.header("x-a").data() + std::string(r.body()));
    }
    if (ref.name == "all") {
      const std::vector<dso::sdk::HttpRequest> requests{
          {.url = "https://store/a"}, {.url = "https://store/b"}, {.url = "https://store/c"}};
      std::string got;
      host().http_all(requests, [&got](std::size_t i, const dso::sdk::HttpAnswer& answer) {
        got += std::to_string(i);
        try {
          got += answer.response().body();
        } catch (const Failure& f) {
          got += "(" + f.message + ")";
        }
        if (i == 1 && got.find("throw") != std::string::npos) throw Failure(DSO_E_MALFORMED, "thrown within");
      });
      return item.field("value", got);
    }
    if (ref.name == "sign") return item.field("value", host().sign(DSO_SIGN_RS256, "k", "d"));
    if (ref.name == "full") {
      Failure f(DSO_E_ACCESS_DENIED, "permission denied", "Ask for it.");
      f.store_code = "403", f.request_id = "r1", f.identity = "me", f.retry_after_ms = 1500;
      throw f;
    }
    item.field("value", ref.name);
    item.version(ref.version.empty() ? "1" : ref.version);
    item.lease("l", 60, true);
  }
};

const dso_provider_api& api() {
  return *dso_provider_get_api(DSO_ABI_VERSION);
}

}  // namespace

DSO_PROVIDER(Obedient)

BOOST_AUTO_TEST_CASE(table_says_what_the_class_overrides) {
  BOOST_TEST(api().struct_size == sizeof(dso_provider_api));
  BOOST_TEST(api().abi == DSO_ABI_VERSION);
  BOOST_TEST(std::string(api().name) == "obedient");
  BOOST_TEST(std::string(api().semver) == "1.2.3");
  BOOST_TEST(api().config_schema == nullptr);
  BOOST_TEST(api().capabilities == std::uint64_t{DSO_CAP_VERSIONS});
  BOOST_TEST((api().versions != nullptr));
  BOOST_TEST((api().list == nullptr));
  BOOST_TEST((api().renew == nullptr));
}

BOOST_AUTO_TEST_CASE(another_major_is_refused_a_newer_minor_is_not) {
  BOOST_TEST(dso_provider_get_api((DSO_ABI_MAJOR + 1) << 16) == nullptr);
  BOOST_TEST(dso_provider_get_api(0) == nullptr);
  BOOST_TEST(dso_provider_get_api(DSO_ABI_VERSION + 7) == &api());
  fake::Host host;
  host.table().abi = (DSO_ABI_MAJOR + 1) << 16;
  fake::Instance i(api(), host, "");
  BOOST_TEST(i.opened.result == DSO_E_UNSUPPORTED);
  BOOST_TEST(i.opened.failed.message.find("ABI 1, the host has ABI 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(values_versions_leases_identity) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  const auto e = i.fetch({{"a", ""}, {"b", "7"}});
  BOOST_TEST(e.result == DSO_OK);
  BOOST_TEST(e.field(0, "value") == "a");
  BOOST_TEST(e.versions.at(0) == "1");
  BOOST_TEST(e.versions.at(1) == "7");
  BOOST_TEST(e.leases.at(1).seconds == 60);
  BOOST_TEST(e.identity == "the obedient");
  BOOST_TEST(i.versions("a").versions.at(0) == "9");
}

BOOST_AUTO_TEST_CASE(one_refs_failure_leaves_the_others_alone) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  const auto e = i.fetch({{"full", ""}, {"b", ""}});
  BOOST_TEST(e.result == DSO_OK);
  const auto f = e.error(0);
  BOOST_TEST(f.cls == DSO_E_ACCESS_DENIED);
  BOOST_TEST(f.message == "permission denied");
  BOOST_TEST(f.store_code == "403");
  BOOST_TEST(f.request_id == "r1");
  BOOST_TEST(f.identity == "me");
  BOOST_TEST(f.next_step == "Ask for it.");
  BOOST_TEST(f.retry_after_ms == 1500);
  BOOST_TEST(e.field(1, "value") == "b");
}

BOOST_AUTO_TEST_CASE(every_exception_becomes_a_class_and_no_text_of_a_library_gets_out) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  const auto e = i.fetch({{"memory", ""}, {"runtime", ""}, {"int", ""}, {"ok class", ""}});
  BOOST_TEST(e.result == DSO_OK);
  BOOST_TEST(e.cls(0) == DSO_E_UNAVAILABLE);
  BOOST_TEST(e.cls(1) == DSO_E_MALFORMED);
  BOOST_TEST(e.error(1).message.find("hunter2") == std::string::npos);
  BOOST_TEST(e.cls(2) == DSO_E_MALFORMED);
  BOOST_TEST(e.cls(3) == DSO_E_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_failed_call_and_a_failed_open) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  const auto e = i.fetch("whole call");
  BOOST_TEST(e.result == DSO_E_THROTTLED);
  BOOST_TEST(e.failed.store_code == "429");
  BOOST_TEST(e.failed.message == "slow down");
  BOOST_TEST(fake::Instance(api(), host, "bad").opened.failed.next_step == "Mend it.");
  BOOST_TEST(fake::Instance(api(), host, "memory").opened.result == DSO_E_UNAVAILABLE);
  BOOST_TEST(fake::Instance(api(), host, "int").opened.result == DSO_E_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_forgotten_reference_gets_an_error) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  BOOST_TEST(i.fetch("forget").cls(0) == DSO_E_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_cancelled_call_answers_at_once) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  host.cancelled = true;
  const auto e = i.fetch({{"http", ""}, {"a", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_TIMEOUT);
  BOOST_TEST(e.cls(1) == DSO_E_TIMEOUT);
  BOOST_TEST(host.requests.empty());
}

BOOST_AUTO_TEST_CASE(the_hosts_functions_and_their_errors) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  BOOST_TEST(i.fetch("http").cls(0) == DSO_E_NETWORK);
  BOOST_TEST(i.fetch("file").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(i.fetch("env").field(0, "value") == "unset");
  BOOST_TEST(i.fetch("sign").error(0).message == "no key");
  host.files["/a"] = "content";
  host.variables["X"] = "set";
  host.on_http = [](const fake::Request&) { return fake::Response{.status = 201, .body = "b", .headers = {{"x-a", "h"}}}; };
  BOOST_TEST(i.fetch("file").field(0, "value") == "content");
  BOOST_TEST(i.fetch("env").field(0, "value") == "set");
  BOOST_TEST(i.fetch("http").field(0, "value") == "201hb");
}

BOOST_AUTO_TEST_CASE(requests_together_and_a_host_that_cannot) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  host.on_http = [](const fake::Request& r) {
    return r.url.ends_with("b") ? fake::Response{.failure = DSO_E_NETWORK} : fake::Response{.body = r.url.substr(14)};
  };
  BOOST_TEST(i.fetch("all").field(0, "value") == "0a1(as the test wants)2c");
  BOOST_TEST(host.together == 1);
  host.table().struct_size = offsetof(dso_host, http_all);
  BOOST_TEST(i.fetch("all").field(0, "value") == "0a1(as the test wants)2c");
  BOOST_TEST(host.together == 1);
  host.table().struct_size = sizeof(dso_host);
  host.on_http = [](const fake::Request&) { return fake::Response{.body = "throw"}; };
  BOOST_TEST(i.fetch("all").error(0).message == "thrown within");
}

BOOST_AUTO_TEST_CASE(an_older_hosts_missing_function_is_not_called) {
  fake::Host host;
  fake::Instance i(api(), host, "");
  host.table().struct_size = offsetof(dso_host, emit_identity);
  BOOST_TEST(i.fetch("a").identity == "");
  BOOST_TEST(i.fetch("a").field(0, "value") == "a");
  host.table().struct_size = sizeof(dso_host);
  host.table().read_file = nullptr;
  BOOST_TEST(i.fetch("file").cls(0) == DSO_E_UNSUPPORTED);
}

BOOST_AUTO_TEST_CASE(memory_is_the_hosts_from_the_first_open_on) {
  auto& lent = fake::Host::lent_memory();
  dso::sdk::detail::memory_lender() = {};
  {
    const SecretText early = secret_text("made before a host was known");
    BOOST_TEST(lent.empty());
    fake::Host host;
    fake::Instance i(api(), host, "");
    {
      SecretText token = secret_text("a token");
      BOOST_TEST(lent.size() == 1u);
      BOOST_TEST(reinterpret_cast<std::uintptr_t>(token.data()) % 16 == 0u);
      token.resize(100'000, 'x');
      BOOST_TEST(lent.size() == 1u);
      BOOST_TEST(view(token).starts_with("a tokenx"));
    }
    BOOST_TEST(lent.empty());
  }
  BOOST_CHECK_THROW((void)dso::sdk::secret_allocate(SIZE_MAX), std::bad_alloc);
}

BOOST_AUTO_TEST_CASE(an_older_host_lends_no_memory) {
  auto& lent = fake::Host::lent_memory();
  fake::Host host;
  host.table().struct_size = offsetof(dso_host, secret_alloc);
  fake::Instance i(api(), host, "");
  const SecretText token = secret_text("a token");
  BOOST_TEST(lent.empty());
  BOOST_TEST(view(token) == "a token");
}

BOOST_AUTO_TEST_CASE(a_null_where_a_table_should_be) {
  dso_instance* instance = nullptr;
  dso_error e{};
  BOOST_TEST(api().open(nullptr, {}, &instance, &e) == DSO_E_UNSUPPORTED);
  BOOST_TEST(api().fetch(nullptr, nullptr, 0, nullptr, &e) == DSO_E_UNSUPPORTED);
  BOOST_TEST(api().open(nullptr, {}, &instance, nullptr) == DSO_E_UNSUPPORTED);  // even without a place for the error
  api().close(nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
