#include "config/settings.hpp"

#include "config/yaml_reader.hpp"

namespace dfpipe::config {
namespace {

std::optional<Setting> read_setting(const std::string& argument, Reporter& report) {
  const SourcePtr source = command_line_source(argument);
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    report.error({source, 0, 1}, "--set wants name=value", "for example --set padding=0.3 or --set node.padding=0.3");
    return std::nullopt;
  }
  Setting setting;
  for (std::size_t start = 0; start <= equals;) {
    const std::size_t end = std::min(argument.find_first_of("./", start), equals);
    const Origin at{source, 0, static_cast<int>(start) + 1};
    if (end == start) {
      report.error(at, "a name is missing before '" + std::string(1, argument[end]) + "'");
      return std::nullopt;
    }
    setting.path.push_back(argument.substr(start, end - start));
    setting.places.push_back(at);
    start = end + 1;
  }
  const std::string text = argument.substr(equals + 1);
  const Origin at{source, 0, static_cast<int>(equals) + 2};
  setting.value = Tree::scalar(text, at);
  if (text.starts_with('[') || text.starts_with('{')) {
    // The blanks in front keep the columns those of the argument.
    auto parsed = parse_yaml({source, std::string(equals + 1, ' ') + text}, report);
    if (!parsed) return std::nullopt;
    setting.value = std::move(*parsed);
  }
  return setting;
}

}  // namespace

std::vector<Setting> read_settings(const std::vector<std::string>& arguments, Reporter& report) {
  std::vector<Setting> settings;
  for (const std::string& argument : arguments)
    if (auto setting = read_setting(argument, report)) settings.push_back(std::move(*setting));
  return settings;
}

}  // namespace dfpipe::config
