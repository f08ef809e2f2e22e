#include <map>
#include <set>

#include "cli/commands.hpp"
#include "config/diagnostics.hpp"
#include "config/showable.hpp"

/// The commands that read a pipeline file and run nothing.
namespace dfpipe::cli {

void add_validate(CLI::App& app, Application& application) {
  auto options = std::make_shared<PipelineOptions>();
  CLI::App* sub = app.add_subcommand("validate", "check a pipeline file and say what it needs");
  options->add_to(*sub);
  sub->footer("Example:\n  dfpipe validate pipelines/predict.yaml --set faces.padding=0.3");
  sub->callback([options, &application] {
    application.action = [options, &application] {
      const auto plan = load_plan(*options, application.registry());
      if (!plan) return exit_usage;
      std::string text =
          options->request.file.string() + ": good, " + config::counted(plan->graph.nodes.size(), "node") + "\n";
      for (const std::string& note : plan->notes) text += "  " + note + "\n";
      print(config::showable(text));
      return 0;
    };
  });
}

void add_explain(CLI::App& app, Application& application) {
  auto options = std::make_shared<PipelineOptions>();
  CLI::App* sub = app.add_subcommand("explain", "print the resolved file with the origin of each value");
  options->add_to(*sub);
  sub->footer("Example:\n  dfpipe explain pipelines/predict.yaml --set model=models/demo");
  sub->callback([options, &application] {
    application.action = [options, &application] {
      const auto plan = load_plan(*options, application.registry());
      if (!plan) return exit_usage;
      print(plan->explained);
      return 0;
    };
  });
}

void add_graph(CLI::App& app, Application& application) {
  struct GraphCommand {
    PipelineOptions pipeline;
    std::string format = "dot";
    std::filesystem::path output;
  };
  auto command = std::make_shared<GraphCommand>();
  CLI::App* sub = app.add_subcommand("graph", "draw a pipeline");
  command->pipeline.add_to(*sub);
  static const std::map<std::string, plan::GraphFormat> formats = {
      {"dot", plan::GraphFormat::dot}, {"mermaid", plan::GraphFormat::mermaid}, {"json", plan::GraphFormat::json}};
  std::set<std::string> names;
  for (const auto& [name, format] : formats) names.insert(name);
  sub->add_option("--format", command->format, "what to write (default: dot)")
      ->transform(CLI::IsMember(names, CLI::ignore_case))
      ->type_name("FORMAT");
  sub->add_option("-o,--output", command->output, "write into a file instead of stdout")->type_name("FILE");
  sub->footer("Example:\n  dfpipe graph pipelines/predict.yaml --format mermaid");
  sub->callback([command, &application] {
    application.action = [command, &application] {
      const auto plan = load_plan(command->pipeline, application.registry());
      if (!plan) return exit_usage;
      const std::string drawing = plan::draw(plan->graph, formats.at(command->format));
      if (command->output.empty()) {
        print(drawing);
        return 0;
      }
      write_file(command->output, drawing);
      return 0;
    };
  });
}

void add_schema(CLI::App& app, Application& application) {
  CLI::App* sub = app.add_subcommand("schema", "print the JSON Schema of pipeline files, for editors");
  sub->footer("Example:\n  dfpipe schema > pipeline.schema.json");
  sub->callback([&application] {
    application.action = [&application] {
      print(plan::schema(application.registry()));
      return 0;
    };
  });
}

}  // namespace dfpipe::cli
