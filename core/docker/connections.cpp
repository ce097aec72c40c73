// The kernel's table is text, one row a socket: "sl local:port remote:port state …", addresses and ports in hexadecimal.
#include "docker/connections.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/pause.h"

namespace dso {
namespace {

constexpr std::chrono::milliseconds kPoll{50}, kAcceptPoll{10};
constexpr unsigned kEstablished = 1, kFinWait1 = 4, kCloseWait = 8, kListen = 10;

struct Row {
  std::uint16_t local_port = 0;
  std::string_view remote;
  unsigned state = 0;
  unsigned waiting = 0;  ///< rx_queue: of a listener the connections that it has not come to.
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
      !hex(state, row.state))
    return std::nullopt;
  row.remote = remote.substr(0, end);
  const std::string_view queues = word(line);
  if (const std::size_t colon = queues.find(':'); colon != std::string_view::npos) hex(queues.substr(colon + 1), row.waiting);
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
      const bool serving = row.state == kEstablished || row.state == kFinWait1 || row.state == kCloseWait;
      count += serving && ports.contains(row.local_port) && !is_loopback(row.remote);
    });
  return count;
}

int count_unaccepted(std::string_view tcp, std::string_view tcp6, const std::set<std::uint16_t>& ports) {
  unsigned count = 0;
  for (const std::string_view table : {tcp, tcp6})
    each_row(table, [&](const Row& row) {
      if (row.state == kListen && ports.contains(row.local_port)) count += row.waiting;
    });
  return static_cast<int>(count);
}

void wait_accepted(const std::set<std::uint16_t>& ports, const Deadline& d, const std::stop_token& s) {
  const UniqueFd self(open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (self && !d.passed() && !s.stop_requested() &&
         count_unaccepted(read_at(self.get(), "net/tcp"), read_at(self.get(), "net/tcp6"), ports) > 0)
    pause_for(kAcceptPoll, s);
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
