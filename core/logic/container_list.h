// Reads the engine's list of containers as it comes in: one container's JSON in memory at a time, however many there are. Pure.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "model/container.h"

namespace dso {

class ContainerListReader {
 public:
  /// The next piece of the text, cut anywhere. False: it cannot become a list any more; `finish` says why.
  bool feed(std::string_view piece);
  /// After the last piece. Errors as of parse_container_list.
  Result<std::vector<Container>> finish();

 private:
  enum class At { before, element, between, after };
  bool step(char c);
  bool end_of_element();
  bool refuse(Error error);

  At at_ = At::before;
  int depth_ = 0;
  bool in_text_ = false, escaped_ = false, comma_ = false;
  SecretBuffer element_;  ///< Wiped: a container's command line may hold what people should not put there.
  std::optional<Error> error_;
  std::vector<Container> out_;
};

}  // namespace dso
