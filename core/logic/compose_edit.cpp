// Patches are collected by line and put together at the end, so that line numbers stay those of the original.
#include "logic/compose_edit.h"

#include <algorithm>
#include <optional>
#include <set>

#include "logic/compose_lines.h"

namespace dso {
namespace {

constexpr std::size_t kShortestValue = 6;  ///< A shorter one turns up by chance.

/// Replaces lines [first, last), or stands before `first` where they are equal. Head and tail are of the original.
struct Patch {
  std::size_t first, last;
  std::string_view head;
  std::string middle;
  std::string_view tail, end;
};

const char* why_not(std::string_view rest) {
  if (rest.empty()) return nullptr;
  switch (rest[0]) {
    case '&': return "it has an anchor: a change here would be one elsewhere too";
    case '*': return "it is an alias: what it stands for is written elsewhere";
    case '!': return "it has a tag";
    case '{':
    case '[': return "it is written in one line, in { } or [ ]";
    default: return "it is not written as a block";
  }
}

class Editor {
 public:
  explicit Editor(std::string_view text) : lines_(text_lines(text)), services_(find_block(lines_, nullptr, "services")) {
    if (!lines_.empty() && !lines_[0].end.empty()) newline_ = lines_[0].end;
  }

  /// All changes of one service.
  void service(const std::string& name, const std::vector<const ExpectedChange*>& changes, bool label) {
    std::optional<KeyBlock> found;
    if (services_ && services_->rest.empty()) found = find_block(lines_, &*services_, name);
    const char* problem = !found ? "the service is not written in this file" : why_not(found->rest);
    if (!problem && !found->has_children()) problem = "it is not written as a block";
    if (problem) {
      for (const ExpectedChange* c : changes) refuse(*c, found ? found->line + 1 : 0, problem);
      return;
    }
    const std::size_t done = out_.done.size();
    variables(*found, changes);
    if (label && out_.done.size() > done) add_label(*found, name);
  }

  EditedCompose finish() {
    std::stable_sort(patches_.begin(), patches_.end(), [](const Patch& a, const Patch& b) { return a.first < b.first; });
    std::size_t at = 0;
    const auto copy_to = [&](std::size_t line) {
      for (; at < line; ++at) {
        append(out_.text, lines_[at].text);
        append(out_.text, lines_[at].end);
      }
    };
    for (const Patch& p : patches_) {
      copy_to(p.first);
      if (!out_.text.empty() && out_.text.back() != '\n') append(out_.text, newline_);
      for (std::string_view part : {p.head, std::string_view(p.middle), p.tail, p.end}) append(out_.text, part);
      at = std::max(at, p.last);
    }
    copy_to(lines_.size());
    return std::move(out_);
  }

 private:
  void refuse(const ExpectedChange& c, std::size_t line, const char* reason) {
    out_.refused.push_back({c.service, c.variable, line, reason});
  }

  /// A line of its own before line `at`.
  void insert(std::size_t at, std::size_t indent, const std::string& text) {
    patches_.push_back({at, at, {}, std::string(indent, ' ') + text, {}, newline_});
  }

  std::size_t step(const KeyBlock& service) const { return service.child_indent - lines_[service.line].indent; }

  /// Where to put a new member of `group`, whose key line is made if need be; nullptr in `problem`: it can be put.
  struct Slot {
    std::size_t line = 0, indent = 0;
    bool list = false;
    const char* problem = nullptr;
    std::size_t problem_line = 0;
  };
  Slot slot(const KeyBlock& service, const std::string& group) {
    const auto block = find_block(lines_, &service, group);
    Slot out;
    if (!block) {
      out.line = service.line + 1;
      out.indent = service.child_indent + step(service);
      out.problem_line = service.line + 1;
      if (find_block(lines_, &service, "<<")) out.problem = "the service takes it from elsewhere, by `<<:`";
      if (!out.problem) insert(out.line, service.child_indent, group + ":");
      return out;
    }
    out.problem = why_not(block->rest);
    out.problem_line = block->line + 1;
    out.list = block->list;
    out.line = block->has_children() ? block->first_child : block->line + 1;
    out.indent = block->has_children() ? block->child_indent : service.child_indent + step(service);
    return out;
  }

