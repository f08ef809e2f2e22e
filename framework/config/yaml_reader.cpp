#include "config/yaml_reader.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace dfpipe::config {
namespace {

/// Ends the parsing; what is wrong has been reported.
struct GiveUp {};

/// Builds the tree out of the parser's events. The parser recurses once per level and tells each level before it goes
/// down, so giving up at `max_depth` bounds its stack too.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(SourcePtr source, Reporter& report) : source_(std::move(source)), report_(report) {}

  Tree take() { return std::move(root_); }
  /// The innermost '[' or '{' that is still open.
  std::optional<Origin> open_bracket() const {
    if (levels_.empty() || !levels_.back().flow) return std::nullopt;
    return levels_.back().tree.at;
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    put(Tree{}, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report_.error(at(mark), "aliases (*name) are not part of the pipeline language",
                  "write the value out, or use a parameter: ${name}");
    put(Tree::broken_at(at(mark)), mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Tree tree = Tree::scalar(value, {});
    tree.quoted = tag == "!";
    put(std::move(tree), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Tree::Kind::list, mark, tag, anchor, style);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Tree::Kind::map, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Tree tree;
    std::map<std::string, int, std::less<>> first_line;  ///< of each key
    bool wants_value = false;
    bool key_refused = false;
    bool is_key = false;  ///< a map or list in a key's place
    bool flow = false;    ///< written in brackets
  };

  Origin at(const YAML::Mark& mark) const { return {source_, mark.line + 1, mark.column + 1}; }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor)
      report_.error(at(mark), "anchors (&name) are not part of the pipeline language",
                    "write the value out, or use a parameter: ${name}");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      report_.error(at(mark), "tags (!name) are not part of the pipeline language");
  }

  void open(Tree::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (levels_.size() >= static_cast<std::size_t>(max_depth)) {
      report_.error(at(mark), "nested deeper than " + std::to_string(max_depth) + " levels");
      throw GiveUp{};
    }
    count(mark);
    Level level;
    level.tree.kind = kind;
    level.tree.at = at(mark);
    level.flow = style == YAML::EmitterStyle::Flow;
    if (!levels_.empty() && levels_.back().tree.is_map() && !levels_.back().wants_value) level.is_key = true;
    levels_.push_back(std::move(level));
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.is_key) {
      report_.error(level.tree.at, "a key must be text, not " + std::string(level.tree.what()));
      levels_.back().wants_value = true;
      levels_.back().key_refused = true;
    } else {
      place(std::move(level.tree));
    }
  }

  void put(Tree tree, const YAML::Mark& mark) {
    count(mark);
    tree.at = at(mark);
    if (levels_.empty() || !levels_.back().tree.is_map() || levels_.back().wants_value) {
      place(std::move(tree));
    } else {
      key(std::move(tree));
    }
  }

  void key(Tree tree) {
    Level& level = levels_.back();
    level.wants_value = true;
    level.key_refused = true;
    if (tree.broken) return;
    if (!tree.is_scalar()) {
      report_.error(tree.at, "a key must be text");
      return;
    }
    if (tree.text == "<<") {
      report_.error(tree.at, "merge keys (<<) are not part of the pipeline language", "use include: or a part");
      return;
    }
    const auto [first, is_new] = level.first_line.emplace(tree.text, tree.at.line);
    if (!is_new) {
      report_.error(tree.at, "key '" + tree.text + "' is given twice",
                    "the first is in line " + std::to_string(first->second));
      return;
    }
    level.key_refused = false;
    level.tree.entries.push_back({tree.text, tree.at, Tree{}});
  }

  void place(Tree tree) {
    if (levels_.empty()) {
      root_ = std::move(tree);
      return;
    }
    Level& level = levels_.back();
    if (level.tree.is_list()) {
      level.tree.items.push_back(std::move(tree));
      return;
    }
    level.wants_value = false;
    if (level.key_refused) return;
    Entry& entry = level.tree.entries.back();
    // A value that is not written has no place of its own.
    if (tree.kind == Tree::Kind::null && !tree.broken) tree.at = entry.key_at;
    entry.value = std::move(tree);
  }

  void count(const YAML::Mark& mark) {
    if (++values_ <= max_values) return;
    report_.error(at(mark), "more than " + std::to_string(max_values) + " values: not a pipeline file");
    throw GiveUp{};
  }

  SourcePtr source_;
  Reporter& report_;
  Tree root_;
  std::vector<Level> levels_;
  std::size_t values_ = 0;
};

