#include <fstream>

#include "cli/commands.hpp"
#include "config/diagnostics.hpp"

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
      print(text);
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
    plan::GraphFormat format = plan::GraphFormat::dot;
    std::filesystem::path output;
  };
  auto command = std::make_shared<GraphCommand>();
  CLI::App* sub = app.add_subcommand("graph", "draw a pipeline");
  command->pipeline.add_to(*sub);
  static const std::map<std::string, plan::GraphFormat> formats = {
      {"dot", plan::GraphFormat::dot}, {"mermaid", plan::GraphFormat::mermaid}, {"json", plan::GraphFormat::json}};
  sub->add_option("--format", command->format, "dot, mermaid or json")
      ->transform(CLI::CheckedTransformer(formats))
      ->default_str("dot");
  sub->add_option("-o,--output", command->output, "write into a file instead of stdout")->type_name("FILE");
  sub->footer("Example:\n  dfpipe graph pipelines/predict.yaml --format mermaid");
  sub->callback([command, &application] {
    application.action = [command, &application] {
      const auto plan = load_plan(command->pipeline, application.registry());
      if (!plan) return exit_usage;
      const std::string drawing = plan::draw(plan->graph, command->format);
      if (command->output.empty()) {
        print(drawing);
        return 0;
      }
      std::ofstream out(command->output);
      out << drawing;
      out.close();
      if (!out) throw std::runtime_error(command->output.string() + ": cannot be written");
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
