#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "registry/option_name.hpp"
#include "registry/registry.hpp"

namespace dfpipe::registry {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

fs::path module(const std::string& name) { return fs::path(DFPIPE_TEST_MODULES) / name / (name + ".so"); }

std::string refusal(Registry& registry, const fs::path& file) {
  const std::size_t before = registry.commands().size();
  try {
    registry.load_plugin(file);
  } catch (const PluginError& e) {
    EXPECT_EQ(registry.commands().size(), before) << "a refused plugin left commands behind";
    return e.what();
  }
  return "no refusal";
}

TEST(CommandRegistry, TakesEveryCommandAPluginOffers) {
  Registry registry;
  registry.load_plugin(module("commands"));
  ASSERT_NE(registry.command("show all"), nullptr);
  EXPECT_EQ(registry.command("show all")->plugin, module("commands"));
  EXPECT_EQ(registry.command("show all")->prototype->info().about, "Shows what it was given. Nothing else.");
  EXPECT_NE(registry.command("bare"), nullptr);
  EXPECT_EQ(registry.command("show"), nullptr);
  EXPECT_EQ(registry.commands().size(), 6u);
}

TEST(CommandRegistry, RefusesDescriptorsThatNobodyCouldUse) {
  const std::map<std::string, std::string> wrong = {
      {"command_name", "the command 'Three little words': a name is one word, or two"},
      {"command_builtin", "'run fast', but 'run' is a command of dfpipe itself"},
      {"command_twice", "'same' twice"},
      {"command_group", "a word is a command or a group of commands, not both"},
      {"command_alike", "their names are too much alike"},
      {"command_silent", "'silent' without a sentence that says what it does"},
      {"command_throws", "cannot make its command 'fragile': broke in the making"},
      {"command_general", "'quiet', but --quiet is an option of every command"},
      {"command_option", "two parameters that are both --dry-run"},
      {"command_hyphen", "'-a' that cannot be an option"},
      {"command_flag", "a boolean 'force' that is positional"},
      {"command_order", "a required positional parameter 'to' behind 'from'"},
      {"command_list", "a positional parameter 'rest' behind the list 'all'"},
      {"command_default", "default of 'n' that is not allowed: 7 is above 3"}};
  for (const auto& [name, sentence] : wrong) {
    Registry registry({"run", "help"});
    EXPECT_THAT(refusal(registry, module(name)),
                AllOf(HasSubstr("'" + module(name).string() + "'"), HasSubstr(sentence), Not(HasSubstr("\n"))));
  }
}

TEST(CommandRegistry, NamesBothPluginsThatOfferTheSameCommand) {
  Registry registry;
  registry.load_plugin(module("command_same"));
  EXPECT_THAT(refusal(registry, module("commands")),
              AllOf(HasSubstr(module("commands").string()), HasSubstr(module("command_same").string()),
                    HasSubstr("'bare'"), HasSubstr("remove one of the two")));
}

TEST(CommandRegistry, APluginMayAddToAGroupOfAnother) {
  Registry registry;
  registry.load_plugin(module("commands"));
  registry.load_plugin(module("command_of_a_group"));
  EXPECT_NE(registry.command("show more"), nullptr);
}

TEST(OptionName, IsWhatOneTypes) {
  struct Params : ParamSet {
    Params() {
      boolean("dry_run", false, {.about = ""});
      boolean("check_twice", true, {.about = ""});
      integer("batch_size", 1, {.about = ""});
      path("model_dir", {}, {.about = "", .positional = true});
    }
  } params;
  std::vector<std::string> names;
  for (const ParamSpec& spec : params.specs()) names.push_back(option_name(spec));
  EXPECT_THAT(names, ::testing::ElementsAre("--dry-run", "--no-check-twice", "--batch-size", "model-dir"));
}

}  // namespace
}  // namespace dfpipe::registry
