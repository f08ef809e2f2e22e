#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "testing/process.hpp"

namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;

const fs::path source = DFPIPE_SOURCE_DIR;

/// Small labelled data sets made of the samples, as folders: data/faces to be tested on, data/ds1 and data/ds2 to be
/// trained on.
void write_data_sets(const fs::path& home) {
  std::map<bool, int> numbers;
  for (const auto& entry : fs::directory_iterator(source / "pipelines/samples")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".jpg") continue;
    const bool fake = name.starts_with("fake");
    const std::string label = fake ? "Fake" : "Real";
    const int number = numbers[fake]++;
    const std::string trained_on = number < 2 ? "ds1" : "ds2";
    for (const std::string folder : {"data/faces/" + std::string(number % 2 ? "Test/" : "Train/") + label,
                                     "data/" + trained_on + (number % 2 ? "/Validation/" : "/Train/") + label}) {
      fs::create_directories(home / folder);
      fs::copy_file(entry.path(), home / folder / name);
    }
  }
}

/// The commands of a page: lines of its ```sh blocks that start with "dfpipe ", a trailing backslash joins two lines.
std::vector<std::string> commands(const fs::path& page) {
  std::vector<std::string> found;
  bool inside = false;
  std::string joined;
  for (const std::string& line : read_lines(page)) {
    if (line.starts_with("```")) inside = !inside && line == "```sh";
    if (!inside) continue;
    joined += line;
    if (!joined.empty() && joined.back() == '\\') {
      joined.pop_back();
      continue;
    }
    if (joined.starts_with("dfpipe ")) found.push_back(joined);
    joined.clear();
  }
  return found;
}

TEST(Docs, EveryCommandOfTheReadmeAndTheRulesWorks) {
  const ScratchFolder home;
  for (const char* folder : {"pipelines", "models"}) fs::create_directory_symlink(source / folder, home / folder);
  fs::create_directory_symlink(source / "pipelines/samples", home / "photos");
  write_data_sets(home.path());
  std::size_t count = 0;
  std::vector<fs::path> pages = {source / "README.md"};
  for (const auto& entry : fs::directory_iterator(source / "framework/docs"))
    // The tutorial's commands are run by a test of their own, which builds its plugin first, and so are the server's,
    // which do not end by themselves.
    if (entry.path().extension() == ".md" && entry.path().filename() != "plugin-tutorial.md" &&
        entry.path().filename() != "server.md")
      pages.push_back(entry.path());
  for (const fs::path& page : pages)
    for (const std::string& command : commands(page)) {
      ++count;
      const Finished f =
          run_process({"bash", "-c", "dfpipe() { \"$DFPIPE\" \"$@\"; }; " + command},
                      {.env = {{"DFPIPE", DFPIPE_BINARY}}, .cwd = home.path(), .limit = std::chrono::seconds(120)});
      EXPECT_EQ(f.exit_code, 0) << page.filename() << ": " << command << "\n" << f.err;
    }
  EXPECT_GE(count, 10u);
}

/// A server started in a block runs on a free port, which the block's curl is told, until the block ends.
TEST(Docs, TheCommandsOfTheServersPageWork) {
  if (run_process({"curl", "--version"}).exit_code != 0) GTEST_SKIP() << "there is no curl";
  const ScratchFolder home;
  for (const char* folder : {"pipelines", "models"}) fs::create_directory_symlink(source / folder, home / folder);
  fs::create_directory_symlink(source / "pipelines/samples", home / "photos");
  const std::string page = read_text(source / "framework/docs/server.md");
  const std::size_t begin = page.find("```sh\n") + 6;
  const std::string block = page.substr(begin, page.find("```", begin) - begin);
  const std::string script = R"sh(set -e
serve() { exec "$DFPIPE" "$@" --set port=0 2> said; }
dfpipe() { serve "$@"; }
port() { sed -n 's|.*url http://[^ ]*:\([0-9]*\)/.*|\1|p' said; }
curl() {
  for try in $(seq 600); do [ -n "$(port)" ] && command curl -fs "http://127.0.0.1:$(port)/readyz" > ready && break; sleep 0.1; done
  command curl "${@//127.0.0.1:5001/127.0.0.1:$(port)}" > answer
  test -s answer
  echo "answered $(wc -c < answer)"
}
)sh" + block + "kill %1\nwait %1\n";
  const Finished f =
      run_process({"bash", "-c", script},
                  {.env = {{"DFPIPE", DFPIPE_BINARY}}, .cwd = home.path(), .limit = std::chrono::seconds(120)});
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err << read_text(home / "said");
  EXPECT_EQ(std::ranges::count(f.out, '\n'), std::ranges::count(block, '\n') - 1) << f.out;
}

