// All runs of six bytes of all forms of the values, looked up in a table while one passes over each reading of the text. A run
// is its own hash: six bytes fit into a word, so that there are no false ones. The table holds some thousand runs at a time,
// since it must lie in secret memory.
#include "logic/redact.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/secret_bytes.h"
#include "logic/text.h"
#include "logic/text_reading.h"
#include "logic/value_forms.h"

namespace dso {
namespace {

constexpr std::size_t kRun = 6;
constexpr std::size_t kRunsAtOnce = 8 * 1024;
constexpr std::uint64_t kRunMask = (std::uint64_t{1} << (8 * kRun)) - 1;
constexpr std::string_view kHiddenLine = "[secret] (line hidden: a short secret value stands in it)";
constexpr std::string_view kTooMuch = "[secret] (all lines hidden: the secret values are too long to be looked for)";
constexpr std::string_view kCut = "(earlier output is not shown)";

using Run = std::uint64_t;
using Runs = std::vector<Run, SecretAllocator<Run>>;

unsigned char folded(char c) {
  return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Calls `each(run, index of its last byte)` for every run of `text`, but those of blanks alone, which are in any text.
template <class Each>
void for_each_run(std::string_view text, const Each& each) {
  Run run = 0;
  std::size_t blanks = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    run = (run << 8 | folded(text[i])) & kRunMask;
    blanks = is_blank(text[i]) ? blanks + 1 : 0;
    if (i + 1 >= kRun && blanks < kRun) each(run, i);
  }
}

/// Open addressing; zero is no run (six NULs in a row tell nothing).
class RunTable {
 public:
  explicit RunTable(const Runs& runs) : slots_(std::bit_ceil(runs.size() * 2 + 1), 0) {
    for (const Run run : runs) {
      std::size_t at = slot(run);
      while (slots_[at] != 0 && slots_[at] != run) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = run;
    }
  }
  bool has(Run run) const {
    for (std::size_t at = slot(run); slots_[at] != 0; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at] == run) return true;
    return false;
  }

 private:
  std::size_t slot(Run run) const { return static_cast<std::size_t>(run * 0x9e3779b97f4a7c15U >> 40) & (slots_.size() - 1); }
  Runs slots_;
};

/// A text that is being searched, and what of it may not be shown.
class Searched {
 public:
  explicit Searched(std::string_view text) : text_(text), hidden_(text.size(), false), line_hidden_(text.size(), false) {
    for (TextReading& reading : readings_of(text)) {
      for (const Without what : {Without::controls, Without::spaces, Without::all_but_text})
        readings_.push_back({without(reading, what), what});
      readings_.push_back({std::move(reading), Without::nothing});
    }
  }

  /// Of forms that had the same taken out.
  void hide_runs(const Runs& runs, Without what) {
    const RunTable table(runs);
    for (const Reading& r : readings_) {
      if (r.what != what) continue;
      std::size_t done = 0;  // up to here the text is hidden by this pass
      for_each_run(view(r.reading.bytes), [&](Run run, std::size_t last) {
        if (!table.has(run)) return;
        const std::size_t end = r.reading.end[last];
        for (std::size_t at = std::max<std::size_t>(done, r.reading.begin[last + 1 - kRun]); at < end; ++at) hidden_[at] = true;
        done = std::max(done, end);
      });
    }
  }

  void hide_lines_with(std::string_view form) {
    const auto same = [](char a, char b) { return folded(a) == folded(b); };
    for (const Reading& r : readings_) {
      const bool words_stand_apart = r.what == Without::nothing || r.what == Without::controls;
      if (!words_stand_apart && form.size() < kRun) continue;  // "12" is in "1, 2" by accident
      const std::string_view text = view(r.reading.bytes);
      for (auto at = text.begin(); (at = std::search(at, text.end(), form.begin(), form.end(), same)) != text.end(); ++at) {
        const auto i = static_cast<std::size_t>(at - text.begin());
        for (std::size_t k = r.reading.begin[i]; k < r.reading.end[i + form.size() - 1]; ++k) line_hidden_[k] = true;
      }
    }
  }