  void variables(const KeyBlock& service, const std::vector<const ExpectedChange*>& changes) {
    const auto environment = find_block(lines_, &service, "environment");
    std::vector<const ExpectedChange*> added;
    for (const ExpectedChange* c : changes) {
      std::optional<EntryPlace> entry;
      if (environment && environment->rest.empty()) entry = find_entry(lines_, *environment, c->variable);
      if (!entry)
        added.push_back(c);
      else
        replace(*environment, *entry, *c);
    }
    if (added.empty()) return;
    const Slot place = slot(service, "environment");
    for (const ExpectedChange* c : added) {
      if (place.problem) {
        refuse(*c, place.problem_line, place.problem);
        continue;
      }
      insert(place.line, place.indent, place.list ? "- " + c->variable + "=" + c->reference : c->variable + ": " + c->reference);
      out_.done.push_back(*c);
    }
  }

  void replace(const KeyBlock& environment, const EntryPlace& entry, const ExpectedChange& c) {
    const std::string_view text = lines_[entry.line].text;
    if (entry.first_word == "&" || entry.first_word == "*" || entry.first_word == "!")
      return refuse(c, entry.line + 1, why_not(entry.first_word));
    for (std::size_t i = entry.line; i < entry.last; ++i) {
      const std::string_view old = i == entry.line ? text.substr(entry.value, entry.value_end - entry.value) : lines_[i].text;
      for (std::string& name : interpolated_names(old)) out_.interpolated.push_back(std::move(name));
    }
    Patch patch{entry.line, entry.last, text.substr(0, entry.value), c.reference, {}, newline_};
    if (!patch.head.ends_with(' ')) patch.middle.insert(0, " ");
    if (environment.list) patch.middle.insert(patch.middle.size() - c.reference.size(), c.variable + "=");
    if (entry.last == entry.line + 1) {
      patch.tail = text.substr(entry.value_end);
      if (patch.tail.starts_with('#')) patch.middle += ' ';
      patch.end = lines_[entry.line].end;
    }
    patches_.push_back(std::move(patch));
    out_.done.push_back(c);
  }

  void add_label(const KeyBlock& service, const std::string& name) {
    const Slot place = slot(service, "labels");
    if (place.problem) {
      out_.refused.push_back({name, {}, place.problem_line, place.problem});
      return;
    }
    insert(place.line, place.indent, place.list ? "- dso.reloader=true" : "dso.reloader: \"true\"");
    out_.labelled.push_back(name);
  }

  std::vector<TextLine> lines_;
  std::optional<KeyBlock> services_;
  std::string_view newline_ = "\n";
  std::vector<Patch> patches_;
  EditedCompose out_;
};

}  // namespace

EditedCompose edit_compose(std::string_view text, const std::vector<ExpectedChange>& changes,
                           const std::vector<std::string>& watched) {
  Editor editor(text);
  std::vector<std::string> order;
  for (const ExpectedChange& c : changes)
    if (std::find(order.begin(), order.end(), c.service) == order.end()) order.push_back(c.service);
  for (const std::string& name : order) {
    std::vector<const ExpectedChange*> own;
    for (const ExpectedChange& c : changes)
      if (c.service == name) own.push_back(&c);
    editor.service(name, own, std::find(watched.begin(), watched.end(), name) == watched.end());
  }
  return editor.finish();
}

std::vector<Leftover> leftovers(std::string_view text, const std::vector<const SecretField*>& values,
                                const std::vector<std::string>& names) {
  std::vector<Leftover> out;
  const std::vector<TextLine> lines = text_lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::set<std::string> said;
    for (const SecretField* f : values) {
      const std::string_view value = f->value.reveal();
      if (value.size() >= kShortestValue && lines[i].text.find(value) != std::string_view::npos && said.insert(f->name).second)
        out.push_back({i + 1, f->name, false});
    }
    if (lines[i].blank) continue;
    for (std::string& name : interpolated_names(lines[i].text))
      if (std::find(names.begin(), names.end(), name) != names.end() && said.insert(name).second)
        out.push_back({i + 1, std::move(name), true});
  }
  return out;
}

}  // namespace dso
