// Host names to addresses, within a deadline.
#pragma once
#include <netdb.h>

#include <memory>
#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"

namespace dso {

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

/// Stream addresses in the resolver's order of preference. Errors: Network (the resolver's words), Timeout, Interrupted.
Result<AddressList> resolve(const std::string& host, const std::string& port, const Deadline& d, std::stop_token s);

}  // namespace dso
