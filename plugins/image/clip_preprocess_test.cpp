#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "codec.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/tensor.hpp"
#include "test_files.hpp"
#include "testing/node_runner.hpp"

namespace {

using namespace dfpipe;
using Json = nlohmann::json;
using dfpipe::testing::NodeRunner;

const std::filesystem::path data = "tests/data/preprocess";

std::string sha256(const void* bytes, std::size_t size) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(bytes, size, digest, &length, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    constexpr char digits[] = "0123456789abcdef";
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

Face face_of(const cv::Mat& rgb) {
  Face face;
  face.crop.pixels = rgb;
  face.crop_box = {0, 0, rgb.cols, rgb.rows};
  return face;
}

cv::Mat picture(const std::string& name) {
  std::ifstream in(data / (name + ".png"), std::ios::binary);
  const std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(in)), {});
  return codec::decode(bytes, 1'000'000).pixels;
}

at::Tensor run(const cv::Mat& rgb, const std::string& profile = {}) {
  NodeRunner node("clip-preprocess");
  node.set("profile", profile).in("face", face_of(rgb));
  return node.run().get<at::Tensor>("pixels").contiguous();
}

std::string temporary_profile(const std::string& json) {
  // Tests of this file run beside each other, each in a process of its own.
  const std::string file = ::testing::TempDir() + "clip_profile_test." + std::to_string(getpid()) + ".json";
  std::ofstream(file) << json;
  return file;
}

Json expected() { return Json::parse(std::ifstream(data / "expected.json")); }

