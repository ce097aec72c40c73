// Internal to http_client.cpp and http_server.cpp: Beast's parser and serializer over a ByteStream, with wiping memory
// everywhere, since heads carry tokens and bodies carry secrets.
#pragma once
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <cctype>
#include <functional>

#include "net/byte_stream.h"
#include "net/http_client.h"
#include "net/net_error.h"

namespace dso::wire {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

using Fields = http::basic_fields<SecretAllocator<char>>;
using Buffer = beast::basic_flat_buffer<SecretAllocator<char>>;

constexpr std::size_t kReadPiece = 16 * 1024;
constexpr std::uint32_t kHeaderLimit = 64 * 1024;
/// More than this unparsed is a peer that sends no end of a line (a chunk's extension, say).
constexpr std::size_t kBufferLimit = 256 * 1024;

/// A Beast body that hands each piece on instead of keeping it.
struct SinkBody {
  /// False ends the message: the parser stops with end_of_stream.
  using value_type = std::function<bool(std::string_view)>;
  class reader {
   public:
    template <bool is_request, class F>
    reader(http::header<is_request, F>&, value_type& sink) : sink_(sink) {}
    void init(const boost::optional<std::uint64_t>&, ErrorCode& ec) { ec = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, ErrorCode& ec) {
      ec = {};
      std::size_t taken = 0;
      for (const boost::asio::const_buffer b : beast::buffers_range_ref(buffers)) {
        if (!sink_({static_cast<const char*>(b.data()), b.size()})) {
          ec = http::error::end_of_stream;
          return taken;
        }
        taken += b.size();
      }
      return taken;
    }
    void finish(ErrorCode& ec) { ec = {}; }

   private:
    value_type& sink_;
  };
};

/// The head of a message, serialized.
template <bool is_request>
SecretBuffer head_bytes(http::message<is_request, http::empty_body, Fields>& message) {
  http::serializer<is_request, http::empty_body, Fields> serializer(message);
  serializer.split(true);
  SecretBuffer out;
  ErrorCode ec;
  while (!serializer.is_header_done() && !ec) {
    serializer.next(ec, [&](ErrorCode& next_ec, const auto& buffers) {
      next_ec = {};
      std::size_t n = 0;
      for (const boost::asio::const_buffer b : beast::buffers_range_ref(buffers)) {
        append(out, {static_cast<const char*>(b.data()), b.size()});
        n += b.size();
      }
      serializer.consume(n);
    });
  }
  return out;
}

/// How far reading a message came.
struct ReadProgress {
  bool any_byte = false;
  bool sink_ended = false;  ///< The sink said stop; the message is not complete.
  bool at_limit = false;    ///< The error is about a limit on the body.
};

/// Parses what is buffered and reads on, until `done(parser)`. Errors: Network (ended in the middle), Malformed (not HTTP,
/// too long), and the stream's own. `peer` is for their texts.
template <class Parser, class Done>
Result<void> read_until(ByteStream& stream, Buffer& buffer, Parser& parser, const Done& done, const Deadline& d,
                        const std::stop_token& s, const std::string& peer, ReadProgress& progress) {
  while (!done(parser)) {
    ErrorCode ec = http::error::need_more;
    if (buffer.size() > 0) {
      progress.any_byte = true;
      const std::size_t used = parser.put(buffer.data(), ec);
      buffer.consume(used);
      if (ec == http::error::end_of_stream) {
        progress.sink_ended = true;
        return {};
      }
      progress.at_limit = ec == http::error::body_limit;
      if (ec && ec != http::error::need_more)
        return make_error(ErrorClass::malformed, "Bad answer from " + peer,
                          progress.at_limit ? "it is longer than allowed" : "it is not valid HTTP: " + ec.message());
      if (!ec && used > 0) continue;
      if (buffer.size() > kBufferLimit)
        return make_error(ErrorClass::malformed, "Bad answer from " + peer, "it has a line without end");
    }
    const auto room = buffer.prepare(kReadPiece);
    DSO_TRY(const std::size_t n, stream.read_some({static_cast<char*>(room.data()), room.size()}, d, s));
    buffer.commit(n);
    if (n > 0) continue;
    if (!progress.any_byte) return make_error(ErrorClass::network, "No answer from " + peer, "the connection was closed");
    if (parser.got_some()) parser.put_eof(ec);
    if (ec) return make_error(ErrorClass::network, "Broken answer from " + peer, "the connection was closed in the middle of it");
  }
  return {};
}

template <class F>
HttpHeaders headers_of(const F& fields) {
  HttpHeaders out;
  for (const auto& field : fields) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out.emplace_back(std::move(name), std::string(field.value()));
  }
  return out;
}

inline boost::string_view beast_text(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace dso::wire
