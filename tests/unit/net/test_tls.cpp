// TLS against a server of our own: what is trusted, what is not and in which words, and that TLS keeps the stream's promises.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fstream>

#include "net/certificates.h"
#include "net/http_client.h"
#include "net/local_server.h"
#include "net/tls_context.h"

namespace dso {
namespace {

using namespace std::chrono_literals;
using test::Certificate;
using test::LocalServer;
using test::make_certificate;
using Clock = std::chrono::steady_clock;

/// One connection of the test's TLS server.
class ServerTls {
 public:
  ServerTls(const Certificate& c, int fd, const Certificate* client_ca, int max_version)
      : ctx_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(ctx_, c.cert.get());
    SSL_CTX_use_PrivateKey(ctx_, c.key.get());
    SSL_CTX_set_min_proto_version(ctx_, TLS1_VERSION);
    SSL_CTX_set_security_level(ctx_, 0);
    if (max_version) SSL_CTX_set_max_proto_version(ctx_, max_version);
    if (client_ca) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx_), client_ca->cert.get());
      SSL_CTX_set_verify(ctx_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    ssl_ = SSL_new(ctx_);
    SSL_set_fd(ssl_, fd);
    accepted = SSL_accept(ssl_) == 1;
  }
  ~ServerTls() {
    SSL_free(ssl_);
    SSL_CTX_free(ctx_);
    ERR_clear_error();
  }
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;
  /// One request's head; empty at the end.
  std::string read_head() {
    std::string got;
    char piece[4096];
    while (got.find("\r\n\r\n") == std::string::npos) {
      const int n = SSL_read(ssl_, piece, sizeof piece);
      if (n <= 0) return {};
      got.append(piece, static_cast<std::size_t>(n));
    }
    return got;
  }
  bool write(const std::string& text) { return SSL_write(ssl_, text.data(), static_cast<int>(text.size())) > 0; }
  void shutdown() { SSL_shutdown(ssl_); }
  SSL* native() { return ssl_; }
  bool accepted = false;

 private:
  SSL_CTX* ctx_;
  SSL* ssl_;
};

struct Fixture {
  test::TempFolder folder;
  Certificate ca = make_certificate("Test CA", "", nullptr);
  Certificate other_ca = make_certificate("Other CA", "", nullptr);
  Certificate good = make_certificate("leaf", "DNS:localhost,DNS:*.example,IP:127.0.0.1", &ca);
  std::string ca_file = folder.file("ca.pem");

  Fixture() {
    signal(SIGPIPE, SIG_IGN);  // the test's server writes by SSL_set_fd
    ca.write(ca_file, folder.file("ca.key"));
  }
  std::shared_ptr<const TlsContext> trusting(const std::string& file) {
    TlsOptions options;
    options.ca_file = file;
    return TlsContext::make(options).value();
  }
  LocalServer::Script serving(const Certificate& c, const std::string& reply = test::answer("secret"),
                              const Certificate* client_ca = nullptr, int max_version = 0) {
    return [&c, reply, client_ca, max_version](int fd, int) {
      ServerTls tls(c, fd, client_ca, max_version);
      while (tls.accepted && !tls.read_head().empty())
        if (!tls.write(reply)) return;
    };
  }
  static HttpRequest request(const LocalServer& server, const std::string& host) {
    HttpRequest r;
    r.url = "https://" + host + ":" + server.port() + "/";
    return r;
  }
  Result<HttpResponse> get(const LocalServer& server, const std::string& host, std::shared_ptr<const TlsContext> tls) {
    return HttpClient(std::move(tls)).send(request(server, host), Deadline::in(20s));
  }
  Error failure(const Certificate& c, const std::string& host, int max_version = 0) {
    LocalServer server(serving(c, "", nullptr, max_version), LocalServer::Kind::tcp);
    auto r = get(server, host, trusting(ca_file));
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::tls));
    BOOST_TEST(!r.error().next.empty());
    BOOST_TEST(r.error().what.find(host) != std::string::npos);
    BOOST_TEST_MESSAGE(render(r.error()));
    return r.error();
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tls, Fixture)

