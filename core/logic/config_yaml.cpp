// yaml-cpp's events, not its nodes: events carry positions, and an alias is an event that expands to nothing.
#include "logic/config_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "logic/config_source.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostNodes = 100000;

/// Thrown through yaml-cpp to end a parse whose finding is already reported.
struct StopParsing {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const ConfigSource& source, ConfigFindings& findings) : source_(source), findings_(findings) {}

  bool seen_document() const { return documents_ > 0; }
  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    findings_.error(at(mark), {}, "a second YAML document, or something that does not belong to the lines above, begins here",
                    "Keep one document, and check the indentation.");
    throw StopParsing{};
  }
  void OnDocumentEnd() override {}
  // The name of an anchor comes separately, its node's own event follows.
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, {}, anchor, YamlNode::Kind::null, {}); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    leaf(mark, tag, anchor, YamlNode::Kind::text, value);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "YAML aliases ('*name') are not read", "Write the value out.");
    leaf(mark, {}, YAML::NullAnchor, YamlNode::Kind::refused, {});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YamlNode node;
    bool have_key = false;
    YamlEntry entry;  ///< Its key is read, its value is next.
    bool drop_entry = false;
    std::unordered_map<std::string, int> lines;  ///< Of the keys so far.
  };

  SourcePos at(const YAML::Mark& mark) const { return source_.position(mark.line, mark.column); }

  /// Of the place that is being read: "secrets[2].inject".
  std::string path() const {
    std::string out;
    for (const Level& level : levels_) {
      if (level.node.kind == YamlNode::Kind::list)
        out += "[" + std::to_string(level.node.items.size()) + "]";
      else if (level.have_key)
        out += (out.empty() ? "" : ".") + printable(level.entry.key);
    }
    return printable(out, 120);
  }

  void refuse(const YAML::Mark& mark, std::string message, std::string hint) {
    findings_.error(at(mark), path(), std::move(message), std::move(hint));
  }

  void check_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) refuse(mark, "YAML anchors ('&name') are not read", "Write the value out where it is used.");
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "YAML tags ('!name') are not read", "Leave the tag out.");
  }

  void count(const YAML::Mark& mark) {
    if (++nodes_ <= kMostNodes) return;
    refuse(mark, "there are more than " + std::to_string(kMostNodes) + " values",
           "A config is far smaller; is this the right file?");
    throw StopParsing{};
  }

  void check_scalar(const YAML::Mark& mark, YamlNode& node) {
    switch (source_.scalar_style(mark.line, mark.column, node.text)) {
      case ScalarStyle::plain: node.plain = true; return;
      case ScalarStyle::quoted:
      case ScalarStyle::block: return;
      case ScalarStyle::unclosed:
        refuse(mark, "a quoted text does not end on its line", "Close the quote, or put the text on one line.");
        // What follows was read with the quotes inside out.
        throw StopParsing{};
      case ScalarStyle::continued:
        refuse(mark, "the value goes on over several lines",
               "Check the indentation of the next line, or put the text in quotes on one line.");
        node.kind = YamlNode::Kind::refused;
    }
  }

  void leaf(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind,
            const std::string& value) {
    count(mark);
    check_properties(mark, tag, anchor);
    YamlNode node;
    node.kind = kind;
    node.pos = at(mark);
    node.text = value;
    // An anchor or a tag stands where the text should: it is refused already, its style does not matter.
    const bool bare = anchor == YAML::NullAnchor && (tag == "?" || tag == "!");
    if (kind == YamlNode::Kind::text && bare) check_scalar(mark, node);
    place(std::move(node), mark);
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    count(mark);
    check_properties(mark, tag, anchor);
    if (levels_.size() >= kDeepest) {
      refuse(mark, "nested more than " + std::to_string(kDeepest) + " deep", "A config is far flatter; is this the right file?");
      throw StopParsing{};
    }
    levels_.emplace_back();
    levels_.back().node.kind = kind;
    levels_.back().node.pos = at(mark);
    marks_.push_back(mark);
  }

  void close() {
    YamlNode done = std::move(levels_.back().node);
    const YAML::Mark mark = marks_.back();
    levels_.pop_back();
    marks_.pop_back();
    place(std::move(done), mark);
  }

  void place(YamlNode node, const YAML::Mark& mark) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::list) {
      level.node.items.push_back(std::move(node));
    } else if (!level.have_key) {
      take_key(level, std::move(node), mark);
    } else {
      level.have_key = false;
      // "key:" with nothing after it is reported at the next token; the key is what people look for.
      if (node.kind == YamlNode::Kind::null) node.pos = level.entry.key_pos;
      level.entry.value = std::move(node);
      if (!level.drop_entry) level.node.entries.push_back(std::move(level.entry));
    }
  }

  void take_key(Level& level, YamlNode node, const YAML::Mark& mark) {
    level.have_key = true;
    level.entry = {};
    level.entry.key_pos = at(mark);
    level.drop_entry = true;
    if (node.kind == YamlNode::Kind::refused) return;
    if (node.kind != YamlNode::Kind::text || node.text.empty()) {
      refuse(mark, "a key must be a text", "Write 'key: value'.");
      return;
    }
    const auto [first, fresh] = level.lines.emplace(node.text, level.entry.key_pos.line);
    level.drop_entry = !fresh;
    level.entry.key = std::move(node.text);
    if (!fresh) refuse(mark, "the key is there twice", "It was first given in line " + std::to_string(first->second) + ".");
  }

  const ConfigSource& source_;
  ConfigFindings& findings_;
  YamlNode root_;
  std::vector<Level> levels_;
  std::vector<YAML::Mark> marks_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

