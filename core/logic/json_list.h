// Reads a JSON list of objects as it comes in: one object in memory at a time, however many there are and however long one is.
// What is wrong with one of them is that one's: the others are read all the same. Pure.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso {

/// An object of a list that could not be used, or not whole.
struct ListRemark {
  std::string who;   ///< Its name or id; "[3]" where it tells neither.
  std::string what;  ///< "its Labels are longer than 4 MiB": a part of a sentence.
};

class JsonListReader {
 public:
  struct Element {
    std::size_t index = 0;
    std::string_view text;              ///< JSON, without what was left out. Borrowed for the call.
    std::vector<std::string> left_out;  ///< Members of the object that made it longer than kMaxElement, the longest first.
  };
  explicit JsonListReader(std::function<void(const Element&)> visit) : visit_(std::move(visit)) {}

  /// The next piece of the text, cut anywhere. False: it cannot become a list any more; `finish` says why.
  bool feed(std::string_view piece);
  /// After the last piece. Malformed where it is no list, or ends in the middle.
  Result<void> finish() const;

  /// A container with many labels, ports and mounts has some 10 KB.
  static constexpr std::size_t kMaxElement = 4 * 1024 * 1024, kMaxElements = 100'000;

 private:
  enum class At { before, element, between, after };
  bool step(char c);
  void take(char c);
  std::string_view take_text(std::string_view piece);
  void shorten();
  void leave_out(std::size_t from, std::size_t to);
  bool end_of_element();
  bool refuse(std::string cause);

  const std::function<void(const Element&)> visit_;
  At at_ = At::before;
  int depth_ = 0;
  bool in_text_ = false, escaped_ = false, comma_ = false;
  std::size_t count_ = 0;
  SecretBuffer element_;                       ///< Wiped: a container's command line may hold what people should not put there.
  std::size_t member_ = 0;                     ///< Where the member that is being read begins in `element_`.
  std::size_t longest_ = 0, longest_end_ = 0;  ///< The longest member before it, its comma included.
  bool dropping_ = false;                      ///< That member is left out.
  std::vector<std::string> left_out_;
  std::optional<Error> error_;
};

}  // namespace dso
