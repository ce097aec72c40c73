// URLs into parts, and what is refused.
#include <boost/test/unit_test.hpp>

#include "net/http_client.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(url)

BOOST_AUTO_TEST_CASE(parts) {
  struct Case {
    const char *url, *scheme, *host, *port, *target, *origin;
  };
  for (const Case& c : {
           Case{"https://Vault.example:8200/v1/a?b=c#d", "https", "vault.example", "8200", "/v1/a?b=c",
                "https://vault.example:8200"},
           Case{"http://h", "http", "h", "80", "/", "http://h:80"},
           Case{"HTTPS://h?x", "https", "h", "443", "/?x", "https://h:443"},
           Case{"https://[fe80::1]:8443/x", "https", "fe80::1", "8443", "/x", "https://[fe80::1]:8443"},
           Case{"https://[::1]", "https", "::1", "443", "/", "https://[::1]:443"},
           Case{"unix:///run/a.sock:/v1/x?y", "unix", "/run/a.sock", "", "/v1/x?y", "unix:///run/a.sock"},
           Case{"unix:///my folder/a#1:/x", "unix", "/my folder/a#1", "", "/x", "unix:///my folder/a#1"},
           Case{"unix:///run/a.sock", "unix", "/run/a.sock", "", "/", "unix:///run/a.sock"},
       }) {
    BOOST_TEST_CONTEXT(c.url) {
      auto r = parse_url(c.url);
      BOOST_REQUIRE(r.has_value());
      BOOST_TEST(r->scheme == c.scheme);
      BOOST_TEST(r->host == c.host);
      BOOST_TEST(r->port == c.port);
      BOOST_TEST(r->target == c.target);
      BOOST_TEST(r->origin() == c.origin);
    }
  }
}

BOOST_AUTO_TEST_CASE(refused) {
  for (const char* url : {"", "host/path", "ftp://h/", "http://", "http:///x", "http://h:0/", "http://h:65536/", "http://h:/",
                          "http://h:8x/", "http://u:p@h/", "http://[::1/", "http://[::1]x/", "http://h/a b", "http://h/\r\nX: y",
                          "http://h/\xc3\xa9", "unix://a:/x", "unix:///a:/b c", "unix:///a:/b\r\nX: y"}) {
    BOOST_TEST_CONTEXT(url) {
      auto r = parse_url(url);
      BOOST_REQUIRE(r.has_error());
      BOOST_TEST((r.error().cls == ErrorClass::invalid_request));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_error_does_not_show_a_credential) {
  for (const char* url : {"http://h/x?token=hunter2 ", "http://hunter2@h/", "http://me:hunter2@h", "http://h/#hunter2 "}) {
    const std::string shown = render(parse_url(url).error());
    BOOST_TEST(shown.find("hunter2") == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