  std::string shown() const {
    std::string out;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      show_line(out, at, end);
      if (end < text_.size()) out += '\n';
      at = end + 1;
    }
    return out;
  }

 private:
  static bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
  /// A character of several bytes of which a later one is hidden.
  bool begins_hidden(std::size_t at, std::size_t end) const {
    for (std::size_t i = at + 1; i < end && is_continuation(text_[i]); ++i)
      if (hidden_[i]) return true;
    return false;
  }

  struct Reading {
    TextReading reading;
    Without what = Without::nothing;
  };

  void show_line(std::string& out, std::size_t at, std::size_t end) const {
    const auto line = [&](const std::vector<bool>& v, std::size_t i) { return v.begin() + static_cast<std::ptrdiff_t>(i); };
    if (std::find(line(line_hidden_, at), line(line_hidden_, end), true) != line(line_hidden_, end)) {
      out += kHiddenLine;
      return;
    }
    bool hides = false;
    for (; at < end; ++at) {
      const bool within = is_continuation(text_[at]);  // no half of a character is shown
      const bool now = hidden_[at] || (within && hides) || (!within && begins_hidden(at, end));
      if (!now) out += text_[at];
      if (now && !hides) out += kHiddenPart;
      hides = now;
    }
  }

  const std::string_view text_;
  std::vector<Reading> readings_;
  std::vector<bool> hidden_, line_hidden_;
};

/// Gathers the runs of values and has them looked for, some thousand at a time.
class Search {
 public:
  Search(Searched& in, Without what) : in_(in), what_(what) { runs_.reserve(kRunsAtOnce); }
  ~Search() { look(); }

  void add(std::string_view value) {
    for_each_form(value, [&](std::string_view form, bool wraps) {
      if (what_ == Without::nothing) return add_form(form);
      if (what_ == Without::all_but_text && !wraps) return;  // of escapes it leaves their letters
      add_form(view(without(reading_of(form), what_).bytes));
    });
  }

 private:
  void add_form(std::string_view form) {
    for_each_run(form, [&](Run run, std::size_t) {
      runs_.push_back(run);
      if (runs_.size() == kRunsAtOnce) look();
    });
  }
  void look() {
    if (!runs_.empty()) in_.hide_runs(runs_, what_);
    runs_.clear();
  }

  Searched& in_;
  const Without what_;
  Runs runs_;
};

std::size_t characters(std::string_view text) {
  if (first_invalid_utf8(text)) return text.size();
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A value that is shorter than a run, or passwords in it that are.
void hide_short_ones(Searched& searched, std::string_view value) {
  const auto hide = [&](std::string_view text) {
    if (text.empty() || characters(text) >= kRun) return;
    for_each_short_form(text, [&](std::string_view form, bool) { searched.hide_lines_with(form); });
  };
  const bool is_short = characters(trimmed(value)) < kRun;
  for (const TextReading& reading : readings_of(value)) {
    if (is_short) hide(trimmed(view(reading.bytes)));
    for_each_password_in(view(reading.bytes), hide);
  }
}

}  // namespace

std::string redact(std::string_view text, const std::vector<std::string_view>& values) {
  std::vector<std::string_view> different(values);
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()), different.end());
  std::size_t size = 0;
  for (const std::string_view value : different) size += value.size();
  if (text.empty()) return {};
  if (size > kRedactedValues) return std::string(kTooMuch);
  std::string out;
  if (text.size() > kRedactedText) {
    out = std::string(kCut) + "\n";
    text.remove_prefix(text.size() - kRedactedText);
  }
  Searched searched(text);
  for (const Without what : {Without::nothing, Without::controls, Without::spaces, Without::all_but_text}) {
    Search search(searched, what);
    for (const std::string_view value : different)
      for (const TextReading& reading : readings_of(value))
        if (reading.bytes.size() >= kRun) search.add(view(reading.bytes));
  }
  for (const std::string_view value : different) hide_short_ones(searched, value);
  return out + searched.shown();
}

}  // namespace dso
