// TLS over another ByteStream: OpenSSL reads and writes through a BIO that calls the stream below with the caller's deadline,
// so that no "want read" loop is needed here.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <optional>

#include "net/byte_stream.h"
#include "net/net_error.h"
#include "net/tls_context.h"
#include "net/tls_error.h"

namespace dso {
namespace {

bool is_ip(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

class TlsStream final : public ByteStream {
 public:
  TlsStream(std::unique_ptr<ByteStream> below, std::string host) : below_(std::move(below)), host_(std::move(host)) {}
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  ~TlsStream() override {
    if (!established_ || broken_) return;
    // tells the peer that the end is meant; not worth waiting for
    const Call call(*this, Deadline::in(std::chrono::milliseconds(10)), {});
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

  Result<void> handshake(SSL_CTX* ctx, const Deadline& d, std::stop_token s) {
    ERR_clear_error();
    ssl_.reset(SSL_new(ctx));
    BIO* bio = ssl_ ? BIO_new(bio_method()) : nullptr;
    if (!bio) return make_error(ErrorClass::tls, "Failed to speak TLS with " + host_, "OpenSSL gave no connection");
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, &TlsStream::on_verify);
    bool named;
    if (is_ip(host_)) {
      named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host_.c_str()) == 1;
    } else {
      SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      named = SSL_set1_host(ssl_.get(), host_.c_str()) == 1 && SSL_set_tlsext_host_name(ssl_.get(), host_.c_str()) == 1;
    }
    if (!named) return make_error(ErrorClass::tls, "Failed to speak TLS with " + host_, "it is not a usable host name");
    const Call call(*this, d, s);
    if (SSL_connect(ssl_.get()) != 1) return failure();
    established_ = true;
    return {};
  }

  Result<std::size_t> read_some(std::span<char> into, const Deadline& d, std::stop_token s) override {
    const Call call(*this, d, s);
    ERR_clear_error();
    std::size_t n = 0;
    if (SSL_read_ex(ssl_.get(), into.data(), into.size(), &n) == 1) return n;
    if (SSL_get_error(ssl_.get(), 0) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    return failure();
  }

  Result<void> write_all(std::string_view bytes, const Deadline& d, std::stop_token s) override {
    if (bytes.empty()) return {};
    const Call call(*this, d, s);
    ERR_clear_error();
    std::size_t n = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &n) == 1) return {};
    return failure();
  }

  bool idle_and_open() override {
    if (broken_ || SSL_pending(ssl_.get()) > 0) return false;
    if (below_->idle_and_open()) return true;
    // Something came: a session ticket is fine, data and an end are not.
    const Call call(*this, Deadline::in(std::chrono::milliseconds(1)), {});
    peeking_ = true;
    ERR_clear_error();
    char byte;
    std::size_t n = 0;
    const bool data = SSL_peek_ex(ssl_.get(), &byte, 1, &n) == 1;
    const bool open = !data && SSL_get_error(ssl_.get(), 0) == SSL_ERROR_WANT_READ;
    peeking_ = false;
    below_error_.reset();
    ERR_clear_error();
    return open;
  }

 private:
  /// The deadline and stop of the call that OpenSSL is doing for us; what the BIO callbacks use.
  struct Call {
    Call(TlsStream& stream, const Deadline& deadline, std::stop_token token) : owner(stream), d(deadline), s(std::move(token)) {
      owner.call_ = this;
      owner.below_error_.reset();
    }
    ~Call() { owner.call_ = nullptr; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    TlsStream& owner;
    const Deadline d;
    const std::stop_token s;
  };

  Error failure() {
    broken_ = true;
    if (below_error_) {
      ERR_clear_error();
      return *below_error_;
    }
    if (verify_.code != 0) {
      ERR_clear_error();
      return verify_error(verify_, host_);
    }
    if (ended_) {
      ERR_clear_error();
      return make_error(ErrorClass::network, "Lost the connection to " + host_,
                        established_ ? "it was cut without TLS's own end" : "it was closed during the TLS handshake");
    }
    return protocol_error(host_);
  }

  static int on_verify(int ok, X509_STORE_CTX* store) {
    if (!ok) {
      const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
      auto* self = static_cast<TlsStream*>(SSL_get_app_data(ssl));
      if (self->verify_.code == 0) self->verify_ = describe_failure(store);
    }
    return ok;
  }

  static int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
    auto* self = static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    *got = 0;
    auto n = self->below_->read_some({into, size}, self->call_->d, self->call_->s);
    if (n.has_value()) {
      *got = *n;
      self->ended_ = *n == 0;
      return *n > 0;
    }
    if (self->peeking_ && n.error().cls == ErrorClass::timeout) BIO_set_retry_read(bio);
    self->below_error_ = std::move(n).error();
    return 0;
  }
  static int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* put) {
    auto* self = static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    *put = 0;
    auto written = self->below_->write_all({bytes, size}, self->call_->d, self->call_->s);
    if (written.has_error()) {
      self->below_error_ = std::move(written).error();
      return 0;
    }
    *put = size;
    return 1;
  }
  static long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return static_cast<TlsStream*>(BIO_get_data(bio))->ended_ ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
  static const BIO_METHOD* bio_method() {
    static const BIO_METHOD* const method = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dso ByteStream");
      BIO_meth_set_read_ex(m, &bio_read);
      BIO_meth_set_write_ex(m, &bio_write);
      BIO_meth_set_ctrl(m, &bio_control);
      return m;
    }();
    return method;
  }

  std::unique_ptr<ByteStream> below_;
  std::string host_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  const Call* call_ = nullptr;
  std::optional<Error> below_error_;
  VerifyFailure verify_;
  bool established_ = false, broken_ = false, ended_ = false, peeking_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> connect_tls(std::unique_ptr<ByteStream> below, const TlsContext& tls, const std::string& host,
                                                const Deadline& d, std::stop_token s) {
  auto stream = std::make_unique<TlsStream>(std::move(below), host);
  DSO_CHECK(stream->handshake(tls.native(), d, s));
  return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace dso
