#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/describe.hpp"
#include "config/source.hpp"
#include "dfpipe/node.hpp"

namespace dfpipe::cli {
namespace {

struct InspectCommand {
  std::string type;
  bool json = false;
  bool markdown = false;
  std::filesystem::path pages;
  std::filesystem::path command_pages;
};

std::vector<Described> describe_all(const registry::Registry& registry) {
  std::vector<Described> all;
  for (const auto& [name, type] : registry.nodes()) all.push_back(describe(type));
  for (const auto& [name, kind] : registry.resources()) all.push_back(describe(kind));
  for (const auto& [name, kind] : registry.commands()) all.push_back(describe(kind));
  return all;
}

/// A resource may have the name of a node type; its page then needs another one.
std::string page_name(const Described& d) {
  std::string name = d.type + (kind_of(d) == "resource" ? "-resource.md" : ".md");
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string first_sentence(const std::string& about) {
  const std::size_t end = about.find(". ");
  return end == std::string::npos ? about : about.substr(0, end + 1);
}

/// "(resource) ", for what is no node type.
std::string kind_mark(const Described& d) { return d.node ? "" : "(" + kind_of(d) + ") "; }

/// `heading` is the index page's beginning.
void write_pages(const std::vector<Described>& all, const std::filesystem::path& folder, const std::string& heading) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw std::runtime_error(folder.string() + ": cannot be made: " + failed.message());
  std::string index = heading + " | plugin | |\n|---|---|---|\n";
  for (const Described& d : all) {
    write_file(folder / page_name(d), describe_markdown(d));
    index += "| [" + d.type + "](" + page_name(d) + ")" + (kind_of(d) == "resource" ? " (resource)" : "") + " | " +
             d.plugin + " | " + first_sentence(d.about) + " |\n";
  }
  write_file(folder / "index.md", index);
}

void write_all_pages(const InspectCommand& command, std::vector<Described> all) {
  const auto commands = std::stable_partition(all.begin(), all.end(), [](const Described& d) { return !d.command; });
  if (!command.pages.empty())
    write_pages({all.begin(), commands}, command.pages,
                "# Nodes and resources\n\nMade from the descriptors by `dfpipe inspect --pages DIR`.\n\n| type");
  if (!command.command_pages.empty())
    write_pages({commands, all.end()}, command.command_pages,
                "# Commands of plugins\n\nMade from the descriptors by `dfpipe inspect --command-pages DIR`. `dfpipe "
                "--help` tells of the others.\n\n| command");
}

/// "; did you mean …", for a word that is nearly a type, or a piece of some.
std::string like(const std::string& word, const std::vector<Described>& all) {
  std::vector<std::string> names;
  std::string holding;
  for (const Described& d : all) {
    names.push_back(d.type);
    if (d.type.find(word) != std::string::npos) holding += (holding.empty() ? "" : ", ") + d.type;
  }
  if (!holding.empty()) return "; there are: " + holding;
  const std::string hint = config::suggestion(word, names);
  return hint.empty() ? "; dfpipe inspect lists them" : "; " + hint;
}

int inspect(const InspectCommand& command, const registry::Registry& registry) {
  std::vector<Described> all = describe_all(registry);
  if (!command.pages.empty() || !command.command_pages.empty()) {
    write_all_pages(command, std::move(all));
    return 0;
  }
  if (!command.type.empty()) {
    std::erase_if(all, [&](const Described& d) { return d.type != command.type; });
    if (all.empty()) {
      log(LogLevel::error,
          "no node type, resource or command '" + command.type + "'" + like(command.type, describe_all(registry)));
      return exit_usage;
    }
  }
  if (command.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Described& d : all) list.push_back(plan::descriptor_json(d));
    print(list.dump(2));
  } else if (!command.type.empty()) {
    for (const Described& d : all) print(command.markdown ? describe_markdown(d) : describe_text(d));
  } else {
    std::size_t width = 0;
    for (const Described& d : all) width = std::max(width, d.type.size());
    std::string text;
    for (const Described& d : all)
      text += d.type + std::string(width - d.type.size() + 2, ' ') + kind_mark(d) +
              d.about.substr(0, d.about.find(". ")) + "\n";
    print(text);
  }
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Application& application) {
  auto command = std::make_shared<InspectCommand>();
  CLI::App* sub = app.add_subcommand("inspect", "list the node types and the plugins' commands, or tell all about one");
  sub->add_option("type", command->type, "a node type, a resource, or a plugin's command in quotes")->type_name("TYPE");
  sub->add_flag("--json", command->json, "as JSON");
  sub->add_flag("--markdown", command->markdown, "as a reference page");
  sub->add_option("--pages", command->pages, "write one reference page per type into a folder")->type_name("DIR");
  sub->add_option("--command-pages", command->command_pages, "the same for the plugins' commands")->type_name("DIR");
  sub->footer("Examples:\n  dfpipe inspect\n  dfpipe inspect face-crop\n  dfpipe inspect --json");
  sub->callback([command, &application] {
    application.action = [command, &application] { return inspect(*command, application.registry()); };
  });
}

}  // namespace dfpipe::cli
