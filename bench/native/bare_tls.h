// The bare client that ours is measured against: OpenSSL on a blocking socket, one kept connection, HTTP/1.1 GET, the body in a
// std::string. No deadline, no wiped memory, no pool, no second try: what a request costs when nothing but the request is done.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace bench {

class BareTls {
 public:
  /// `origin`: "https://127.0.0.1:15004". Connects and verifies; ends the program with a message if that fails.
  BareTls(const std::string& origin, const std::string& ca_file);
  ~BareTls();
  BareTls(const BareTls&) = delete;
  /// The whole answer's body; the status must be 200.
  const std::string& get(const std::string& path, const std::string& headers);

 private:
  std::string host_;
  int fd_ = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  std::string answer_, body_;
};

[[noreturn]] void give_up(const std::string& why);

}  // namespace bench