/// lut[channel][level] of the reference, as bytes of float32.
std::vector<float> table(const Json& golden, std::size_t channel) {
  const std::string hex = golden.at("lut_f32_hex").at(channel);
  std::vector<float> out(256);
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
  for (std::size_t i = 0; i < 1024; ++i)
    bytes[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  return out;
}

/// The grey levels behind the values; a value that is in no table entry fails the test.
std::vector<std::uint8_t> levels(const at::Tensor& pixels, const Json& golden) {
  std::vector<std::uint8_t> out;
  const float* value = pixels.data_ptr<float>();
  for (std::size_t c = 0; c < 3; ++c) {
    const std::vector<float> lut = table(golden, c);
    for (std::int64_t i = 0; i < pixels.size(2) * pixels.size(3); ++i, ++value) {
      const auto found = std::ranges::lower_bound(lut, *value);
      if (found == lut.end() || *found != *value) {
        ADD_FAILURE() << *value << " is none of the reference's values";
        return {};
      }
      out.push_back(static_cast<std::uint8_t>(found - lut.begin()));
    }
  }
  return out;
}

TEST(ClipPreprocess, GivesTheReferencesTensorBitForBit) {
  const Json golden = expected();
  for (const auto& [name, wanted] : golden.at("images").items()) {
    SCOPED_TRACE(name);
    const at::Tensor pixels = run(picture(name), data / "preprocessor_config.json");
    ASSERT_EQ(pixels.sizes(), at::IntArrayRef({1, 3, 224, 224}));
    EXPECT_EQ(pixels.scalar_type(), at::kFloat);
    const std::vector<std::uint8_t> u8 = levels(pixels, golden);
    EXPECT_EQ(sha256(u8.data(), u8.size()), wanted.at("cropped_u8"));
    if (wanted.contains("pixel_values")) {
      EXPECT_EQ(sha256(pixels.data_ptr<float>(), pixels.nbytes()), wanted.at("pixel_values"));
    }
  }
}

TEST(ClipPreprocess, WithoutAProfileItIsClipAt224) {
  const cv::Mat rgb = picture("gray");
  EXPECT_TRUE(at::equal(run(rgb), run(rgb, data / "preprocessor_config.json")));
}

TEST(ClipPreprocess, FollowsTheProfilesFlags) {
  const cv::Mat rgb = test_files::textured(30, 20);
  const at::Tensor raw = run(
      rgb, temporary_profile(R"({"do_resize":false,"do_center_crop":false,"do_rescale":false,"do_normalize":false})"));
  ASSERT_EQ(raw.sizes(), at::IntArrayRef({1, 3, 20, 30}));
  for (int c = 0; c < 3; ++c) EXPECT_EQ(raw[0][c][7][11].item<float>(), rgb.at<cv::Vec3b>(7, 11)[c]);
  const at::Tensor small = run(rgb, temporary_profile(R"({"size":8,"crop_size":8,"do_normalize":false})"));
  ASSERT_EQ(small.sizes(), at::IntArrayRef({1, 3, 8, 8}));
  EXPECT_LE(small.max().item<float>(), 1);
}

TEST(ClipPreprocess, TellsWhichPartOfTheCropThePixelsShow) {
  const auto window = [](int width, int height, const std::string& profile) {
    Face face;
    face.crop.pixels = cv::Mat(height, width, CV_8UC3, cv::Scalar::all(9));
    NodeRunner node("clip-preprocess");
    const Window w = node.set("profile", temporary_profile(profile)).in("face", face).run().get<Window>("window");
    return std::array{w.x, w.y, w.width, w.height};
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(window(448, 224, "{}"), ElementsAre(0.25, 0, 0.5, 1)) << "the centre square";
  EXPECT_THAT(window(256, 256, R"({"size":256,"crop_size":224})"), ElementsAre(0.0625, 0.0625, 0.875, 0.875));
  EXPECT_THAT(window(300, 100, R"({"size":{"height":224,"width":224}})"), ElementsAre(0, 0, 1, 1)) << "squeezed";
  EXPECT_THAT(window(75, 75, R"({"do_resize":false,"crop_size":225})"), ElementsAre(-1, -1, 3, 3)) << "filled up";
}

TEST(ClipPreprocess, AnotherModelsProfileIsRefusedBeforeTheFirstPicture) {
  const auto opened = [](const std::string& profile, const std::string& models_size) {
    NodeRunner node("clip-preprocess");
    node.facts({{"detector", {{"image_size", models_size}}}}).set("profile", temporary_profile(profile)).open();
  };
  EXPECT_NO_THROW(opened(R"({"size":224,"crop_size":224})", "224"));
  EXPECT_NO_THROW(opened(R"({"do_center_crop":false})", "336")) << "the size is the pictures' own then";
  try {
    opened(R"({"size":224,"crop_size":200})", "224");
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "the profile gives pictures of 200x200, but the model wants another size: detector 224");
  }
}

TEST(ClipPreprocess, ACropLargerThanThePictureIsFilledWithBlack) {
  const cv::Mat rgb(9, 9, CV_8UC3, cv::Scalar::all(200));
  const at::Tensor out = run(
      rgb, temporary_profile(R"({"do_resize":false,"crop_size":12,"do_rescale":false,"do_normalize":false})"))[0][0];
  EXPECT_EQ(out.sum().item<float>(), 81 * 200);
  EXPECT_EQ(out[2].sum().item<float>(), 9 * 200) << "three rows too few: two above, one below";
  EXPECT_EQ(out[1].sum().item<float>(), 0);
  EXPECT_EQ(out[11].sum().item<float>(), 0);
}

TEST(ClipPreprocess, TensorsCanBeSavedForABackwardPass) {
  const at::Tensor pixels = run(test_files::textured(50, 40));
  EXPECT_FALSE(pixels.is_inference());
  EXPECT_FALSE(pixels.requires_grad());
}

TEST(ClipPreprocess, TinyAndVeryLongCropsWork) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 500), cv::Size(8000, 3), cv::Size(2, 2)})
    EXPECT_EQ(run(test_files::textured(size.width, size.height)).sizes(), at::IntArrayRef({1, 3, 224, 224}));
}

TEST(ClipPreprocess, ABadProfileStopsTheRunBeforeItBegins) {
  NodeRunner node("clip-preprocess");
  node.set("profile", temporary_profile(R"({"resample":99})"));
  EXPECT_THROW(node.open(), std::runtime_error);
}

TEST(ClipPreprocess, AFaceWithoutPixelsIsAnErrorOfTheItem) {
  NodeRunner node("clip-preprocess");
  node.in("face", Face{});
  EXPECT_THROW(node.run(), Error);
}

}  // namespace
