#include "model_files.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "backends.hpp"
#include "face_testing.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::face {
namespace {

namespace fs = std::filesystem;
using dfpipe::testing::ScratchFolder;
using ::testing::AllOf;
using testing::asset_models;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::why_absent;

void write(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

/// What making the backend says.
std::string refusal(const std::string& backend, const fs::path& models) {
  try {
    make_backend({.detector = backend, .models = models});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

class ModelFiles : public ::testing::Test {
 protected:
  ScratchFolder models_;
  fs::path yunet_ = models_ / "face_detection_yunet_2023mar.onnx";
};

TEST_F(ModelFiles, AreFoundInTheFolderAndWhereFetchingPutsThem) {
  EXPECT_FALSE(find_model_file(yunet_file, models_.path()));
  const fs::path fetched = models_ / "yunet-2023mar/face_detection_yunet_2023mar.onnx";
  write(fetched, "x");
  EXPECT_EQ(find_model_file(yunet_file, models_.path()), fetched);
  write(yunet_, "x");
  EXPECT_EQ(find_model_file(yunet_file, models_.path()), yunet_);
  EXPECT_FALSE(find_model_file(yunet_file, "")) << "an empty folder is not the working directory";
}

TEST_F(ModelFiles, AreReadWithTheirHash) {
  write(yunet_, "abc");
  const ModelFile file = read_model_file(yunet_file, models_.path());
  EXPECT_EQ(file.bytes, "abc");
  EXPECT_EQ(file.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(ModelFiles, AMissingOneIsNamedWithThePlacesAndTheCommandThatBringsIt) {
  EXPECT_THAT(refusal("yunet", models_.path()),
              AllOf(HasSubstr("face_detection_yunet_2023mar.onnx"), HasSubstr(yunet_.string()),
                    HasSubstr((models_ / "yunet-2023mar").string()), HasSubstr("dfpipe model fetch yunet-2023mar")));
  EXPECT_THAT(refusal("mediapipe", models_.path()),
              AllOf(HasSubstr("face_landmarker.task"), HasSubstr("dfpipe model fetch mediapipe-face-landmarker")));
  EXPECT_THAT(refusal("yunet", ""), HasSubstr("no folder is named"));
  EXPECT_THAT(refusal("yunet", models_ / "nowhere"), HasSubstr("nowhere"));
}

TEST_F(ModelFiles, AnEmptyOneIsRefused) {
  write(yunet_, "");
  EXPECT_THAT(refusal("yunet", models_.path()), AllOf(HasSubstr(yunet_.string()), HasSubstr("is empty")));
}

TEST_F(ModelFiles, APointerOfGitLfsIsRefused) {
  write(yunet_, "version https://git-lfs.github.com/spec/v1\noid sha256:8f2383e4\nsize 232589\n");
  EXPECT_THAT(refusal("yunet", models_.path()),
              AllOf(HasSubstr(yunet_.string()), HasSubstr("git-lfs"), HasSubstr("dfpipe model fetch yunet-2023mar")));
}

TEST_F(ModelFiles, AFolderAndAPipeAreRefusedWithoutWaiting) {
  fs::create_directory(yunet_);
  EXPECT_THAT(refusal("yunet", models_.path()), HasSubstr("is a folder"));
  fs::remove(yunet_);
  ASSERT_EQ(mkfifo(yunet_.c_str(), 0600), 0);
  EXPECT_THAT(refusal("yunet", models_.path()), HasSubstr("is no regular file"));
}

TEST_F(ModelFiles, AnUnreadableOneIsRefused) {
  write(yunet_, "abc");
  fs::permissions(yunet_, fs::perms::none);
  const uid_t user = geteuid();
  if (user == 0) {
    ASSERT_EQ(seteuid(65534), 0) << "root reads every file";
  }
  const std::string said = refusal("yunet", models_.path());
  ASSERT_EQ(seteuid(user), 0);
  EXPECT_THAT(said, HasSubstr("cannot be read: Permission denied"));
}

TEST_F(ModelFiles, OneThatIsTooLargeIsRefusedUnread) {
  write(yunet_, "x");
  fs::resize_file(yunet_, std::uintmax_t{1} << 40);
  EXPECT_THAT(refusal("yunet", models_.path()), HasSubstr("larger than 64 MiB"));
}

TEST_F(ModelFiles, OneOfAnotherTypeIsRefused) {
  write(yunet_, "<?xml version=\"1.0\"?>");
  EXPECT_THAT(refusal("yunet", models_.path()), HasSubstr("is no ONNX file"));
  // A model of ONNX that holds an empty graph.
  write(yunet_, std::string("\x08\x06\x3a\x00", 4));
  EXPECT_THAT(refusal("yunet", models_.path()), HasSubstr("not YuNet of 2023mar"));
  write(models_ / "haarcascade_frontalface_alt.xml", "<?xml version=\"1.0\"?><opencv_storage></opencv_storage>");
  EXPECT_THAT(refusal("haar", models_.path()), HasSubstr("is no cascade of OpenCV"));
  write(models_ / "haarcascade_frontalface_alt.xml", std::string(100, '\xff'));
  EXPECT_THAT(refusal("haar", models_.path()), HasSubstr("is no cascade of OpenCV"));
}

TEST_F(ModelFiles, ACutOneIsRefused) {
  if (const std::string why = why_absent("yunet") + why_absent("haar"); !why.empty()) GTEST_SKIP() << why;
  const std::string network = read_model_file(yunet_file, asset_models()).bytes;
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, network.size() / 2, network.size() - 1}) {
    write(yunet_, network.substr(0, size));
    EXPECT_THAT(refusal("yunet", models_.path()), HasSubstr("was cut")) << size;
  }
  const std::string cascade = read_model_file(face_cascade_file, "").bytes;
  for (const std::size_t size : {std::size_t{100}, cascade.size() / 2, cascade.size() - 100}) {
    write(models_ / "haarcascade_frontalface_alt.xml", cascade.substr(0, size));
    EXPECT_THAT(refusal("haar", models_.path()), HasSubstr("was cut")) << size;
  }
}

TEST_F(ModelFiles, ABadTaskIsRefusedForTheDetectorAndForTheMeshBehindAnother) {
  if (const std::string why = why_absent("mediapipe"); !why.empty()) GTEST_SKIP() << why;
  const fs::path task = models_ / "face_landmarker.task";
  const std::string whole = read_model_file(landmarker_file, asset_models()).bytes;
  for (const std::string& bad :
       {std::string(), std::string("version https://git-lfs.github.com/spec/v1\n"), std::string("no archive"),
        whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1), "x" + whole}) {
    write(task, bad);
    for (const char* detector : {"mediapipe", "dlib", "auto"})
      EXPECT_THAT(refusal(detector, models_.path()),
                  AllOf(StartsWith(task.string() + ": "), HasSubstr("dfpipe model fetch mediapipe-face-landmarker")))
          << detector << ", " << bad.size() << " bytes";
  }
}

TEST_F(ModelFiles, AMissingTaskIsAnErrorOnlyWhereLandmarksAreRequired) {
  const BackendOptions asks{.detector = "dlib", .models = models_.path(), .landmarks = LandmarkUse::required};
  EXPECT_THROW(make_backend(asks), std::runtime_error);
  EXPECT_FALSE(make_backend({.detector = "dlib", .models = models_.path()}).mesh);
  write(models_ / "face_landmarker.task", "damaged");
  EXPECT_FALSE(make_backend({.detector = "dlib", .models = models_.path(), .landmarks = LandmarkUse::off}).mesh);
}

TEST_F(ModelFiles, AnotherYunetIsRefused) {
  std::ifstream other(asset_models() / "face_detection_yunet_2022mar.onnx", std::ios::binary);
  if (!other) GTEST_SKIP() << dfpipe::testing::why_no_asset("face-models/face_detection_yunet_2022mar.onnx");
  std::ofstream(yunet_, std::ios::binary) << other.rdbuf();
  EXPECT_THAT(refusal("yunet", models_.path()), HasSubstr("not YuNet of 2023mar"));
}

TEST_F(ModelFiles, ADamagedOneIsAnErrorForAutoToo) {
  EXPECT_EQ(make_backend({.models = models_.path()}).detector->name(), "dlib");
  write(yunet_, "");
  EXPECT_THAT(refusal("auto", models_.path()), HasSubstr("is empty"));
}

TEST_F(ModelFiles, AFolderThatIsNotThereIsAnErrorForAuto) {
  EXPECT_THAT(refusal("auto", models_ / "nowhere"), HasSubstr("there is no such folder of models"));
}

}  // namespace
}  // namespace dfpipe::face
