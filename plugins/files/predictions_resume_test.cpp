#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "predictions_testing.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dfpipe;
using namespace dfpipe::files;
using dfpipe::testing::ScratchFolder;
using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PredictionsResume, ResumeGoesOnWithTheFirstRunsRecord) {
  const ScratchFolder folder;
  {
    Sink sink(folder);
    EXPECT_FALSE(sink.resume().has_value()) << "nothing is there yet";
    sink.image(0, {face(0.1)});
    sink.failed(1);
    sink.close(Outcome::stopped);
  }
  fs::resize_file(folder / "predictions.jsonl", fs::file_size(folder / "predictions.jsonl") - 3);
  Sink sink(folder);
  const auto found = sink.resume();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->position, 1u);
  EXPECT_EQ(found->failed, 0u);
  EXPECT_EQ(found->hash, "h");
  EXPECT_EQ(found->source_state, "s");
  sink.image(0, {});  // has it already
  sink.failed(1);
  sink.image(2, {});
  sink.close();
  const auto lines = folder.lines("predictions.jsonl");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(Json::parse(lines[0])["face_count"], 1);
  EXPECT_FALSE(fs::exists(folder / "predictions.prev.jsonl"));
}

TEST(PredictionsResume, RetryErrorsDoesOnlyTheFailedOnesAgain) {
  const ScratchFolder folder;
  {
    Sink sink(folder);
    sink.resume();
    FaceResult half = face(0.4);
    half.problems = {"node 'rollout': no"};
    sink.image(0, {face(0.1)});
    sink.failed(1);
    sink.image(2, {half});
    sink.image(3, {});
    sink.close();
  }
  Sink sink(folder);
  const auto found = sink.resume(true);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->position, 4u);
  EXPECT_THAT(found->missing, ElementsAre(1u, 2u));
  sink.image(1, {face(0.7)});
  sink.image(2, {face(0.8)});
  sink.image(4, {});
  sink.close();
  std::vector<std::string> names;
  for (const std::string& line : folder.lines("predictions.jsonl")) {
    const Json parsed = Json::parse(line);
    EXPECT_FALSE(parsed.contains("error"));
    names.push_back(parsed["file"]);
  }
  EXPECT_THAT(names, ElementsAre("p/0.jpg", "p/1.jpg", "p/2.jpg", "p/3.jpg", "p/4.jpg"));
  EXPECT_THAT(folder.read("predictions.jsonl"), HasSubstr("0.8"));
}

TEST(PredictionsResume, ResumeKnowsOfTheEarlierErrors) {
  const ScratchFolder folder;
  {
    Sink sink(folder);
    sink.image(0, {});
    sink.failed(1);
    sink.failed(2);
    sink.close();
  }
  {
    Sink sink(folder);
    EXPECT_EQ(sink.resume()->failed, 2u);
    sink.close();
  }
  EXPECT_EQ(Sink(folder).resume(true)->failed, 0u) << "they are made again";
}

TEST(PredictionsResume, WithoutItsRecordAResultCannotBeContinued) {
  const ScratchFolder folder;
  folder.write("predictions.jsonl", "{}\n");
  EXPECT_THROW(Sink(folder).resume(), std::runtime_error);
  const auto refusal = [&](const std::string& record) -> std::string {
    folder.write("predictions.run.json", record);
    try {
      Sink(folder).resume();
      return "";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  EXPECT_THAT(refusal(R"({"format":99})"), HasSubstr("was written by another version; run without --resume"));
  for (const char* damaged :
       {"", "{\"form", "[]", "{}", R"({"format":2})", R"({"format":2,"hash":1,"source_state":""})"})
    EXPECT_THAT(refusal(damaged), HasSubstr("predictions.run.json: is damaged; run without --resume")) << damaged;
}

TEST(PredictionsResume, AKillAtAnyMomentLeavesValidFilesAndResumeFinishes) {
  constexpr std::uint64_t images = 400;
  std::uint32_t random = 99;
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    const ScratchFolder folder;
    const auto work = [&](bool resumes) {
      Sink sink(folder);
      std::uint64_t from = 0;
      if (auto found = resumes ? sink.resume() : std::nullopt) from = found->position;
      for (std::uint64_t i = from; i < images; ++i)
        i % 7 == 3 ? sink.failed(i) : sink.image(i, {face(0.25), face(static_cast<double>(i))});
      sink.close();
      return 0;
    };
    // Killed several times in a row, each run resuming the one before.
    for (int kill = 0; kill < 3; ++kill) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit([&]() noexcept { return work(true); }());
      random = random * 1664525u + 1013904223u;
      ::usleep((random >> 16) % 20'000);
      ::kill(child, SIGKILL);
      ASSERT_EQ(::waitpid(child, nullptr, 0), child);
      std::string all = folder.read("predictions.jsonl");
      all.resize(all.rfind('\n') == std::string::npos ? 0 : all.rfind('\n') + 1);
      std::istringstream lines(all);
      std::uint64_t expected = 0;
      for (std::string line; std::getline(lines, line); ++expected) {
        const Json parsed = Json::parse(line);
        EXPECT_EQ(parsed["file"], "p/" + std::to_string(expected) + ".jpg");
        for (const Json& f : parsed.value("faces", Json::array())) EXPECT_EQ(folder.read(f["heatmap"]), "PNG");
      }
    }
    work(true);
    const auto lines = folder.lines("predictions.jsonl");
    ASSERT_EQ(lines.size(), images);
    for (std::uint64_t i = 0; i < images; ++i)
      ASSERT_EQ(Json::parse(lines[i])["file"], "p/" + std::to_string(i) + ".jpg");
    EXPECT_TRUE(fs::exists(folder / "predictions.csv"));
  }
}

}  // namespace
