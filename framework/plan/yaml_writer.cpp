#include "plan/yaml_writer.hpp"

#include <algorithm>

#include "config/paths.hpp"
#include "config/scalars.hpp"

namespace dfpipe::plan {
namespace {

constexpr std::size_t comment_column = 52;

bool is_plain(std::string_view text) {
  static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  static constexpr std::string_view inside = "0123456789.-()";
  if (text.empty() || letters.find(text.front()) == std::string_view::npos) return false;
  const auto fits = [](char c) {
    return letters.find(c) != std::string_view::npos || inside.find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(text, fits)) return false;
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (std::string_view taken : {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})
    if (lower == taken) return false;
  return true;
}

template <class T, class Write>
std::string flow_list(const std::vector<T>& items, Write&& write) {
  std::string out = "[";
  for (const T& item : items) out += (out.size() > 1 ? ", " : "") + write(item);
  return out + "]";
}

struct ValueWriter {
  bool absolute_paths;
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return config::real_text(v); }
  std::string operator()(const std::string& v) const { return yaml_text(v); }
  std::string operator()(const std::filesystem::path& v) const {
    return yaml_text((absolute_paths ? config::absolute_path(v) : v).string());
  }
  std::string operator()(const std::vector<std::string>& v) const { return flow_list(v, yaml_text); }
  std::string operator()(const std::vector<double>& v) const { return flow_list(v, config::real_text); }
};

}  // namespace

void YamlWriter::open(const std::string& key, const std::string& comment) {
  line(key, "", comment);
  indent_ += 2;
}

void YamlWriter::line(const std::string& key, const std::string& value, const std::string& comment) {
  std::string out = std::string(indent_, ' ') + yaml_name(key) + ":" + (value.empty() ? "" : " ") + value;
  if (comments_ && !comment.empty()) {
    if (out.size() < comment_column) out.resize(comment_column, ' ');
    out += "  # " + comment;
  }
  text_ += out + "\n";
}

std::string yaml_name(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == '"' || text[i] == '\\') {
      out += '\\';
      out += text[i];
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      out += text[i];
    }
  }
  return out + "\"";
}

std::string yaml_text(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) escaped += '$';
    escaped += text[i];
  }
  return yaml_name(escaped);
}

std::string yaml_value(const ParamValue& value, bool absolute_paths) {
  return std::visit(ValueWriter{absolute_paths}, value);
}

}  // namespace dfpipe::plan
