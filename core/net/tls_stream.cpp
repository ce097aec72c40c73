#include "net/byte_stream.h"
#include "net/net_error.h"
namespace dso {
Result<std::unique_ptr<ByteStream>> connect_tls(std::unique_ptr<ByteStream>, const TlsContext&, const std::string& host, const Deadline&, std::stop_token) {
  return net_error(ErrorClass::tls, "Failed to connect to " + host, "TLS is not built in");
}
}
