// Cheap polling: what a quiet poll costs, what a change costs, and what the list may not do.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "poll_cases.h"
#include "provider_azure/fake_azure.h"

BOOST_AUTO_TEST_SUITE(azure_versions)

namespace {

using fake::a_secret;

/// A vault of `n` secrets s0…, listed in pages of 25.
struct Listed : fake::Azure {
  int n;
  explicit Listed(int count) : n(count) {
    list();
    for (int i = 0; i < n; ++i) set(i, "v1", 1'699'000'000);
  }
  static std::string name(int i) { return "s" + std::to_string(i); }
  std::map<int, std::int64_t> updated;
  void set(int i, const std::string& version, std::int64_t at) {
    vault("/secrets/" + name(i)) = {a_secret(name(i), version, "value", at)};
    updated[i] = at;
    list();
  }
  static std::string page(int p) { return p == 0 ? "/secrets?maxresults=25" : "/secrets?$skiptoken=" + std::to_string(p); }
  void list() {
    for (int p = 0; p == 0 || p * 25 < n; ++p) {
      std::string items;
      for (int i = p * 25; i < n && i < p * 25 + 25; ++i)
        items += std::string(items.empty() ? "" : ",") + R"({"id":")" + fake::kVault + "/secrets/" + name(i) +
                 R"(","attributes":{"enabled":true,"updated":)" + std::to_string(updated[i]) + "}}";
      const std::string next =
          (p + 1) * 25 < n ? "\"" + fake::kVault + ":443/secrets?api-version=7.4&$skiptoken=" + std::to_string(p + 1) + "\""
                           : "null";
      vault(page(p)) = {{200, R"({"value":[)" + items + R"(],"nextLink":)" + next + "}"}};
    }
  }
  std::vector<std::pair<std::string, std::string>> refs(int from, int to) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (int i = from; i < to; ++i) out.emplace_back(name(i), "");
    return out;
  }
  int cost(fake::Instance& i, int from, int to, const std::string& expected = "v1") {
    const int before = vault_reads();
    const auto e = i.versions(refs(from, to));
    for (int k = 0; k < to - from; ++k) BOOST_TEST_REQUIRE(e.cls(static_cast<std::size_t>(k)) == DSO_OK);
    BOOST_TEST(e.versions.at(0) == expected);
    return vault_reads() - before;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_quiet_poll_is_a_page_for_each_25) {
  Listed azure(500);
  auto i = azure.open();
  i.fetch(azure.refs(0, 500));
  BOOST_TEST(azure.cost(i, 0, 500) == 20);
  azure.host.now_ms += 120'000;
  BOOST_TEST(azure.cost(i, 0, 500) == 20);
}

BOOST_AUTO_TEST_CASE(a_poll_in_pieces_reads_the_list_once) {
  Listed azure(500);
  auto i = azure.open();
  i.fetch(azure.refs(0, 500));
  for (int poll = 0; poll < 2; ++poll) {
    int all = 0;
    for (int piece = 0; piece < 500; piece += 100) all += azure.cost(i, piece, piece + 100);
    BOOST_TEST(all == 20);
  }
}

