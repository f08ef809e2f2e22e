#include "registry/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "dfpipe/error.hpp"
#include "dfpipe/types/basic.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::registry {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

fs::path module(const std::string& name) { return fs::path(DFPIPE_TEST_MODULES) / name / (name + ".so"); }

std::string refusal(const fs::path& file) {
  Registry registry;
  try {
    registry.load_plugin(file);
  } catch (const PluginError& e) {
    EXPECT_TRUE(registry.nodes().empty()) << "a refused plugin left node types behind";
    EXPECT_TRUE(registry.resources().empty());
    EXPECT_TRUE(registry.thread_hooks().empty());
    return e.what();
  }
  return "no refusal";
}

/// One sentence that names the file.
auto Names(const fs::path& file) { return AllOf(HasSubstr("'" + file.string() + "'"), Not(HasSubstr("\n"))); }

class Scratch : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(DFPIPE_BINARY_DIR) / "tests" / "scratch" / (std::string("registry_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  fs::path folder_;
};

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Registry, TakesEverythingAPluginOffers) {
  Registry registry;
  registry.load_plugin(module("good"));
  ASSERT_NE(registry.node("twice"), nullptr);
  EXPECT_EQ(registry.node("twice")->plugin, module("good"));
  EXPECT_EQ(registry.node("twice")->prototype->info().about, "Doubles a number.");
  EXPECT_EQ(registry.node("twice")->prototype->inputs().at(0).type, "number");
  ASSERT_NE(registry.resource("lamp"), nullptr);
  EXPECT_EQ(registry.resource("lamp")->prototype->params().specs().front().name, "watts");
  EXPECT_EQ(registry.thread_hooks().size(), 1u);
  EXPECT_EQ(registry.node("thrice"), nullptr);
  EXPECT_EQ(registry.resource("twice"), nullptr);
}

TEST(Registry, EveryNodeMadeIsANewOne) {
  Registry registry;
  registry.load_plugin(module("good"));
  const auto first = registry.node("twice")->make();
  const auto second = registry.node("twice")->make();
  EXPECT_NE(first.get(), second.get());
  EXPECT_NE(first.get(), registry.node("twice")->prototype.get());
}

TEST(Registry, AnErrorThrownInsideAPluginIsRecognisedOutside) {
  dfpipe::testing::NodeRunner node("twice", module("good").parent_path());
  EXPECT_EQ(node.in("number", 21.0).run().get<double>("twice"), 42.0);
  node.in("number", -1.0);
  EXPECT_THROW(node.run(), dfpipe::Error);
}

TEST(Registry, AFileReachedByTwoWaysIsLoadedOnce) {
  Registry registry;
  registry.load_folder(module("good").parent_path());
  EXPECT_NO_THROW(registry.load_folder(module("good").parent_path() / "../good"));
  EXPECT_EQ(registry.thread_hooks().size(), 1u);
}

TEST(Registry, RefusesAnotherAbiNumberAndSaysBoth) {
  EXPECT_THAT(refusal(module("wrong_abi")),
              AllOf(Names(module("wrong_abi")), HasSubstr("ABI " + std::to_string(abi_number + 7)),
                    HasSubstr("ABI " + std::to_string(abi_number) + ":")));
}

TEST(Registry, RefusesAnotherFingerprintBeforeAnyOfItsCodeRegisters) {
  EXPECT_THAT(refusal(module("wrong_fingerprint")),
              AllOf(Names(module("wrong_fingerprint")), HasSubstr("gcc-4 cxx199711L abi0"),
                    HasSubstr(build_fingerprint_of_framework())));
}

TEST(Registry, RefusesAPluginThatThrowsWhileRegistering) {
  EXPECT_THAT(refusal(module("throws")), AllOf(Names(module("throws")), HasSubstr("no licence for the magic lantern")));
}

TEST(Registry, RefusesAPluginThatThrowsWhatIsNoStdException) {
  EXPECT_THAT(refusal(module("throws_number")),
              AllOf(Names(module("throws_number")), HasSubstr("something that is not a std::exception")));
}

TEST(Registry, RefusesAPluginWhoseNodeCannotBeMade) {
  EXPECT_THAT(refusal(module("throwing_constructor")),
              AllOf(Names(module("throwing_constructor")), HasSubstr("'fragile'"), HasSubstr("broke in the making")));
}

TEST(Registry, RefusesAPluginThatThrowsWhileLoadingOrDescribingItself) {
  EXPECT_THAT(refusal(module("throwing_static")), AllOf(Names(module("throwing_static")), HasSubstr("no match")));
  EXPECT_THAT(refusal(module("throwing_entry")),
              AllOf(Names(module("throwing_entry")), HasSubstr("the oil is burnt ?[31mdown"), Not(HasSubstr("\x1b"))));
}

TEST(Registry, RefusesDescriptorsThatNobodyCouldUse) {
  const std::map<std::string, std::string> wrong = {{"name_empty", "the node type ''"},
                                                    {"name_path", "the node type 'a b.c/d'"},
                                                    {"name_break", "the node type 'line break'"},
                                                    {"two_inputs", "two inputs 'same'"},
                                                    {"two_outputs", "two outputs 'same'"},
                                                    {"two_params", "two parameters 'same'"},
                                                    {"wrong_default", "default of 'share' that is not allowed: 2 is"}};
  for (const auto& [name, sentence] : wrong)
    EXPECT_THAT(refusal(module(name)), AllOf(Names(module(name)), HasSubstr(sentence)));
}