BOOST_AUTO_TEST_CASE(trusts_by_name_and_by_address_and_reuses) {
  LocalServer server(serving(good), LocalServer::Kind::tcp);
  HttpClient client(trusting(ca_file));
  for (const char* host : {"localhost", "127.0.0.1", "localhost"}) {
    auto r = client.send(request(server, host), Deadline::in(20s));
    BOOST_REQUIRE_MESSAGE(r.has_value(), render(r.error()));
    BOOST_TEST(view(r->body) == "secret");
  }
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(tls_1_2_is_enough_and_1_1_is_not) {
  LocalServer server(serving(good, test::answer("secret"), nullptr, TLS1_2_VERSION), LocalServer::Kind::tcp);
  BOOST_TEST(get(server, "localhost", trusting(ca_file)).has_value());
  const Error e = failure(good, "localhost", TLS1_1_VERSION);
  BOOST_TEST(contains(e.cause, "TLS 1.1"));
}

BOOST_AUTO_TEST_CASE(unknown_ca) {
  const Certificate foreign = make_certificate("leaf", "DNS:localhost", &other_ca);
  const Error e = failure(foreign, "localhost");
  BOOST_TEST(contains(e.cause, "unknown CA"));
  BOOST_TEST(contains(e.cause, "Other CA"));
  BOOST_TEST(contains(e.next, "Set ca_file"));
  const Certificate self = make_certificate("self", "DNS:localhost", nullptr);
  BOOST_TEST(contains(failure(self, "localhost").cause, "unknown CA"));
}

BOOST_AUTO_TEST_CASE(wrong_name) {
  const Certificate elsewhere = make_certificate("leaf", "DNS:vault.internal,IP:10.1.2.3", &ca);
  const Error name = failure(elsewhere, "localhost");
  BOOST_TEST(name.cause == "its certificate is for vault.internal, 10.1.2.3, not for localhost");
  BOOST_TEST(contains(failure(elsewhere, "127.0.0.1").cause, "not for 127.0.0.1"));
  // a name is no address: the text of an IP in a DNS entry does not count
  const Certificate text = make_certificate("leaf", "DNS:127.0.0.1", &ca);
  failure(text, "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(expired_and_not_yet_valid) {
  const Certificate old = make_certificate("leaf", "DNS:localhost", &ca, -7200, -3600);
  BOOST_TEST(contains(failure(old, "localhost").cause, "expired on"));
  const Certificate early = make_certificate("leaf", "DNS:localhost", &ca, 3600, 7200);
  const Error e = failure(early, "localhost");
  BOOST_TEST(contains(e.cause, "not valid before"));
  BOOST_TEST(contains(e.next, "clock"));
}

BOOST_AUTO_TEST_CASE(a_servers_own_certificate_may_be_the_ca_file) {
  good.write(folder.file("leaf.pem"), folder.file("leaf.key"));
  LocalServer server(serving(good), LocalServer::Kind::tcp);
  BOOST_TEST(get(server, "localhost", trusting(folder.file("leaf.pem"))).has_value());
}

BOOST_AUTO_TEST_CASE(ssl_cert_file_counts_where_ca_file_is_silent) {
  LocalServer server(serving(good), LocalServer::Kind::tcp);
  setenv("SSL_CERT_FILE", ca_file.c_str(), 1);
  auto with = TlsContext::make({});
  unsetenv("SSL_CERT_FILE");
  auto without = TlsContext::make({});
  BOOST_TEST(get(server, "localhost", with.value()).has_value());
  BOOST_TEST(get(server, "localhost", without.value()).has_error());
}

BOOST_AUTO_TEST_CASE(client_certificates) {
  const Certificate mine = make_certificate("client", "DNS:client", &ca);
  mine.write(folder.file("me.pem"), folder.file("me.key"));
  LocalServer server(serving(good, test::answer("secret"), &ca), LocalServer::Kind::tcp);
  TlsOptions options;
  options.ca_file = ca_file;
  options.client_cert = folder.file("me.pem");
  options.client_key = folder.file("me.key");
  BOOST_TEST(get(server, "localhost", TlsContext::make(options).value()).has_value());
  auto none = get(server, "localhost", trusting(ca_file));
  BOOST_REQUIRE(none.has_error());
  BOOST_TEST((none.error().cls == ErrorClass::tls));
  BOOST_TEST(contains(none.error().next, "client_cert"));
  options.client_key = folder.file("ca.key");
  auto mismatch = TlsContext::make(options);
  BOOST_REQUIRE(mismatch.has_error());
  BOOST_TEST(contains(mismatch.error().cause, "does not belong"));
  options.client_key.clear();
  BOOST_TEST(TlsContext::make(options).has_error());
}

BOOST_AUTO_TEST_CASE(bad_files) {
  std::ofstream(folder.file("junk.pem")) << "not a certificate\n";
  for (const auto& [file, cause] :
       {std::pair{folder.file("none.pem"), "No such file"}, std::pair{folder.file("junk.pem"), "PEM"}}) {
    TlsOptions options;
    options.ca_file = file;
    auto r = TlsContext::make(options);
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::tls));
    BOOST_TEST(contains(r.error().what, file));
    BOOST_TEST(contains(r.error().cause, cause));
    BOOST_TEST(contains(r.error().next, "ca_file"));
  }
}

