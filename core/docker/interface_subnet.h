// The subnet of a network interface that an address lies in. Asks the kernel; changes nothing.
#pragma once
#include <string>

namespace dso {

/// "172.18.0.0/16"; "" where the interface has none that the address is in.
std::string interface_subnet(const std::string& interface, const std::string& address);

}  // namespace dso
