#include <gmock/gmock.h>

#include "predict_run.hpp"

namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;

Finished cut(const fs::path& input, const fs::path& output) {
  return run_process({DFPIPE_BINARY, "run", "pipelines/cut-faces.yaml", "--set", "input=" + input.string(), "--set",
                      "output=" + output.string(), "--set", "face_models=models/demo"},
                     {.limit = std::chrono::seconds(250)});
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

TEST(CutFaces, WritesEachFaceAndEachPhotographWithWhatWasFound) {
  const ScratchFolder out;
  const Finished f = cut(samples(), out.path());
  EXPECT_EQ(f.exit_code, 0) << f.err;
  const std::vector<std::string> crops = files_in(out / "crops"), drawn = files_in(out / "drawn");
  EXPECT_EQ(crops.size(), 9u);
  EXPECT_THAT(crops, ::testing::IsSupersetOf({"fake_0008.jpg.0.png", "fake_0008.jpg.1.png", "real_0001.jpg.0.png"}));
  std::vector<std::string> photographs;
  for (const fs::path& file : sample_images()) photographs.push_back(file.filename().string());
  EXPECT_EQ(drawn, photographs) << "those without a face as well";
}

TEST(CutFaces, AFileThatIsNoPictureCostsNoOther) {
  const ScratchFolder out;
  many_images(out / "in", 3);
  std::ofstream(out / "in/broken.jpg") << "no picture";
  const Finished f = cut(out / "in", out / "out");
  EXPECT_EQ(f.exit_code, 3) << f.err;
  EXPECT_THAT(f.err, ::testing::HasSubstr("broken.jpg"));
  EXPECT_EQ(files_in(out / "out/drawn").size(), 3u);
}

}  // namespace
}  // namespace dfpipe::testing