BOOST_AUTO_TEST_CASE(files_that_others_may_change_or_read) {
  const Certificate mine = make_certificate("client", "DNS:client", &ca);
  mine.write(folder.file("me.pem"), folder.file("me.key"));
  TlsOptions options;
  options.ca_file = ca_file;
  options.client_cert = folder.file("me.pem");
  options.client_key = folder.file("me.key");
  const auto told = [&options] {
    const auto made = TlsContext::make(options);
    return made.has_error() ? render(made.error()) : std::string("used");
  };
  BOOST_TEST(told() == "used");
  for (const std::string& file : {options.ca_file, options.client_cert, options.client_key}) {
    chmod(file.c_str(), 0606);
    BOOST_TEST(contains(told(), "'" + file + "': TlsError: everybody may write it: it belongs to uid "));
    BOOST_TEST(contains(told(), "chmod go-w '" + file + "'."));
    chmod(file.c_str(), 0600);
  }
  chmod(options.client_key.c_str(), 0604);
  BOOST_TEST(contains(told(), "everybody may read it: it belongs to uid "));
  chmod(ca_file.c_str(), 0666);
  setenv("SSL_CERT_FILE", ca_file.c_str(), 1);
  options = {};
  BOOST_TEST(contains(told(), "Failed to load the CA file of SSL_CERT_FILE"));
  unsetenv("SSL_CERT_FILE");
  BOOST_TEST(told() == "used");
}

BOOST_AUTO_TEST_CASE(a_plain_server) {
  LocalServer server(
      [](int fd, int) {
        char hello[16];
        BOOST_TEST(recv(fd, hello, sizeof hello, 0) > 0);
        test::send_text(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
      },
      LocalServer::Kind::tcp);
  auto r = get(server, "localhost", trusting(ca_file));
  BOOST_TEST((r.error().cls == ErrorClass::tls));
  BOOST_TEST(contains(r.error().cause, "not TLS"));
}

BOOST_AUTO_TEST_CASE(a_cut_connection_is_no_end) {
  // A body that only the connection's end delimits: TLS's own end is an end, a cut is a truncation attack.
  for (const bool polite : {true, false}) {
    LocalServer server(
        [&](int fd, int) {
          ServerTls tls(good, fd, nullptr, 0);
          tls.read_head();
          tls.write("HTTP/1.1 200 OK\r\n\r\n{\"half\":");
          if (polite) tls.shutdown();
        },
        LocalServer::Kind::tcp);
    auto r = get(server, "localhost", trusting(ca_file));
    BOOST_TEST(r.has_value() == polite);
    if (!polite) BOOST_TEST((r.error().cls == ErrorClass::network));
  }
}

BOOST_AUTO_TEST_CASE(large_bodies_both_ways) {
  const std::string large(3'000'000, 'x');
  LocalServer server(serving(good, test::answer(large)), LocalServer::Kind::tcp);
  auto r = get(server, "localhost", trusting(ca_file));
  BOOST_REQUIRE(r.has_value());
  BOOST_TEST((view(r->body) == large));
}

BOOST_AUTO_TEST_CASE(resends_on_a_stale_connection_and_survives_late_tickets) {
  std::mutex mutex;
  std::condition_variable changed;
  bool sent_ticket = false;
  LocalServer server(
      [&](int fd, int nth) {
        ServerTls tls(good, fd, nullptr, 0);
        tls.read_head();
        tls.write(test::answer("one"));
        if (nth == 0) {  // a session ticket while the connection idles, which is no data
          SSL_new_session_ticket(tls.native());
          SSL_do_handshake(tls.native());
          {
            std::lock_guard lock(mutex);
            sent_ticket = true;
          }
          changed.notify_all();
          tls.read_head();
          tls.write(test::answer("two"));
        }
        tls.read_head();
      },
      LocalServer::Kind::tcp);
  HttpClient client(trusting(ca_file));
  BOOST_REQUIRE(client.send(request(server, "localhost"), Deadline::in(20s)).has_value());
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return sent_ticket; });
  }
  BOOST_TEST(view(client.send(request(server, "localhost"), Deadline::in(20s)).value().body) == "two");
  BOOST_TEST(server.connections() == 1);
  BOOST_TEST(view(client.send(request(server, "localhost"), Deadline::in(20s)).value().body) == "one");
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(deadline_and_stop_in_the_handshake) {
  LocalServer mute([](int fd, int) { test::read_request(fd); }, LocalServer::Kind::tcp);
  const auto start = Clock::now();
  auto r = HttpClient(trusting(ca_file)).send(request(mute, "localhost"), Deadline::in(200ms));
  BOOST_TEST((r.error().cls == ErrorClass::timeout));
  BOOST_TEST((Clock::now() - start < 2s));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  r = HttpClient(trusting(ca_file)).send(request(mute, "localhost"), Deadline::never(), stop.get_token());
  BOOST_TEST((r.error().cls == ErrorClass::interrupted));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
