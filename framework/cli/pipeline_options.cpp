#include <charconv>

#include "cli/commands.hpp"
#include "config/diagnostics.hpp"
#include "config/paths.hpp"
#include "dfpipe/node.hpp"
#include "observe/terminal.hpp"

namespace dfpipe::cli {

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  const auto check = [least, most](const std::string& text) -> std::string {
    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return {};
    return "'" + text + "' is no whole number from " + std::to_string(least) + " to " + std::to_string(most);
  };
  return CLI::Validator(check, "");
}

void PipelineOptions::add_to(CLI::App& command) {
  command.add_option("file", request.file, "the pipeline file")->required()->type_name("FILE");
  command.add_option("--set", request.set, "param=value or node.param=value (repeatable)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--seed", request.seed, "seed of all random numbers")->check(whole_number())->type_name("N");
  command.add_flag("--deterministic", request.deterministic, "the same bytes for any number of threads");
}

std::optional<plan::Plan> load_plan(const PipelineOptions& options, const registry::Registry& registry) {
  const auto root = config::absolute_path(config::project_root(options.request.file) / ".").string();
  log(LogLevel::debug, "relative paths of " + options.request.file.string() + " belong to " + root);
  config::Diagnostics diagnostics;
  std::optional<plan::Plan> plan = plan::make_plan(options.request, registry, diagnostics);
  if (!diagnostics.all().empty()) {
    std::string text = diagnostics.text();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    observe::Terminal::instance().line(text);
  }
  return plan;
}

}  // namespace dfpipe::cli