struct Wording {
  std::string_view theirs, ours, hint;
};
// yaml-cpp's words name its own states; an operator needs the likely slip.
constexpr Wording kWordings[] = {
    {"illegal map value", "a ':' does not fit here",
     "Check the indentation, put a space after the ':' of the line above, and quote a value that holds ': '."},
    {"end of map not found", "this does not fit the lines above",
     "Check the indentation: keys of one level begin in one column."},
    {"end of sequence not found", "this does not fit the list above",
     "Check the indentation: keys of one level begin in one column."},
    {"end of map flow not found", "a '{' is not closed", "Close it with '}'."},
    {"end of sequence flow not found", "a '[' is not closed", "Close it with ']'."},
    {"illegal flow end", "a '}' or ']' that nothing opened", ""},
    {"illegal block entry", "a '- ' does not fit here", "Begin a list on a line of its own, below its key."},
    {"unknown token", "a value cannot begin with this character", "Put the value in quotes."},
    {"the referenced anchor is not defined", "YAML aliases ('*name') are not read",
     "Write the value out, or quote a text that begins with '*'."},
    {"illegal EOF in scalar", "a quoted text is not closed", "Close the quote."},
};

void report_syntax(const YAML::ParserException& e, const ConfigSource& source, ConfigFindings& findings) {
  const SourcePos pos = e.mark.is_null() ? SourcePos{} : source.position(e.mark.line, e.mark.column);
  for (const Wording& w : kWordings)
    if (e.msg == w.theirs) {
      findings.error(pos, {}, std::string(w.ours), std::string(w.hint));
      return;
    }
  findings.error(pos, {}, "this is not YAML: " + printable(e.msg));
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

YamlNode load_yaml(std::string_view text, ConfigFindings& findings) {
  YamlNode refused;
  refused.kind = YamlNode::Kind::refused;
  const ConfigSource source(text);
  if (!source.check(findings)) return refused;

  TreeBuilder builder(source, findings);
  try {
    std::istringstream in{std::string(source.text())};
    YAML::Parser parser(in);
    // The second call finds what stands behind the document.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const StopParsing&) {
    return refused;
  } catch (const YAML::ParserException& e) {
    report_syntax(e, source, findings);
    return refused;
  } catch (const YAML::Exception&) {
    findings.error({}, {}, "this is not YAML");
    return refused;
  }
  return builder.take();
}

}  // namespace dso
