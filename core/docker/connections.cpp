// The kernel's table is text, one row a socket: "sl local:port remote:port state …", addresses and ports in hexadecimal.
#include "docker/connections.h"

#include <arpa/inet.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/pause.h"

namespace dso {
namespace {

constexpr std::chrono::milliseconds kPoll{50}, kProxyPoll{10};
constexpr unsigned kEstablished = 1, kSynReceived = 3, kFinWait1 = 4, kFinWait2 = 5, kCloseWait = 8, kListen = 10;

struct Row {
  std::uint16_t local_port = 0, remote_port = 0;
  std::string_view remote;
  unsigned state = 0;
};

std::string_view word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view found = line.substr(0, line.find(' '));
  line.remove_prefix(found.size());
  return found;
}

template <class T>
bool hex(std::string_view text, T& out) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return failed == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::optional<Row> parse_row(std::string_view line) {
  Row row;
  word(line);
  const std::string_view local = word(line), remote = word(line), state = word(line);
  const std::size_t at = local.rfind(':'), end = remote.rfind(':');
  if (at == std::string_view::npos || end == std::string_view::npos || !hex(local.substr(at + 1), row.local_port) ||
      !hex(remote.substr(end + 1), row.remote_port) || !hex(state, row.state))
    return std::nullopt;
  row.remote = remote.substr(0, end);
  return row;
}

void each_row(std::string_view table, const std::function<void(const Row&)>& visit) {
  while (!table.empty()) {
    const std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    if (const auto row = parse_row(line)) visit(*row);
  }
}

/// Words of 4 bytes in the host's order, as the kernel prints them: 127.x.x.x, ::1, ::ffff:127.x.x.x.
bool is_loopback(std::string_view address) {
  const bool little = std::endian::native == std::endian::little;
  const auto ends_in_127 = [&](std::string_view w) { return little ? w.ends_with("7F") : w.starts_with("7F"); };
  if (address.size() == 8) return ends_in_127(address);
  if (address == (little ? "00000000000000000000000001000000" : "00000000000000000000000000000001")) return true;
  return address.starts_with(little ? "0000000000000000FFFF0000" : "00000000000000000000FFFF") && ends_in_127(address.substr(24));
}

bool is_serving(unsigned state) {
  return state == kEstablished || state == kSynReceived || state == kFinWait1 || state == kCloseWait;
}

/// As the kernel prints it; IPv4 in both tables' ways.
std::vector<std::string> as_in_the_table(const std::string& address) {
  std::array<std::uint32_t, 4> words{};
  const bool v4 = inet_pton(AF_INET, address.c_str(), words.data()) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), words.data()) != 1) return {};
  const auto print = [](std::uint32_t word) {
    char text[9];
    std::snprintf(text, sizeof text, "%08X", word);
    return std::string(text);
  };
  if (v4) return {print(words[0]), "0000000000000000" + print(htonl(0xffff)) + print(words[0])};
  return {print(words[0]) + print(words[1]) + print(words[2]) + print(words[3])};
}

std::string read_at(int folder, const char* name) {
  std::string text;
  const UniqueFd fd(openat(folder, name, O_RDONLY | O_CLOEXEC));
  char piece[32768];
  for (;;) {
    const ssize_t n = fd ? read(fd.get(), piece, sizeof piece) : 0;
    if (n <= 0) return text;
    text.append(piece, static_cast<std::size_t>(n));
  }
}

bool has_own_network(const Container& c) {
  return c.network_mode != "host" && c.network_mode != "none" && !c.network_mode.starts_with("container:");
}

}  // namespace

std::set<std::uint16_t> listening_ports(std::string_view tcp, std::string_view tcp6) {
  std::set<std::uint16_t> ports;
  for (const std::string_view table : {tcp, tcp6})
    each_row(table, [&](const Row& row) {
      if (row.state == kListen) ports.insert(row.local_port);
    });
  return ports;
}

int count_inbound(std::string_view tcp, std::string_view tcp6, const std::set<std::uint16_t>& ports) {
  int count = 0;
  for (const std::string_view table : {tcp, tcp6})
    each_row(table, [&](const Row& row) {
      count += is_serving(row.state) && ports.contains(row.local_port) && !is_loopback(row.remote);
    });
  return count;
}

ProxiedPorts proxied_ports(const Container& container) {
  ProxiedPorts out;
  for (const PublishedPort& p : container.published) {
    if (p.protocol != "tcp") continue;
    out.host_ports.insert(p.host_port);
    out.container_ports.insert(p.container_port);
  }
  for (const Endpoint& e : container.endpoints)
    for (const std::string& address : {e.ip, e.ip6})
      if (!address.empty()) out.addresses.insert(address);
  return out;
}

int count_not_brought_on(std::string_view tcp, std::string_view tcp6, const ProxiedPorts& ports) {
  std::set<std::string, std::less<>> addresses;
  for (const std::string& text : ports.addresses)
    for (std::string& shown : as_in_the_table(text)) addresses.insert(std::move(shown));
  int clients = 0, connections = 0;
  for (const std::string_view table : {tcp, tcp6})
    each_row(table, [&](const Row& row) {
      clients += is_serving(row.state) && ports.host_ports.contains(row.local_port);
      connections += (row.state == kFinWait2 || is_serving(row.state)) && ports.container_ports.contains(row.remote_port) &&
                     addresses.contains(row.remote);
    });
  return std::max(0, clients - connections);
}

void wait_brought_on(const ProxiedPorts& ports, const Deadline& d, const std::stop_token& s) {
  const UniqueFd self(open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (self && !d.passed() && !s.stop_requested() &&
         count_not_brought_on(read_at(self.get(), "net/tcp"), read_at(self.get(), "net/tcp6"), ports) > 0)
    pause_for(kProxyPoll, s);
}

InboundConnections::InboundConnections(const Container& container) {
  if (container.pid <= 0 || !has_own_network(container)) return;
  process_ = UniqueFd(open(("/proc/" + std::to_string(container.pid)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  count();
}

int InboundConnections::count() {
  if (!process_) return 0;
  const std::string tcp = read_at(process_.get(), "net/tcp"), tcp6 = read_at(process_.get(), "net/tcp6");
  ports_.merge(listening_ports(tcp, tcp6));
  return count_inbound(tcp, tcp6, ports_);
}

Result<bool> InboundConnections::wait_drained(const Deadline& d, std::stop_token s) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  for (;;) {
    if (s.stop_requested())
      return make_error(ErrorClass::interrupted, "Stopped waiting for connections to end", "the agent stops");
    if (count() == 0) return true;
    if (d.passed()) return false;
    wake.wait_for(lock, s, std::min(kPoll, d.left()), [] { return false; });
  }
}

Result<bool> wait_drained(const Container& container, const Deadline& d, std::stop_token s) {
  return InboundConnections(container).wait_drained(d, std::move(s));
}

}  // namespace dso
