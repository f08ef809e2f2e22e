#include <cmath>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.hpp"
#include "cli/signals.hpp"
#include "config/diagnostics.hpp"
#include "config/showable.hpp"
#include "dfpipe/node.hpp"
#include "observe/progress.hpp"
#include "observe/summary.hpp"
#include "observe/terminal.hpp"
#include "observe/trace.hpp"

namespace dfpipe::cli {
namespace {

struct RunCommand {
  PipelineOptions pipeline;
  engine::RunOptions options;
  double stall_seconds = 30;
  std::filesystem::path trace;
  bool json = false;
  bool no_progress = false;
};

/// Says what the run works with: what every score depends on must not go unseen.
void tell_facts(const std::map<std::string, Facts>& all) {
  for (const auto& [name, facts] : all) {
    std::string text;
    for (const auto& [key, value] : facts)
      if (key != "caution")
        text += (text.empty() ? "" : ", ") + key + " " + (key == "sha256" ? value.substr(0, 12) : value);
    log(LogLevel::info, name + ": " + text);
    const auto trained = facts.find("trained");
    if (trained != facts.end() && trained->second == "false")
      log(LogLevel::warning, name + ": the model's weights are UNTRAINED, its scores mean nothing");
    if (const auto caution = facts.find("caution"); caution != facts.end())
      log(LogLevel::warning, name + ": " + caution->second);
  }
}

engine::RunResult run_engine(RunCommand& command, const Application& application, engine::Graph graph,
                             Signals& signals) {
  engine::Engine engine(std::move(graph), command.options);
  engine.on_open(tell_facts);
  engine.on_stall([](const engine::Stall& stall) { log(LogLevel::warning, stall.text); });
  const auto listening = signals.listen(
      [&engine] {
        const std::uint64_t live = engine.snapshot().live;
        log(LogLevel::warning,
            "stopping: finishing " + config::counted(live, "item") + "; once more to discard what is not finished");
        engine.stop();
      },
      [&engine] {
        log(LogLevel::warning, "discarding what is not finished");
        engine.abort();
      });
  std::unique_ptr<observe::Progress> progress;
  if (!application.quiet && !command.no_progress)
    progress = std::make_unique<observe::Progress>([&engine] { return engine.snapshot(); });
  return engine.run();
}

void tell_result(const RunCommand& command, const Application& application, const engine::RunResult& result,
                 int exit_code) {
  if (!result.fatal.empty()) log(LogLevel::error, result.fatal);
  if (command.json)
    print(observe::summary_json(result, exit_code).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  if (command.json) return;
  std::string text = application.quiet ? observe::failures_text(result) : observe::summary_text(result);
  if (text.empty()) return;
  text.pop_back();
  observe::Terminal::instance().line(config::showable(text));
}

void finish_trace(observe::Trace& trace, const std::filesystem::path& file) {
  trace.write();
  if (trace.dropped() > 0)
    log(LogLevel::warning, std::to_string(trace.dropped()) + " slices are not in the trace: it was full");
  log(LogLevel::info, "trace: " + file.string());
}

int run(RunCommand& command, const Application& application) {
  Signals signals;  // before any thread
  const registry::Registry registry = application.registry();
  std::optional<plan::Plan> plan = load_plan(command.pipeline, registry);
  if (!plan) return exit_usage;

  engine::RunOptions& options = command.options;
  options.deterministic = plan->deterministic;
  options.stall_after = std::chrono::milliseconds(static_cast<std::int64_t>(command.stall_seconds * 1000));
  std::optional<observe::Trace> trace;
  try {
    if (!command.trace.empty()) options.tracer = &trace.emplace(command.trace);
  } catch (const std::runtime_error& e) {
    log(LogLevel::error, e.what());
    return exit_usage;
  }
  if (options.threads <= 0) options.threads = engine::available_threads();
  options.device_threads = plan->device_threads.value_or(options.threads);
  using config::counted;
  log(LogLevel::info, command.pipeline.request.file.string() + ": " + counted(plan->graph.nodes.size(), "node") + ", " +
                          counted(static_cast<std::uint64_t>(options.threads), "thread") + ", " +
                          counted(static_cast<std::uint64_t>(options.device_threads), "device thread") + ", " +
                          counted(static_cast<std::uint64_t>(plan->graph.credits), "credit") +
                          (options.deterministic ? ", deterministic" : ""));

  const engine::RunResult result = run_engine(command, application, std::move(plan->graph), signals);
  const int exit_code = observe::counts_agree(result.stats) ? result.exit_code() : exit_failed;
  tell_result(command, application, result, exit_code);
  if (trace) finish_trace(*trace, command.trace);
  return exit_code;
}

}  // namespace

void add_run(CLI::App& app, Application& application) {
  auto command = std::make_shared<RunCommand>();
  CLI::App* sub = app.add_subcommand("run", "run a pipeline");
  command->pipeline.add_to(*sub);
  sub->add_option("--threads", command->options.threads, "workers (default: what affinity and the cgroup allow)")
      ->check(whole_number(1, 1024))
      ->type_name("N");
  sub->add_option("--device-threads", command->pipeline.request.device_threads,
                  "threads inside one model call (default: the file's run.device_threads, else as --threads; 2 when "
                  "deterministic)")
      ->check(whole_number(1, plan::most_device_threads))
      ->type_name("N");
  sub->add_option("--limit", command->options.limit, "stop after so many items")->check(whole_number())->type_name("N");
  sub->add_flag("--resume", command->options.resume, "go on behind what is there already");
  sub->add_flag("--retry-errors", command->options.retry_errors, "with --resume: make failed items again");
  sub->add_option("--trace", command->trace, "write a trace for chrome://tracing or ui.perfetto.dev")
      ->type_name("FILE");
  sub->add_option("--stall-after", command->stall_seconds, "warn when nothing has moved for so long (default: 30)")
      ->check(CLI::Range(0.1, 86400.0).description(""))
      ->check([](const std::string& text) {
        return std::isnan(std::strtod(text.c_str(), nullptr)) ? text + " is no number" : "";
      })
      ->type_name("SECONDS");
  sub->add_flag("--json", command->json, "print a summary as JSON on stdout");
  sub->add_flag("--no-progress", command->no_progress, "no progress bar or lines");
  sub->footer(
      "Examples:\n"
      "  dfpipe run pipelines/predict.yaml --set input=photos --set output=out/photos\n"
      "  dfpipe run pipelines/predict.yaml --set faces.padding=0.3 --set per-face/judge/clip.batch.max=16\n"
      "  dfpipe run pipelines/predict.yaml --resume --retry-errors\n"
      "Ctrl-C once finishes and writes what is under way, twice discards it.");
  sub->callback([command, &application] {
    if (command->options.retry_errors) command->options.resume = true;
    application.action = [command, &application] { return run(*command, application); };
  });
}

}  // namespace dfpipe::cli
