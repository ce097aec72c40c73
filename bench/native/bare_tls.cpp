// As little as an honest client can do.
#include "bare_tls.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

void give_up(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", why.c_str());
  std::exit(1);
}

BareTls::BareTls(const std::string& origin, const std::string& ca_file) : host_(origin.substr(8)) {
  const std::size_t colon = host_.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_.substr(colon + 1))));
  const std::string ip = host_.substr(0, colon);
  if (inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) give_up(ip + " is no IPv4 address");
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("cannot connect to " + host_);
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (SSL_CTX_load_verify_file(context_.get(), ca_file.c_str()) != 1) give_up("cannot read " + ca_file);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  ssl_.reset(SSL_new(context_.get()));
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), ip.c_str());
  SSL_set_fd(ssl_.get(), fd_);
  if (SSL_connect(ssl_.get()) != 1) give_up("no TLS with " + host_);
}

BareTls::~BareTls() {
  if (fd_ >= 0) close(fd_);
}

const std::string& BareTls::get(const std::string& path, const std::string& headers) {
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + host_ + "\r\n" + headers + "\r\n";
  if (SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())) <= 0) give_up("cannot send to " + host_);
  answer_.clear();
  std::size_t head = std::string::npos, length = 0;
  char buffer[16384];
  while (head == std::string::npos || answer_.size() < head + length) {
    const int n = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (n <= 0) give_up(host_ + " closed the connection");
    answer_.append(buffer, static_cast<std::size_t>(n));
    if (head != std::string::npos) continue;
    if (const std::size_t end = answer_.find("\r\n\r\n"); end != std::string::npos) {
      head = end + 4;
      const char* field = strcasestr(answer_.c_str(), "\r\ncontent-length:");
      if (!field || !answer_.starts_with("HTTP/1.1 200")) give_up(path + ": " + answer_.substr(0, answer_.find('\r')));
      length = std::strtoul(field + 17, nullptr, 10);
    }
  }
  return body_ = answer_.substr(head, length);
}

}  // namespace bench