BOOST_AUTO_TEST_CASE(what_changed_is_read) {
  Listed azure(60);
  auto i = azure.open();
  i.fetch(azure.refs(0, 60));
  azure.set(0, "v2", 1'699'000'500);
  azure.host.now_ms += 120'000;
  BOOST_TEST(azure.cost(i, 0, 60, "v2") == 3 + 1);
  BOOST_TEST(azure.cost(i, 0, 60, "v2") == 3);
}

BOOST_AUTO_TEST_CASE(two_writes_in_one_second_are_told_apart) {
  Listed azure(2);
  const std::int64_t now_s = azure.host.now_ms / 1000;
  azure.set(0, "v1", now_s);  // written this second, and read in it
  azure.set(1, "v1", now_s - 100);
  auto i = azure.open();
  i.fetch(azure.refs(0, 2));
  azure.set(0, "v2", now_s);  // and written again
  azure.host.now_ms += 10'000;
  BOOST_TEST(azure.cost(i, 0, 2, "v2") == 1 + 1);
  BOOST_TEST(azure.cost(i, 0, 2, "v2") == 1);
}

BOOST_AUTO_TEST_CASE(everything_is_read_now_and_then) {
  Listed azure(60);
  auto i = azure.open();
  i.fetch(azure.refs(0, 60));
  azure.vault("/secrets/s0") = {a_secret("s0", "v2", "value", 1'699'000'000)};  // a change that the list does not show
  BOOST_TEST(azure.cost(i, 0, 60, "v1") == 3);
  azure.host.now_ms += 3'700'000;
  BOOST_TEST(azure.cost(i, 0, 60, "v2") >= 3 + 25);
  BOOST_TEST(azure.cost(i, 0, 60, "v2") == 3 + 25);
  BOOST_TEST(azure.cost(i, 0, 60, "v2") == 3 + 10);
  BOOST_TEST(azure.cost(i, 0, 60, "v2") == 3);
}

BOOST_AUTO_TEST_CASE(few_of_many_are_read_one_by_one) {
  Listed azure(500);
  auto i = azure.open();
  BOOST_TEST(azure.cost(i, 400, 401) == 1);
  BOOST_TEST(azure.cost(i, 400, 403) == 3 + 3);  // the list was not worth it, and is left alone from now on
  BOOST_TEST(azure.cost(i, 400, 403) == 3);
}

BOOST_AUTO_TEST_CASE(who_may_not_list_reads) {
  Listed azure(10);
  azure.vault("/secrets?maxresults=25") = {fake::refused(403, "Forbidden", "ForbiddenByRbac")};
  auto i = azure.open();
  BOOST_TEST(azure.cost(i, 0, 10) == 1 + 10);
  BOOST_TEST(azure.cost(i, 0, 10) == 10);
  BOOST_TEST(i.list().result == DSO_E_ACCESS_DENIED);
}

BOOST_AUTO_TEST_CASE(a_list_that_fails_is_asked_for_once_a_call) {
  Listed azure(10);
  azure.vault("/secrets?maxresults=25") = {fake::refused(503, "ServiceUnavailable")};
  auto i = azure.open();
  i.fetch("s0");
  const int before = azure.vault_reads();
  const auto e = i.versions(azure.refs(0, 10));
  for (std::size_t k = 0; k < 10; ++k) BOOST_TEST(e.cls(k) == DSO_E_UNAVAILABLE);
  BOOST_TEST(azure.vault_reads() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_next_page_elsewhere_gets_no_token) {
  for (const char* link : {"https://evil.example/secrets?api-version=7.4", "http://kv.vault.azure.net/secrets",
                           "https://kv.vault.azure.net:8443/secrets", "https://kv.vault.azure.net@evil.example/secrets"}) {
    Listed azure(10);
    azure.vault("/secrets?maxresults=25") = {{200, R"({"value":[],"nextLink":")" + std::string(link) + "\"}"}};
    auto i = azure.open();
    BOOST_TEST(i.versions(azure.refs(0, 10)).cls(0) == DSO_E_MALFORMED);
    BOOST_TEST(i.list().result == DSO_E_MALFORMED);
    for (const auto& r : azure.host.requests)
      BOOST_TEST(
          (r.url.starts_with(fake::kVault + "/secrets?api-version=7.4&maxresults=25") || r.url.starts_with("https://login.")));
  }
}

BOOST_AUTO_TEST_CASE(missing_ones_and_fixed_versions) {
  Listed azure(3);
  azure.vault("/secrets/s0/v0") = {a_secret("s0", "v0", "old")};
  auto i = azure.open();
  i.fetch(azure.refs(0, 3));
  const auto e = i.versions({{"s0", "v0"}, {"s1", ""}, {"none", ""}, {"S2", ""}, {"a/b", ""}});
  BOOST_TEST(e.versions.at(0) == "v0");
  BOOST_TEST(e.versions.at(1) == "v1");
  BOOST_TEST(e.cls(2) == DSO_E_NOT_FOUND);
  BOOST_TEST(e.versions.at(3) == "v1");  // names do not tell upper from lower case
  BOOST_TEST(e.cls(4) == DSO_E_INVALID_REQUEST);
  const int reads = azure.count("GET " + fake::kVault + "/secrets/s0/v0");
  i.versions({{"s0", "v0"}});
  BOOST_TEST(azure.count("GET " + fake::kVault + "/secrets/s0/v0") == reads);
}

BOOST_AUTO_TEST_CASE(lists_all_pages) {
  Listed azure(60);
  const auto e = azure.open().list();
  BOOST_TEST(e.result == DSO_OK);
  BOOST_TEST(e.names.size() == 60u);
  BOOST_TEST(e.names.back() == "s59");
}

// what `dso validate` says that polls cost
BOOST_AUTO_TEST_CASE(quiet_polls_are_as_many_calls_as_logic_counts) {
  for (const auto& c : poll_cases::key_vault()) {
    Listed azure(c.secrets);
    auto i = azure.open();
    const int before = azure.vault_reads();
    i.fetch(azure.refs(0, c.secrets));
    int calls = azure.vault_reads() - before;
    for (int round = 1; round < 10; ++round) {
      azure.host.now_ms += c.interval_s * 1000;
      for (int at = 0; at < c.secrets; at += 100) calls += azure.cost(i, at, std::min(at + 100, c.secrets));
    }
    BOOST_TEST(static_cast<std::uint64_t>(calls) == c.calls, c.secrets << " secrets every " << c.interval_s << " s: " << calls);
  }
}

BOOST_AUTO_TEST_SUITE_END()
