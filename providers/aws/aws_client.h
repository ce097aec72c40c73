// One request to AWS and its answer: the signature, the headers of the JSON protocol, and one repetition when this host's
// clock is wrong. Knows no services' answers and no sources of credentials.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws_errors.h"
#include "credentials.h"
#include "dso/provider.hpp"
#include "sigv4.h"

namespace aws {

struct Reply {
  int status = 0;
  std::string_view body;  ///< Borrowed until the next request.
  std::string request_id;
  std::optional<ErrorFacts> error;  ///< Of a status other than 2xx.
  bool ok() const { return !error; }
};

/// The Host header that the host's HTTP client sends for an origin: without the port where it is the scheme's own. Pure.
std::string host_header(std::string_view origin);

/// The Authorization header of a request; its payload hash is filled in from `body`. All its headers are signed.
std::string signed_by(const Credentials& credentials, const dso::sdk::Host& host, ToSign request, std::string_view body);

class Client {
 public:
  explicit Client(dso::sdk::Host host) : host_(host) {}

  struct Call {
    std::string_view method = "POST";
    std::string_view origin;  ///< "https://host:port".
    std::string_view path = "/";
    std::string_view query = {};
    std::vector<Header> headers = {};  ///< Besides those of the signature.
    std::string_view body = {};
    std::string_view region = {}, service = {};  ///< Of the signature.
    std::int64_t max_body_bytes = 0;
  };
  /// Without credentials: not signed. Any status is a Reply; throws Failure where there is no answer.
  Reply send(const Call& call, const Credentials* credentials);

  /// The time by AWS's clock, as far as it is known.
  std::int64_t now_ms() const { return host_.now_ms() + skew_ms_; }

 private:
  Reply once(const Call& call, const Credentials* credentials, std::optional<std::int64_t>& skew);

  dso::sdk::Host host_;
  std::int64_t skew_ms_ = 0;  ///< Server minus own clock, learnt from answers.
};

}  // namespace aws
