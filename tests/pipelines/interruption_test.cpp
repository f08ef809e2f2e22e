#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "dfpipe/random.hpp"
#include "predict_run.hpp"

namespace dfpipe::testing {
namespace {

/// The lines by file. What timing may change is compared by the caller.
std::map<std::string, Json> lines_by_file(const std::filesystem::path& output) {
  std::map<std::string, Json> all;
  for (const Json& line : predictions(output)) {
    const bool fresh = all.emplace(line.at("file"), line).second;
    EXPECT_TRUE(fresh) << "twice in the result: " << line.at("file");
  }
  return all;
}

/// The same error, or the same faces with probabilities that differ by what another batch may do.
void expect_same_result(const Json& a, const Json& b) {
  EXPECT_EQ(a.value("error", Json()), b.value("error", Json()));
  const Json none = Json::array(), faces = a.value("faces", none), others = b.value("faces", none);
  ASSERT_EQ(faces.size(), others.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    EXPECT_EQ(faces[i].at("box"), others[i].at("box"));
    EXPECT_NEAR(faces[i].at("probability").get<double>(), others[i].at("probability").get<double>(), 1e-5);
  }
}

void wait_for_lines(const std::filesystem::path& output, std::size_t lines, Process& process) {
  while (process.running() && read_lines(output / "predictions.jsonl").size() < lines)
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
}

TEST(Resume, FinishesWithTheSameSetOfLinesAfterKillNineAtAnyMoment) {
  const ScratchFolder in, out;
  many_images(in / "images", 60);
  for (const char* broken : {"00003.jpg", "00030.jpg", "00031.jpg"}) std::ofstream(in / "images" / broken) << "broken";
  ASSERT_EQ(predict(in / "images", out / "whole").exit_code, 3);
  const auto expected = lines_by_file(out / "whole");
  ASSERT_EQ(expected.size(), 60u);
  Random random(7);
  for (int round = 0; round < 2; ++round) {
    const auto folder = out / ("killed" + std::to_string(round));
    std::size_t lines = 0;
    for (int kill = 0; kill < 2; ++kill) {
      Process process(predict_command(in / "images", folder,
                                      kill == 0 ? std::vector<std::string>{} : std::vector<std::string>{"--resume"}));
      wait_for_lines(folder, lines + 1 + random.below(20), process);
      process.signal(SIGKILL);
      const Finished f = process.wait();
      ASSERT_EQ(f.exit_code, 137) << "the run was over before the kill: " << f.err;
      lines = read_lines(folder / "predictions.jsonl").size();
    }
    ASSERT_EQ(predict(in / "images", folder, {"--resume"}).exit_code, 3);
    const auto found = lines_by_file(folder);
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [file, line] : expected) {
      SCOPED_TRACE(file);
      ASSERT_TRUE(found.contains(file));
      expect_same_result(line, found.at(file));
    }
  }
}

TEST(Resume, UnderDeterminismTheBytesAreThoseOfAnUnbrokenRun) {
  const ScratchFolder in, out;
  many_images(in / "images", 60);
  const std::vector<std::string> fixed = {"--deterministic", "--device-threads", "1"};
  ASSERT_EQ(predict(in / "images", out / "whole", fixed).exit_code, 0);
  {
    Process process(predict_command(in / "images", out / "broken", fixed));
    wait_for_lines(out / "broken", 21, process);
    process.signal(SIGKILL);
    process.wait();
  }
  std::vector<std::string> resume = fixed;
  resume.push_back("--resume");
  ASSERT_EQ(predict(in / "images", out / "broken", resume).exit_code, 0);
  EXPECT_EQ(read_text(out / "broken" / "predictions.jsonl"), read_text(out / "whole" / "predictions.jsonl"));
}

TEST(Resume, RefusesAnotherConfiguration) {
  const ScratchFolder in, out;
  many_images(in / "images", 4);
  ASSERT_EQ(predict(in / "images", out / "o").exit_code, 0);
  const Finished f = predict(in / "images", out / "o", {"--resume", "--set", "faces.padding=0.5"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, ::testing::HasSubstr("another configuration"));
}

TEST(Resume, RefusesAnotherFileOfTheFaceDetector) {
  const std::filesystem::path eyes = "/usr/share/opencv4/haarcascades/haarcascade_eye.xml";
  if (!std::filesystem::exists(eyes)) GTEST_SKIP() << eyes << " is not there: opencv-data is not installed";
  const ScratchFolder in, out;
  many_images(in / "images", 4);
  std::filesystem::create_directory(in / "models");
  std::filesystem::copy_file(eyes, in / "models/haarcascade_eye.xml");
  const std::vector<std::string> own{"--set", "face_models=" + (in / "models").string()};
  std::vector<std::string> resume = own;
  resume.push_back("--resume");
  ASSERT_EQ(predict(in / "images", out / "o", own).exit_code, 0);
  EXPECT_EQ(predict(in / "images", out / "o", resume).exit_code, 0) << "the same file";
  std::ofstream(in / "models/haarcascade_eye.xml", std::ios::app) << "<!-- another -->";
  const Finished f = predict(in / "images", out / "o", resume);
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, ::testing::HasSubstr("another configuration"));
}

TEST(Resume, ExitsWith3WhenTheEarlierPartHoldsErrors) {
  const ScratchFolder in, out;
  many_images(in / "images", 10);
  std::ofstream(in / "images/00002.jpg") << "broken";
  EXPECT_EQ(predict(in / "images", out / "o", {"--limit", "6"}).exit_code, 3);
  EXPECT_EQ(predict(in / "images", out / "o", {"--resume"}).exit_code, 3) << "the result holds an error";
  EXPECT_EQ(predictions(out / "o").size(), 10u);
}

TEST(Resume, RefusesAnEditedResult) {
  const ScratchFolder in, out;
  many_images(in / "images", 6);
  ASSERT_EQ(predict(in / "images", out / "o", {"--limit", "4"}).exit_code, 0);
  const auto file = out / "o" / "predictions.jsonl";
  const std::string text = read_text(file);
  std::ofstream(file) << text.substr(text.find('\n') + 1);
  const Finished f = predict(in / "images", out / "o", {"--resume"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, ::testing::HasSubstr("line 1 is not item 1: the file was edited"));
}

TEST(Resume, RetryErrorsMakesOnlyTheFailedImagesAgainInTheirPlaces) {
  const ScratchFolder in, out;
  many_images(in / "images", 12);
  const auto fifth = *std::next(std::filesystem::directory_iterator(in / "images"), 5);
  const std::string good = read_text(fifth.path());
  std::ofstream(fifth.path()) << "broken";
  ASSERT_EQ(predict(in / "images", out / "o").exit_code, 3);
  std::ofstream(fifth.path(), std::ios::binary) << good;
  const Finished f = predict(in / "images", out / "o", {"--resume", "--retry-errors", "--json"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  const Json items = Json::parse(f.out).at("items");
  EXPECT_EQ(items.at("ok"), 1);
  EXPECT_EQ(items.at("skipped"), 11);
  const auto lines = predictions(out / "o");
  ASSERT_EQ(lines.size(), 12u);
  std::vector<std::string> files;
  for (const Json& line : lines) {
    EXPECT_FALSE(line.contains("error"));
    files.push_back(line.at("file"));
  }
  EXPECT_TRUE(std::ranges::is_sorted(files));
}

TEST(Interruption, OneSignalWritesWhatIsAliveAndExitsWith130) {
  const ScratchFolder in, out;
  many_images(in / "images", 400);
  Process process(predict_command(in / "images", out / "o"));
  wait_for_lines(out / "o", 5, process);
  process.signal(SIGINT);
  const Finished f = process.wait();
  EXPECT_EQ(f.exit_code, 130) << f.err;
  const auto lines = predictions(out / "o");
  EXPECT_GE(lines.size(), 5u);
  EXPECT_LT(lines.size(), 400u);
  EXPECT_EQ(predict(in / "images", out / "o", {"--resume", "--limit", "5"}).exit_code, 0);
  EXPECT_EQ(predictions(out / "o").size(), lines.size() + 5);
}

TEST(Interruption, TwoRunsInOneFolderAreRefused) {
  const ScratchFolder in, out;
  many_images(in / "images", 400);
  Process process(predict_command(in / "images", out / "o"));
  wait_for_lines(out / "o", 1, process);
  const Finished second = predict(in / "images", out / "o");
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, ::testing::HasSubstr("another run is writing there"));
  process.signal(SIGINT);
  process.signal(SIGINT);
  process.wait();
}

}  // namespace
}  // namespace dfpipe::testing