TEST(Docs, ThePythonOfTheFeaturesPageReadsWhatTheRunWrites) {
  if (run_process({"python3", "-c", ""}).exit_code != 0) GTEST_SKIP() << "there is no python3";
  const std::string page = read_text(source / "framework/docs/features.md");
  const std::size_t begin = page.find("```python\n") + 10;
  const std::string program = page.substr(begin, page.find("```", begin) - begin);
  const ScratchFolder home;
  ASSERT_EQ(run_process({DFPIPE_BINARY, "run", "pipelines/features.yaml", "--set",
                         "output=" + (home / "out/features.safetensors").string()},
                        {.cwd = source})
                .exit_code,
            0);
  const Finished f = run_process({"python3", "-c", program}, {.cwd = home.path()});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, ::testing::HasSubstr("face 0 of "));
  EXPECT_EQ(std::ranges::count(f.out, '\n'), 9) << "the samples have nine faces";
}

/// `option` of `dfpipe inspect` writes the pages that are kept in the folder.
void expect_generated(const std::string& option, const std::string& folder) {
  const ScratchFolder fresh;
  ASSERT_EQ(run_process({DFPIPE_BINARY, "inspect", option, (fresh / "pages").string()}).exit_code, 0);
  std::size_t pages = 0;
  for (const auto& entry : fs::directory_iterator(fresh / "pages")) {
    ++pages;
    EXPECT_EQ(read_text(source / folder / entry.path().filename()), read_text(entry.path()))
        << "run: dfpipe inspect " << option << " " << folder;
  }
  const fs::directory_iterator kept(source / folder);
  EXPECT_EQ(static_cast<std::size_t>(std::distance(kept, fs::directory_iterator())), pages);
}

TEST(Docs, TheNodePagesAreMadeFromTheDescriptors) { expect_generated("--pages", "framework/docs/nodes"); }
TEST(Docs, TheCommandPagesAreMadeFromTheDescriptors) { expect_generated("--command-pages", "framework/docs/commands"); }

TEST(Docs, TheReadmesPictureIsTheGraph) {
  const Finished f =
      run_process({DFPIPE_BINARY, "graph", "pipelines/predict.yaml", "--format", "mermaid"}, {.cwd = source});
  EXPECT_THAT(read_text(source / "README.md"), ::testing::HasSubstr(f.out))
      << "run: dfpipe graph pipelines/predict.yaml --format mermaid";
}

TEST(Docs, TheReadmesRunAndItsLineAreReal) {
  const ScratchFolder out;
  const Finished f = run_process(
      {DFPIPE_BINARY, "run", "pipelines/predict.yaml", "--set", "output=" + out.path().string()}, {.cwd = source});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const std::string text = read_text(source / "README.md");
  const std::size_t told = f.err.find("detector: ");
  const std::string model = f.err.substr(told, f.err.find('\n', told) - told);
  EXPECT_THAT(text, ::testing::HasSubstr(model));
  const std::size_t begin = text.find("```json\n") + 8;
  auto shown = nlohmann::json::parse(text.substr(begin, text.find("```", begin) - begin));
  auto real = nlohmann::json::parse(read_lines(out / "predictions.jsonl").at(shown.at("index")));
  for (auto* line : {&shown, &real})
    for (auto& face : line->at("faces"))
      for (const char* score : {"probability", "detector_score"})
        face[score] = std::round(face[score].get<double>() * 1e4);
  EXPECT_EQ(shown, real);
}

/// "Suite.Name" of every test in the sources.
std::set<std::string> all_tests() {
  const std::regex declaration(R"(^TEST(?:_F)?\((\w+),\s*(\w+)\))");
  std::set<std::string> found;
  for (const char* folder : {"framework", "plugins", "server", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(source / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      for (const std::string& line : read_lines(entry.path()))
        if (std::smatch name; std::regex_search(line, name, declaration)) found.insert(name.str(1) + "." + name.str(2));
    }
  return found;
}

TEST(Docs, EveryTestThatProvesAPromiseExists) {
  const std::set<std::string> tests = all_tests();
  const std::string text = read_text(source / "framework/docs/promises.md");
  const std::regex named(R"(`([A-Z]\w+)\.(\w+|\*)`)");
  std::size_t count = 0;
  for (std::sregex_iterator n(text.begin(), text.end(), named), end; n != end; ++n, ++count) {
    const std::string suite = n->str(1) + ".", name = n->str(2);
    const bool there = name == "*"
                           ? tests.lower_bound(suite) != tests.end() && tests.lower_bound(suite)->starts_with(suite)
                           : tests.contains(suite + name);
    EXPECT_TRUE(there) << suite << name;
  }
  EXPECT_GE(count, 30u);
}

TEST(Docs, EveryLinkOfAPageLeadsToAFile) {
  std::vector<fs::path> pages = {source / "README.md", source / "CHANGELOG.md"};
  for (const auto& entry : fs::recursive_directory_iterator(source / "framework/docs"))
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  for (const fs::path& page : pages) {
    const std::string text = read_text(page);
    for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
      std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
      target = target.substr(0, target.find('#'));
      if (target.empty() || target.find("://") != std::string::npos) continue;
      EXPECT_TRUE(fs::exists(page.parent_path() / target)) << page << " -> " << target;
    }
  }
}

}  // namespace
}  // namespace dfpipe::testing
