// The engine's list of containers, read as it comes in. Pure.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "logic/json_list.h"
#include "model/container.h"

namespace dso {

struct ContainerList {
  std::vector<Container> containers;
  std::vector<ListRemark> remarks;  ///< On those that are not among them, and on those that are there without their labels.
  std::vector<std::size_t> mounts_untold;  ///< Indexes of those whose mounts the engine does not list (Podman).
  std::optional<ListRemark> unread;        ///< One that is not among them, so what it mounts is not known.
};

class ContainerListReader {
 public:
  /// The next piece of the text, cut anywhere. False: it cannot become a list any more; `finish` says why.
  bool feed(std::string_view piece) { return reader_.feed(piece); }
  /// After the last piece. Malformed: it is no list, or none of the containers in it can be read.
  Result<ContainerList> finish();

 private:
  void read(const JsonListReader::Element& element);

  JsonListReader reader_{[this](const JsonListReader::Element& element) { read(element); }};
  ContainerList out_;
};

/// The same of a text that is there already.
Result<ContainerList> parse_container_list(std::string_view json);

}  // namespace dso
