// The list is taken apart by counting brackets outside of texts; each object is real JSON to whoever is given it. Of an object
// that is too long the longest member goes, which is the only one that can be so long in earnest (a container's labels).
#include "logic/json_list.h"

#include <algorithm>

#include "logic/docker_tree.h"

namespace dso {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// `"Labels":{…` -> "Labels"
std::string key_of(std::string_view member) {
  constexpr std::size_t kLongestKept = 64;
  const std::size_t from = std::min(member.find('"'), member.size());
  const std::string_view rest = member.substr(std::min(from + 1, member.size()));
  return std::string(rest.substr(0, std::min(rest.find('"'), kLongestKept)));
}

}  // namespace

bool JsonListReader::refuse(std::string cause) {
  if (!error_) error_ = docker_tree::malformed(std::move(cause));
  return false;
}

void JsonListReader::leave_out(std::size_t from, std::size_t to) {
  left_out_.push_back(key_of(view(element_).substr(from, to - from)));
  element_.erase(element_.begin() + static_cast<std::ptrdiff_t>(from), element_.begin() + static_cast<std::ptrdiff_t>(to));
}

/// Makes room: without the longest member, be it that which is being read.
void JsonListReader::shorten() {
  if (longest_end_ - longest_ > element_.size() - member_) {
    leave_out(longest_, longest_end_);
    member_ -= longest_end_ - longest_;
  } else {
    leave_out(member_, element_.size());
    dropping_ = true;
  }
  longest_ = longest_end_ = 0;
}

/// One character of an element, `depth_` and `in_text_` as they are before it.
void JsonListReader::take(char c) {
  const bool of_the_object = !in_text_ && depth_ == 1;
  if (of_the_object && c == ',' && dropping_) {
    dropping_ = false;
    return;  // the comma before it is there
  }
  if (of_the_object && c == '}') {
    if (dropping_ && view(element_).ends_with(',')) element_.pop_back();
    dropping_ = false;
  }
  if (dropping_) return;
  element_.push_back(c);
  const bool begins = !in_text_ && depth_ == 0 && c == '{';
  if (begins || (of_the_object && c == ',')) {
    if (!begins && element_.size() - member_ > longest_end_ - longest_) {
      longest_ = member_;
      longest_end_ = element_.size();
    }
    member_ = element_.size();
  }
  if (element_.size() > kMaxElement) shorten();
}

bool JsonListReader::end_of_element() {
  if (count_ >= kMaxElements) return refuse("it lists more than " + std::to_string(kMaxElements) + " of them");
  visit_({count_++, view(element_), left_out_});
  element_.clear();
  left_out_.clear();
  member_ = longest_ = longest_end_ = 0;
  dropping_ = false;
  return true;
}

bool JsonListReader::step(char c) {
  if (at_ == At::element) {
    const bool ends = !in_text_ && depth_ <= 0 && (c == ',' || c == ']');
    if (!ends) {
      take(c);
      if (in_text_) {
        in_text_ = escaped_ || c != '"';
        escaped_ = !escaped_ && c == '\\';
      } else if (c == '"') {
        in_text_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
      } else if (c == '}' || c == ']') {
        --depth_;
      }
      return true;
    }
    depth_ = 0;
    if (!end_of_element()) return false;
    at_ = At::between;
  }
  if (is_space(c)) return true;
  switch (at_) {
    case At::before:
      if (c != '[') return refuse("it is not a list");
      at_ = At::between;
      return true;
    case At::between:
      if (c == ']' && !comma_) {
        at_ = At::after;
      } else if (c == ',' && !comma_ && count_ > 0) {
        comma_ = true;
      } else if (c == ',' || c == ']') {
        return refuse("it is not JSON: a comma without an object");
      } else {
        comma_ = false;
        at_ = At::element;
        return step(c);
      }
      return true;
    default: return refuse("it is not JSON: something follows the list");
  }
}

/// What is in a text up to its end or an escape needs no looking at, and can be long. Returns what is left.
std::string_view JsonListReader::take_text(std::string_view piece) {
  std::string_view text = piece.substr(0, piece.find('"'));
  text = text.substr(0, text.find('\\'));
  for (std::string_view rest = text; !rest.empty() && !dropping_;) {
    const std::string_view fits = rest.substr(0, kMaxElement + 1 - element_.size());
    append(element_, fits);
    rest.remove_prefix(fits.size());
    if (element_.size() > kMaxElement) shorten();
  }
  return piece.substr(text.size());
}

bool JsonListReader::feed(std::string_view piece) {
  if (error_) return false;
  while (!piece.empty()) {
    if (at_ == At::element && in_text_ && !escaped_) piece = take_text(piece);
    if (piece.empty()) break;
    if (!step(piece.front())) return false;
    piece.remove_prefix(1);
  }
  return true;
}

Result<void> JsonListReader::finish() const {
  if (error_) return *error_;
  if (at_ == At::before) return docker_tree::malformed("it is not a list");
  if (at_ != At::after) return docker_tree::malformed("it is not JSON: it ends in the middle");
  return {};
}

}  // namespace dso