/// The scanner looks ahead without bound while flow brackets are open, so absurd nesting is found before it runs.
/// Brackets in texts and comments make the count too high by a few, hence the generous limit: the exact one is the
/// builder's.
bool brackets_are_sane(const FileText& file, Reporter& report) {
  constexpr int limit = 20 * max_depth;
  int depth = 0;
  int line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < file.text.size(); ++i) {
    const char c = file.text[i];
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (c == '\n') {
      ++line;
      line_start = i + 1;
    }
    if (depth > limit) {
      report.error({file.source, line, static_cast<int>(i - line_start) + 1},
                   "nested deeper than " + std::to_string(max_depth) + " levels");
      return false;
    }
  }
  return true;
}

std::string in_plain_words(const std::string& message) {
  static const std::map<std::string, std::string> words{
      {"end of map not found", "this line does not continue the map above it: check the indentation and the colons"},
      {"end of sequence not found", "this line does not continue the list above it: check the indentation"},
      {"end of map flow not found", "'}' is missing"},
      {"end of sequence flow not found", "']' is missing"},
      {"illegal map value", "':' is not expected here: quote the text if it belongs to it"},
      {"illegal block entry", "'-' is not expected here: check the indentation"},
      {"illegal flow end", "a bracket is closed that was not opened"},
      {"unknown token", "this character cannot start a value: quote the text"},
  };
  const auto found = words.find(message);
  return found != words.end() ? found->second : message;
}

bool has_tab_indent(const Origin& at) {
  const std::string line = at.source_line();
  const std::size_t text = line.find_first_not_of(" \t");
  return line.substr(0, text).find('\t') != std::string::npos;
}

}  // namespace

std::optional<Tree> parse_yaml(const FileText& file, Reporter& report) {
  if (!brackets_are_sane(file, report)) return std::nullopt;
  std::istringstream in(file.text);
  TreeBuilder builder(file.source, report);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) {
      report.error({file.source, 0, 0}, "the file holds no YAML value");
      return std::nullopt;
    }
    Tree tree = builder.take();
    TreeBuilder second(file.source, report);
    if (parser.HandleNextDocument(second)) {
      report.error(second.take().at, "a second document: a file holds one");
      return std::nullopt;
    }
    return tree;
  } catch (const YAML::Exception& e) {
    Origin at{file.source, 0, 0};
    if (!e.mark.is_null()) {
      const int last = static_cast<int>(file.source->lines.size());
      at.line = std::min(e.mark.line + 1, last);
      at.column =
          at.line == last && e.mark.line + 1 > last ? static_cast<int>(at.source_line().size()) + 1 : e.mark.column + 1;
    }
    if (const auto bracket = builder.open_bracket()) {
      const std::string character = bracket->source_line().substr(static_cast<std::size_t>(bracket->column) - 1, 1);
      const bool later = std::pair(at.line, at.column) > std::pair(bracket->line, bracket->column);
      report.error(*bracket, "'" + character + "' is not closed" +
                                 (later ? ", or a comma is missing before line " + std::to_string(at.line) +
                                              ", column " + std::to_string(at.column)
                                        : ""));
      return std::nullopt;
    }
    if (file.source->from_command_line)
      at.column = std::max(at.column, static_cast<int>(file.text.find_first_not_of(' ')) + 1);
    const bool tab = has_tab_indent(at);
    report.error(at, tab ? "a tab in the indentation" : in_plain_words(e.msg), tab ? "indent with spaces" : "");
    return std::nullopt;
  } catch (const GiveUp&) {
    return std::nullopt;
  }
}

std::optional<Tree> read_yaml(const std::filesystem::path& file, const Origin& asked_at, Reporter& report) {
  const auto text = read_file(file, asked_at, report);
  return text ? parse_yaml(*text, report) : std::nullopt;
}

}  // namespace dfpipe::config