TEST(Registry, RefusesALibraryThatIsNoPlugin) {
  EXPECT_THAT(refusal(module("no_entry")), AllOf(Names(module("no_entry")), HasSubstr("dfpipe_plugin_entry")));
}

TEST(Registry, RefusesAPluginThatDoesNotDescribeItself) {
  EXPECT_THAT(refusal(module("null_info")), AllOf(Names(module("null_info")), HasSubstr("null pointer")));
}

TEST(Registry, RefusesAPluginWithAnUnresolvedSymbolAndNamesIt) {
  EXPECT_THAT(refusal(module("unresolved")),
              AllOf(Names(module("unresolved")), HasSubstr("defined_in_a_library_that_was_not_linked")));
}

TEST(Registry, NamesBothFilesThatOfferTheSameType) {
  Registry registry;
  registry.load_plugin(module("good"));
  try {
    registry.load_plugin(module("same_type"));
    FAIL() << "the second plugin was taken";
  } catch (const PluginError& e) {
    EXPECT_THAT(e.what(), AllOf(Names(module("good")), Names(module("same_type")), HasSubstr("node type 'twice'")));
  }
  EXPECT_EQ(registry.node("only-here"), nullptr) << "the refused plugin's other types stayed";
  EXPECT_EQ(registry.node("twice")->plugin, module("good"));
}

TEST(Registry, RefusesAPluginThatOffersATypeTwice) {
  EXPECT_THAT(refusal(module("type_twice")), AllOf(Names(module("type_twice")), HasSubstr("'same' twice")));
}

TEST(Registry, AFailedLoadCanBeRepeatedWithTheSameSentence) {
  EXPECT_EQ(refusal(module("throws")), refusal(module("throws")));
}

TEST_F(Scratch, RefusesATextFileWithThePluginsEnding) {
  const fs::path file = write("x.so", "INPUT(libfoo.so)\n");
  EXPECT_THAT(refusal(file), AllOf(Names(file), HasSubstr("is not a shared library")));
}

TEST_F(Scratch, RefusesAnEmptyFile) {
  const fs::path file = write("empty.so", "");
  EXPECT_THAT(refusal(file), AllOf(Names(file), HasSubstr("is not a shared library")));
}

TEST_F(Scratch, RefusesAPluginCutAnywhereWithoutDying) {
  const std::string whole = content_of(module("good"));
  ASSERT_GT(whole.size(), 4096u);
  std::vector<std::size_t> lengths{4, 15, 16, 17, 40, 63, 64, 65, 200, whole.size() - 1};
  for (std::size_t part = 1; part < 24; ++part) lengths.push_back(whole.size() * part / 24);
  for (const std::size_t length : lengths) {
    const fs::path file = write("cut.so", whole.substr(0, length));
    EXPECT_THAT(refusal(file), Names(file)) << "cut after " << length << " of " << whole.size() << " bytes";
  }
}

TEST_F(Scratch, RefusesAProgramCalledLikeAPlugin) {
  std::string header = content_of(module("good")).substr(0, 64);
  header[16] = 2;  // e_type: ET_EXEC
  const fs::path file = write("program.so", header);
  EXPECT_THAT(refusal(file), AllOf(Names(file), HasSubstr("no shared library")));
}

TEST_F(Scratch, RefusesAPluginOfAnotherProcessor) {
  std::string whole = content_of(module("good"));
  whole[18] = static_cast<char>(0x7F);  // e_machine
  const fs::path file = write("foreign.so", whole);
  EXPECT_THAT(refusal(file), AllOf(Names(file), HasSubstr("another processor")));
}

TEST_F(Scratch, RefusesABrokenLinkAndAFolderCalledLikeAPlugin) {
  fs::create_symlink("nowhere.so", folder_ / "link.so");
  EXPECT_THAT(refusal(folder_ / "link.so"), HasSubstr("does not exist"));
  fs::create_directory(folder_ / "folder.so");
  EXPECT_THAT(refusal(folder_ / "folder.so"), HasSubstr("is not a file"));
}

TEST_F(Scratch, SaysThatAFolderIsMissing) {
  Registry registry;
  try {
    registry.load_folder(folder_ / "no-such");
    FAIL() << "a missing folder was accepted";
  } catch (const PluginError& e) {
    EXPECT_THAT(e.what(), AllOf(Names(folder_ / "no-such"), HasSubstr("does not exist")));
  }
  write("file", "");
  EXPECT_THROW(registry.load_folder(folder_ / "file"), PluginError);
}

TEST_F(Scratch, PassesOverFilesThatAreNotCalledPlugins) {
  fs::copy(module("good"), folder_ / "good.so");
  write("readme.txt", "not a plugin");
  write("libhelper.so.1", "not a plugin either");
  Registry registry;
  EXPECT_NO_THROW(registry.load_folder(folder_));
  EXPECT_NE(registry.node("twice"), nullptr);
}

TEST(SearchPath, PutsTheBuiltInFolderFirstThenTheVariableThenTheCommandLine) {
  setenv("DFPIPE_PLUGIN_PATH", "/first:/second::/third:", 1);
  const auto path = search_path({"/last"});
  unsetenv("DFPIPE_PLUGIN_PATH");
  EXPECT_THAT(path, ElementsAre(fs::path(DFPIPE_BUILT_PLUGINS), "/first", "/second", "/third", "/last"));
}

TEST(SearchPath, IsTheBuiltInFolderWhenNothingElseIsSaid) {
  unsetenv("DFPIPE_PLUGIN_PATH");
  EXPECT_THAT(search_path({}), ElementsAre(fs::path(DFPIPE_BUILT_PLUGINS)));
}

}  // namespace
}  // namespace dfpipe::registry
