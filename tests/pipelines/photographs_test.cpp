#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "predict_run.hpp"
#include "testing/assets.hpp"

/// The whole pipeline on third-party photographs and awkward files, where the folder with them is present.
namespace dfpipe::testing {
namespace {

TEST(Photographs, EveryPhotographGetsALineAndEveryFaceAScore) {
  if (const std::string why = why_no_asset("photos"); !why.empty()) GTEST_SKIP() << why;
  const ScratchFolder out;
  const Finished f = predict(assets() / "photos", out.path());
  EXPECT_EQ(f.exit_code, 0) << f.err;
  const auto lines = predictions(out.path());
  EXPECT_EQ(lines.size(), 31u);
  std::size_t faces = 0;
  for (const Json& line : lines)
    for (const Json& face : line.at("faces")) {
      ++faces;
      EXPECT_TRUE(face.at("probability").is_number()) << line.at("file");
    }
  EXPECT_EQ(faces, 82u);
}

TEST(Photographs, EveryAwkwardFileEndsAsExpected) {
  if (const std::string why = why_no_asset("odd/expected.json"); !why.empty()) GTEST_SKIP() << why;
  const ScratchFolder out;
  const Finished f = predict(assets() / "odd", out.path(), {"--set", "faces.precropped=true"});
  EXPECT_EQ(f.exit_code, 3) << f.err;
  std::map<std::string, Json> by_name;
  for (const Json& line : predictions(out.path())) by_name[line.at("file")] = line;
  const Json expected = Json::parse(read_text(assets() / "odd/expected.json"));
  for (const Json& file : expected.at("files")) {
    const std::string name = file.at("file");
    const auto line = std::ranges::find_if(by_name, [&](const auto& l) { return l.first.ends_with(name); });
    if (line == by_name.end()) {
      const std::set<std::string> no_picture_by_name = {"jpeg/no_extension", "other/page.pdf"};
      EXPECT_TRUE(no_picture_by_name.contains(name)) << name << " is called like a picture and has no line";
      continue;
    }
    const std::string got = line->second.contains("error") ? line->second["error"]["code"].get<std::string>() : "ok";
    std::vector<std::string> accepted = {file.at("result")};
    if (file.contains("also_acceptable"))
      for (const auto& also : file["also_acceptable"]) accepted.push_back(also);
    EXPECT_THAT(accepted, ::testing::Contains(got)) << name;
  }
}

}  // namespace
}  // namespace dfpipe::testing
