// getifaddrs, and bit counting on addresses of both families.
#include "docker/interface_subnet.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <bit>
#include <memory>
#include <vector>

namespace dso {
namespace {

using Bytes = std::vector<unsigned char>;

Bytes bytes_of(const sockaddr* address) {
  if (!address) return {};
  const auto copy = [](const void* from, std::size_t n) {
    const auto* p = static_cast<const unsigned char*>(from);
    return Bytes(p, p + n);
  };
  if (address->sa_family == AF_INET) return copy(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
  if (address->sa_family == AF_INET6) return copy(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  return {};
}

Bytes parse(const std::string& text) {
  const int family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
  Bytes bytes(family == AF_INET ? 4 : 16);
  return inet_pton(family, text.c_str(), bytes.data()) == 1 ? bytes : Bytes();
}

}  // namespace

std::string interface_subnet(const std::string& interface, const std::string& address) {
  const Bytes wanted = parse(address);
  ifaddrs* first = nullptr;
  if (wanted.empty() || getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, freeifaddrs);
  for (const ifaddrs* i = first; i; i = i->ifa_next) {
    if (interface != i->ifa_name) continue;
    const Bytes own = bytes_of(i->ifa_addr), mask = bytes_of(i->ifa_netmask);
    if (own.size() != wanted.size() || mask.size() != own.size()) continue;
    Bytes base(own.size());
    int bits = 0;
    bool inside = true;
    for (std::size_t n = 0; n < own.size(); ++n) {
      base[n] = static_cast<unsigned char>(own[n] & mask[n]);
      inside = inside && (wanted[n] & mask[n]) == base[n];
      bits += std::popcount(mask[n]);
    }
    char text[INET6_ADDRSTRLEN];
    if (inside && inet_ntop(own.size() == 4 ? AF_INET : AF_INET6, base.data(), text, sizeof text))
      return std::string(text) + "/" + std::to_string(bits);
  }
  return {};
}

}  // namespace dso
