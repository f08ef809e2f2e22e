#include "config/yaml_reader.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include "config/yaml_words.hpp"

namespace dfpipe::config {
namespace {

/// Ends the parsing; what is wrong has been reported.
struct GiveUp {};

/// Builds the tree out of the parser's events. The parser recurses once per level and tells each level before it goes
/// down, so giving up at `max_depth` bounds its stack too.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const FileText& file, Reporter& report) : text_(file.text), source_(file.source), report_(report) {}

  Tree take() { return std::move(root_); }
  /// The innermost '[' or '{' that is still open.
  std::optional<Origin> open_bracket() const {
    if (levels_.empty() || !levels_.back().flow) return std::nullopt;
    return levels_.back().tree.at;
  }

  /// The quote before the last value, when its end stands in a later line.
  std::optional<Origin> quote_over_lines() const { return quote_over_lines_; }

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
    check_quote(mark);
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

  /// The parser takes the end of the file for a quote's end.
  void check_quote(const YAML::Mark& mark) {
    quote_over_lines_.reset();
    const auto start = static_cast<std::size_t>(mark.pos);
    const char quote = start < text_.size() ? text_[start] : '\0';
    if (quote != '"' && quote != '\'') return;
    std::size_t end = start + 1;
    const auto stays_open = [&] {  // a character, an escape, or '' within single quotes
      if (text_[end] != quote) return true;
      return quote == '\'' && end + 1 < text_.size() && text_[end + 1] == quote;
    };
    while (end < text_.size() && stays_open())
      end += text_[end] == quote || (quote == '"' && text_[end] == '\\') ? 2 : 1;
    if (end >= text_.size()) {
      report_.error(at(mark), "this quote is not closed");
      throw GiveUp{};
    }
    if (text_.substr(start, end - start).find('\n') != std::string::npos) quote_over_lines_ = at(mark);
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

  const std::string& text_;
  SourcePtr source_;
  Reporter& report_;
  std::optional<Origin> quote_over_lines_;
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

/// The column of the first tab in a line's indentation, or 0.
int tab_in_indentation(const std::string& line) {
  const std::size_t tab = line.substr(0, line.find_first_not_of(" \t")).find('\t');
  return tab == std::string::npos ? 0 : static_cast<int>(tab) + 1;
}

/// "{a:{b: c}}": YAML takes "a:{b" for a name.
bool colon_lacks_its_blank(const Origin& at) {
  const std::string& line = at.source_line();
  const auto column = static_cast<std::size_t>(std::max(at.column, 1));
  return column >= 2 && column <= line.size() && line[column - 2] == ':' &&
         std::string_view("{[").find(line[column - 1]) != std::string_view::npos;
}

/// Where the parser gave up; at its end for a file that is not finished.
Origin origin_of(const YAML::Exception& e, const FileText& file) {
  Origin at{file.source, 0, 0};
  if (e.mark.is_null()) return at;
  const int last = static_cast<int>(file.source->lines.size());
  at.line = std::min(e.mark.line + 1, last);
  at.column = e.mark.line + 1 > last ? static_cast<int>(at.source_line().size()) + 1 : e.mark.column + 1;
  if (file.source->from_command_line)
    at.column = std::max(at.column, static_cast<int>(file.text.find_first_not_of(' ')) + 1);
  return at;
}

void report_syntax(const YAML::Exception& e, const FileText& file, const TreeBuilder& builder, Reporter& report) {
  Origin at = origin_of(e, file);
  const std::string there = "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
  if (const int tab = tab_in_indentation(at.source_line())) {
    at.column = tab;
    report.error(at, "a tab in the indentation", "indent with spaces");
  } else if (colon_lacks_its_blank(at)) {
    report.error(at, "a blank is missing behind the colon");
  } else if (const auto quote = builder.quote_over_lines()) {
    report.error(*quote, "this quote is not closed in its line, and what stands behind its end does not fit: " + there);
  } else if (const auto bracket = builder.open_bracket()) {
    const std::string character = bracket->source_line().substr(static_cast<std::size_t>(bracket->column) - 1, 1);
    const bool at_end = e.mark.is_null() || static_cast<std::size_t>(e.mark.pos) >= file.text.size();
    const bool later = !at_end && std::pair(at.line, at.column) > std::pair(bracket->line, bracket->column);
    report.error(*bracket,
                 "'" + character + "' is not closed" + (later ? ", or a comma is missing before " + there : ""));
  } else {
    YamlWords words = in_plain_words(e.msg);
    // Behind another colon the line itself is wrong.
    const std::size_t colon = at.source_line().find(':');
    if (words.line_above && at.line > 1 && static_cast<int>(std::min(colon, at.source_line().size())) + 1 >= at.column)
      words.hint = "perhaps the line above lacks ': '";
    report.error(at, std::move(words.message), std::move(words.hint));
  }
}

}  // namespace

std::optional<Tree> parse_yaml(const FileText& file, Reporter& report) {
  if (!brackets_are_sane(file, report)) return std::nullopt;
  std::istringstream in(file.text + '\n');  // a text that ends within quotes is otherwise an error without a place
  TreeBuilder builder(file, report);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) {
      report.error({file.source, 0, 0}, "the file holds no YAML value");
      return std::nullopt;
    }
    Tree tree = builder.take();
    TreeBuilder second(file, report);
    if (parser.HandleNextDocument(second)) {
      report.error(second.take().at, "a second document: a file holds one");
      return std::nullopt;
    }
    return tree;
  } catch (const YAML::Exception& e) {
    report_syntax(e, file, builder, report);
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
