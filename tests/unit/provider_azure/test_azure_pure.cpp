// The pure parts: texts on the wire, challenges, times of tokens, and what must be read again.
#include <boost/test/unit_test.hpp>

#include "azure_config.h"
#include "azure_text.h"
#include "challenge.h"
#include "provider_azure/fake_azure.h"
#include "token_times.h"
#include "version_memory.h"

using namespace azure;

BOOST_AUTO_TEST_SUITE(azure_pure)

namespace {

int cls_of(const std::string& header, std::string_view host, bool verify = true) {
  try {
    checked_challenge(bearer_parameters(header), host, verify);
    return DSO_OK;
  } catch (const dso::sdk::Failure& f) {
    return f.cls;
  }
}
std::string bearer(const std::string& authorization, const std::string& resource) {
  return "Bearer authorization=\"" + authorization + "\", resource=\"" + resource + "\"";
}

}  // namespace

BOOST_AUTO_TEST_CASE(bodies_and_base64) {
  BOOST_TEST(std::string(view(form_body({{"a", "x y&=+é"}, {"empty", ""}, {"b", "1"}}))) == "a=x%20y%26%3D%2B%C3%A9&b=1");
  for (const auto& [plain, text] : {std::pair<std::string, std::string>{"", ""},
                                    {"f", "Zg"},
                                    {"fo", "Zm8"},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg"},
                                    {"\xff\xfe\xfd", "__79"}}) {
    BOOST_TEST(base64url(plain) == text);
    BOOST_TEST(std::string(view(base64_decode(text).value())) == plain);
  }
  BOOST_TEST(std::string(view(base64_decode("//79\r\n").value())) == "\xff\xfe\xfd");
  BOOST_TEST(std::string(view(base64_decode("Zg==").value())) == "f");
  BOOST_TEST(!base64_decode("Z"));
  BOOST_TEST(!base64_decode("Z$=="));
  BOOST_TEST(!base64_decode("Zg==Zg"));
}

