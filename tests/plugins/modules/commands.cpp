#include <chrono>
#include <stdexcept>
#include <thread>

#include "dfpipe/error.hpp"
#include "dfpipe/plugin.hpp"

namespace {

/// Prints what it was given.
class Show : public dfpipe::Command {
  struct Params : dfpipe::ParamSet {
    const std::filesystem::path& dir = path("dir", {}, {.about = "what to show", .required = true, .positional = true});
    const std::string& label =
        choice("label", "plain", {.about = "how", .choices = {"plain", "fancy"}, .positional = true});
    const std::int64_t& watts = integer("lamp_watts", 40, {.about = "how bright", .unit = "W", .min = 1, .max = 100});
    const double& ratio = real("ratio", 0.5, {.about = "a share"});
    const std::vector<double>& batch = reals("batch", {1, 2}, {.about = "sizes", .min = 1, .max = 64});
    const std::vector<std::string>& tags = texts("tags", {}, {.about = "words"});
    const std::string& title = text("title", "", {.about = "any text"});
    const std::filesystem::path& output = path("output", {}, {.about = "where to", .output = true});
    const bool& loud = boolean("loud", false, {.about = "shout"});
    const bool& check = boolean("check", true, {.about = "look twice"});
  } params_;

 public:
  Show()
      : Command({.about = "Shows what it was given. Nothing else.", .example = "dfpipe show all here --loud"},
                &params_) {}
  int run(dfpipe::Console& console) override {
    std::string text = params_.dir.string() + "|" + params_.label + "|" + std::to_string(params_.watts) + "|" +
                       std::to_string(params_.ratio) + "|";
    for (const double b : params_.batch) text += std::to_string(static_cast<int>(b)) + ";";
    text += "|";
    for (const std::string& t : params_.tags) text += t + ";";
    text += "|" + params_.title + "|" + params_.output.string() + "|";
    console.progress("working" + std::string(200, '.'));
    console.print(text + (params_.loud ? "loud" : "quiet") + "|" + (params_.check ? "checked" : "unchecked"));
    console.print(console.terminal() ? "terminal" : "no terminal");
    return 0;
  }
};

/// Joins its arguments.
class Join : public dfpipe::Command {
  struct Params : dfpipe::ParamSet {
    const std::vector<std::string>& words =
        texts("words", {}, {.about = "what is joined", .required = true, .positional = true});
  } params_;

 public:
  Join() : Command({.about = "Joins words."}, &params_) {}
  int run(dfpipe::Console& console) override {
    std::string all;
    for (const std::string& w : params_.words) all += "<" + w + ">";
    console.print(all);
    return 0;
  }
};

class Code : public dfpipe::Command {
  struct Params : dfpipe::ParamSet {
    const std::int64_t& code = integer("code", 0, {.about = "the code", .required = true});
  } params_;

 public:
  Code() : Command({.about = "Ends with the code it is told."}, &params_) {}
  int run(dfpipe::Console&) override { return static_cast<int>(params_.code); }
};

class Throw : public dfpipe::Command {
  struct Params : dfpipe::ParamSet {
    const std::string& what = choice("what", "error",
                                     {.about = "what is thrown",
                                      .choices = {"error", "usage", "fatal", "memory", "number", "nothing", "lines"},
                                      .positional = true});
  } params_;

 public:
  Throw() : Command({.about = "Throws."}, &params_) {}
  int run(dfpipe::Console&) override {
    if (params_.what == "error") throw dfpipe::Error("the wick is wet");
    if (params_.what == "usage") throw dfpipe::Error("give --oil or --gas", "usage");
    if (params_.what == "fatal") throw dfpipe::Fatal("the lamp is gone");
    if (params_.what == "memory") throw std::bad_alloc();
    if (params_.what == "nothing") throw std::runtime_error("");
    if (params_.what == "lines") throw std::runtime_error("one\ntwo \x1b[31mthree");
    throw 42;
  }
};

/// Waits until it is stopped, or for half a minute.
class Wait : public dfpipe::Command {
  struct Params : dfpipe::ParamSet {
    const bool& stubborn = boolean("stubborn", false, {.about = "do not listen"});
    const bool& finish = boolean("finish", false, {.about = "end well when stopped"});
  } params_;

 public:
  Wait() : Command({.about = "Waits to be stopped."}, &params_) {}
  int run(dfpipe::Console& console) override {
    console.print("waiting");
    const std::stop_token stop = console.stop();
    for (int i = 0; i < 3000 && (params_.stubborn || !stop.stop_requested()); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (params_.finish) return 0;
    throw dfpipe::Error("stopped before the end");
  }
};

class Bare : public dfpipe::Command {
 public:
  Bare() : Command({.about = "Has no parameters."}) {}
  int run(dfpipe::Console& console) override {
    console.print("bare");
    return 0;
  }
};

}  // namespace

DFPIPE_PLUGIN(commands) {
  registrar.command<Show>("show all");
  registrar.command<Join>("show joined");
  registrar.command<Code>("odd code");
  registrar.command<Throw>("odd throw");
  registrar.command<Wait>("odd wait");
  registrar.command<Bare>("bare");
}