BOOST_AUTO_TEST_CASE(https_urls) {
  const auto url = parse_https("https://KV.vault.azure.net:443/secrets?x=1");
  BOOST_TEST_REQUIRE(url.has_value());
  BOOST_TEST(url->origin() == "https://kv.vault.azure.net");
  BOOST_TEST(url->path == "/secrets?x=1");
  BOOST_TEST(parse_https("https://localhost:15003")->origin() == "https://localhost:15003");
  BOOST_TEST(parse_https("https://[::1]:8443/a")->port == 8443);
  for (const char* bad :
       {"http://kv.vault.azure.net", "https://", "https://user@kv.vault.azure.net", "https://kv vault", "kv",
        "https://kv.vault.azure.net:0", "https://kv:99999", "https://kv/#x", "https://evil\\@kv.vault.azure.net"})
    BOOST_TEST(!parse_https(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(a_vault_lies_below_its_clouds_domain) {
  BOOST_TEST(lies_below("kv.vault.azure.net", "vault.azure.net"));
  BOOST_TEST(lies_below("kv.privatelink.vault.azure.net", "vault.azure.net"));
  BOOST_TEST(!lies_below("vault.azure.net", "vault.azure.net"));
  BOOST_TEST(!lies_below("kvvault.azure.net", "vault.azure.net"));
  BOOST_TEST(!lies_below("kv.vault.azure.net", "graph.microsoft.com"));
  BOOST_TEST(!lies_below("kv.vault.azure.net", "net"));
  BOOST_TEST(!lies_below("kv.vault.azure.net", ".azure.net"));
}

BOOST_AUTO_TEST_CASE(http_dates) {
  BOOST_TEST(http_date_ms("Thu, 01 Jan 1970 00:00:00 GMT").value() == 0);
  BOOST_TEST(http_date_ms("Tue, 29 Feb 2000 12:30:15 GMT").value() == 951827415000);
  BOOST_TEST(http_date_ms("Tue, 24 Nov 2026 23:01:57 GMT").value() == 1795561317000);
  for (const char* bad :
       {"", "0", "Tue, 24 Nov 2026 23:01:57 UTC", "Tue, 24 Foo 2026 23:01:57 GMT", "Tue, xx Nov 2026 23:01:57 GMT"})
    BOOST_TEST(!http_date_ms(bad).has_value());
}

BOOST_AUTO_TEST_CASE(challenges) {
  const auto both = bearer_parameters(
      R"(PoP nonce="n", Bearer authorization="https://login.microsoftonline.com/t-1", resource="https://vault.azure.net", x=y)");
  BOOST_TEST(both.at("authorization") == "https://login.microsoftonline.com/t-1");
  BOOST_TEST(both.at("x") == "y");
  BOOST_TEST(!both.contains("nonce"));
  BOOST_TEST(bearer_parameters("Basic realm=/x").empty());
  BOOST_TEST(bearer_parameters("").empty());
  BOOST_TEST(bearer_parameters("Bearer a=\"unterminated").at("a") == "unterminated");
  BOOST_TEST(basic_realm("Basic realm=/var/opt/azcmagent/tokens/1.key") == "/var/opt/azcmagent/tokens/1.key");
  BOOST_TEST(basic_realm("Bearer realm=/x") == "");

  // commas or none; uri; scope for resource
  for (const char* header :
       {R"(Bearer authorization="https://login.windows.net/t-1" resource="https://vault.azure.net")",
        R"(bearer authorization_uri="https://login.windows.net/t-1/", scope="https://vault.azure.net/.default")",
        R"(Bearer authorization="https://login.windows.net/t-1/oauth2/authorize", resource="https://vault.azure.net/")"}) {
    const Challenge c = checked_challenge(bearer_parameters(header), "kv.vault.azure.net", true);
    BOOST_TEST(c.tenant == "t-1");
    BOOST_TEST(c.resource == "https://vault.azure.net");
  }
}

BOOST_AUTO_TEST_CASE(challenges_that_lead_astray) {
  const std::string login = "https://login.microsoftonline.com/t", vault = "https://vault.azure.net";
  BOOST_TEST(cls_of(bearer(login, vault), "kv.vault.azure.net") == DSO_OK);
  BOOST_TEST(cls_of(bearer("http://login.microsoftonline.com/t", vault), "kv.vault.azure.net") == DSO_E_MALFORMED);
  BOOST_TEST(cls_of(bearer(login, "http://vault.azure.net"), "kv.vault.azure.net") == DSO_E_MALFORMED);
  BOOST_TEST(cls_of(bearer(login, ""), "kv.vault.azure.net") == DSO_E_MALFORMED);
  BOOST_TEST(cls_of("", "kv.vault.azure.net") == DSO_E_MALFORMED);
  BOOST_TEST(cls_of(bearer(login, "https://graph.microsoft.com"), "kv.vault.azure.net") == DSO_E_INVALID_REQUEST);
  BOOST_TEST(cls_of(bearer(login, "https://vault.azure.net.evil.example"), "kv.vault.azure.net") == DSO_E_INVALID_REQUEST);
  BOOST_TEST(cls_of(bearer(login, "https://ault.azure.net"), "kv.vault.azure.net") == DSO_E_INVALID_REQUEST);
  BOOST_TEST(cls_of(bearer(login, "https://graph.microsoft.com"), "kv.vault.azure.net", false) == DSO_OK);
  // a tenant that would reach another path of the login host
  BOOST_TEST(
      checked_challenge(bearer_parameters(bearer("https://login.microsoftonline.com/..", vault)), "kv.vault.azure.net", true)
          .tenant == "");
}

BOOST_AUTO_TEST_CASE(times_of_tokens) {
  constexpr std::int64_t kNow = 1'700'000'000'000, kMinute = 60'000;
  const TokenTimes hour = token_times(kNow, 3600, 0, 0);
  BOOST_TEST((token_use({}, kNow) == TokenUse::need));
  BOOST_TEST((token_use(hour, kNow + 54 * kMinute) == TokenUse::keep));
  BOOST_TEST((token_use(hour, kNow + 55 * kMinute) == TokenUse::refresh));
  BOOST_TEST((token_use(hour, kNow + 60 * kMinute) == TokenUse::need));
  TokenTimes tried = hour;
  tried.last_try_ms = kNow + 55 * kMinute;
  BOOST_TEST((token_use(tried, kNow + 55 * kMinute + 29'999) == TokenUse::keep));
  BOOST_TEST((token_use(tried, kNow + 55 * kMinute + 30'000) == TokenUse::refresh));
  BOOST_TEST((token_use(tried, kNow + 60 * kMinute) == TokenUse::need));
  // the issuer's own wish, and an absolute end
  BOOST_TEST((token_use(token_times(kNow, 86400, 0, 43200), kNow + 43200'000) == TokenUse::refresh));
  BOOST_TEST(token_times(kNow, 0, kNow / 1000 + 60, 0).expires_at_ms == kNow + 60'000);
  // a token shorter than five minutes is not asked for again at once
  BOOST_TEST((token_use(token_times(kNow, 60, 0, 0), kNow + 1000) == TokenUse::keep));
  BOOST_TEST((token_use(token_times(kNow, 60, 0, 0), kNow + 31'000) == TokenUse::refresh));
  BOOST_TEST(token_times(kNow, 0, kNow / 1000 - 60, 0).expires_at_ms == kNow);
}

BOOST_AUTO_TEST_CASE(pauses_of_the_metadata_service) {
  for (const auto& [failures, pause] : {std::pair<int, std::int64_t>{1, 0}, {2, 1600}, {3, 3200}, {4, 6400}, {5, 12800}, {6, -1}})
    BOOST_TEST(imds_pause_ms(failures, 500) == pause);
  std::int64_t all = 0;
  for (int n = 1; imds_pause_ms(n, 410) >= 0; ++n) all += imds_pause_ms(n, 410);
  BOOST_TEST(all >= 70'000);
}

BOOST_AUTO_TEST_CASE(what_must_be_read_again) {
  constexpr std::int64_t kNow = 1'700'000'000'000, kS = kNow / 1000, kHour = 3600'000;
  VersionMemory m;
  int overdue = 2;
  BOOST_TEST(m.must_read("a", kS, kNow, overdue));
  m.remember("a", {"v1", kS - 100, kS, kNow});
  BOOST_TEST(!m.must_read("a", kS - 100, kNow + 1000, overdue));
  BOOST_TEST(m.must_read("a", kS - 99, kNow + 1000, overdue));
  // read within moments of its last write: another write in that second would look the same
  m.remember("b", {"v1", kS - 1, kS, kNow});
  BOOST_TEST(m.must_read("b", kS - 1, kNow + 1000, overdue));
  m.remember("b", {"v1", kS - 1, kS + 10, kNow + 10'000});
  BOOST_TEST(!m.must_read("b", kS - 1, kNow + 11'000, overdue));
  // now and then, a few a call
  for (const char* name : {"c", "d", "e"}) m.remember(name, {"v1", kS - 100, kS, kNow});
  BOOST_TEST(overdue == 2);
  BOOST_TEST(m.must_read("c", kS - 100, kNow + kHour, overdue));
  BOOST_TEST(m.must_read("d", kS - 100, kNow + kHour, overdue));
  BOOST_TEST(!m.must_read("e", kS - 100, kNow + kHour, overdue));
  BOOST_TEST(m.must_read_fixed("x", kNow));
  BOOST_TEST(!m.must_read_fixed("c", kNow + 1000));
  BOOST_TEST(m.must_read_fixed("c", kNow + kHour));
  m.forget("c");
  BOOST_TEST(m.must_read_fixed("c", kNow + 1000));
}

BOOST_AUTO_TEST_CASE(when_a_list_pays) {
  BOOST_TEST(!list_pays(1, 0));
  BOOST_TEST(list_pays(2, 0));
  BOOST_TEST(list_pays(500, 20));
  BOOST_TEST(!list_pays(3, 100));
}

BOOST_AUTO_TEST_CASE(clouds) {
  BOOST_TEST(authority_of_cloud("kv.vault.azure.net") == "https://login.microsoftonline.com");
  BOOST_TEST(authority_of_cloud("kv.vault.azure.cn") == "https://login.chinacloudapi.cn");
  BOOST_TEST(authority_of_cloud("kv.vault.usgovcloudapi.net") == "https://login.microsoftonline.us");
  BOOST_TEST(authority_of_cloud("localhost") == "https://login.microsoftonline.com");
  for (const char* cloud : {"kv.vault.azure.net", "kv.vault.azure.cn", "kv.vault.usgovcloudapi.net"})
    BOOST_TEST("kv." + vault_domain_of_cloud(authority_of_cloud(cloud).substr(8)) == cloud);
  BOOST_TEST(vault_domain_of_cloud("login.partner.microsoftonline.cn") == "vault.azure.cn");
}

BOOST_AUTO_TEST_SUITE_END()
