#include <gmock/gmock.h>
#include <png.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "served.hpp"

namespace dfpipe {
namespace {

using nlohmann::json;
using testing::file_text;
using testing::HttpAnswer;
using testing::Served;

const std::filesystem::path data = "tests/data";

/// The whole server with the original's test model, its faces and its order of layers in the roll-out; one for all
/// tests of the process.
Served& original() {
  static Served served({"--plugins", DFPIPE_TEST_MODULES, "--set", "model=tests/data/detector/original", "--set",
                        "faces.type=golden-faces", "--set", "faces.data=tests/data", "--set",
                        "per-face/score/rollout.order=reversed", "--set", "max_pixels=1000000"});
  return served;
}

json recorded() { return json::parse(file_text(data / "server/responses.json")); }

std::filesystem::path picture(const std::string& name) {
  const auto here = data / "server" / (name + ".png");
  return std::filesystem::exists(here) ? here : data / "heuristics" / (name + ".png");
}

std::string from_base64(const std::string& text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto at = digits.find(c);
    if (at == std::string::npos) break;
    bits = bits << 6 | static_cast<unsigned>(at);
    if ((count += 6) < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

struct Pixels {
  unsigned width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
};

Pixels decode_png(const std::string& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) throw std::runtime_error(image.message);
  image.format = PNG_FORMAT_RGB;
  Pixels out{image.width, image.height, std::vector<std::uint8_t>(std::size_t{3} * image.width * image.height)};
  png_image_finish_read(&image, nullptr, out.rgb.data(), 0, nullptr);
  return out;
}

void expect_number(const json& given, const json& wanted, double tolerance, const std::string& what) {
  if (wanted.is_null()) {
    EXPECT_TRUE(given.is_null()) << what << ": " << given;
    return;
  }
  ASSERT_TRUE(given.is_number()) << what << ": " << given;
  EXPECT_NEAR(given.get<double>(), wanted.get<double>(), tolerance) << what;
}

void expect_face(const json& given, const json& wanted, const std::string& name) {
  EXPECT_EQ(given.at("label"), wanted.at("label")) << name;
  EXPECT_EQ(given.at("bbox"), wanted.at("bbox")) << name;
  expect_number(given.at("confidence"), wanted.at("confidence"), 0.1 + 1e-9, name + " confidence");
  ASSERT_EQ(given.at("uncanny").size(), wanted.at("uncanny").size()) << name << given.at("uncanny");
  for (const auto& [measure, value] : wanted.at("uncanny").items())
    // On a flat picture texture is the DFT's rounding noise.
    expect_number(given.at("uncanny").at(measure), value, name == "flat" && measure == "texture" ? 3 : 1e-9,
                  name + " " + measure);
  const Pixels map = decode_png(from_base64(given.at("gradcam")));
  EXPECT_EQ(map.width, 224u);
  EXPECT_EQ(map.height, 224u);
}

TEST(OriginalClients, GetTheAnswersThatTheOriginalServerGave) {
  const json all_recorded = recorded();
  for (const auto& [name, known] : all_recorded.items()) {
    if (!known.contains("response")) continue;
    const HttpAnswer answer = original().post_files("/predict", {picture(name)});
    ASSERT_EQ(answer.status, 200u) << name << answer.body;
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    const json given = json::parse(answer.body), wanted = known.at("response");
    EXPECT_EQ(given.at("face_count"), wanted.at("face_count")) << name;
    EXPECT_EQ(given.at("face_detected"), wanted.at("face_detected")) << name;
    ASSERT_EQ(given.at("faces").size(), wanted.at("faces").size()) << name;
    for (std::size_t i = 0; i < wanted.at("faces").size(); ++i)
      expect_face(given["faces"][i], wanted["faces"][i], name);
  }
}

/// A level of the map may fall on the other side of a truncation: neighbours in JET differ by at most 4 in a channel.
TEST(OriginalClients, SeeTheOriginalsHeatMap) {
  const json given = json::parse(original().post_files("/predict", {data / "detector/original_images/tiny.png"}).body);
  const Pixels map = decode_png(from_base64(given["faces"][0]["gradcam"]));
  const Pixels wanted = decode_png(file_text(data / "detector/original_heatmap_tiny.png"));
  ASSERT_EQ(map.rgb.size(), wanted.rgb.size());
  int other = 0;
  for (std::size_t i = 0; i < map.rgb.size(); ++i) {
    EXPECT_NEAR(map.rgb[i], wanted.rgb[i], 4) << i;
    other += map.rgb[i] != wanted.rgb[i] ? 1 : 0;
  }
  EXPECT_LT(other, static_cast<int>(map.rgb.size() / 100));
}

TEST(OriginalClients, GetItsSentencesForWhatIsNoPicture) {
  const HttpAnswer none = original().ask("POST", "/predict");
  EXPECT_EQ(none.status, 400u);
  EXPECT_EQ(json::parse(none.body).at("error"), "No image provided");
  const HttpAnswer other_field = original().post_files("/predict", {picture("flat")}, "file");
  EXPECT_EQ(other_field.status, 400u);
  EXPECT_EQ(json::parse(other_field.body).at("error"), "No image provided");
  const HttpAnswer text = original().post_files("/predict", {"README.md"});
  EXPECT_EQ(text.status, 400u);
  EXPECT_EQ(json::parse(text.body).at("error"), "Could not decode image");
  EXPECT_EQ(json::parse(text.body).at("code"), "not_an_image");
  EXPECT_EQ(original().get("/predict").status, 405u);
}

TEST(OriginalClients, AnEmptyFileIsABadRequestAndNoPageOfTheServersErrors) {
  const HttpAnswer empty =
      original().ask("POST", "/predict",
                     "--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n"
                     "\r\n--x--\r\n",
                     {{"Content-Type", "multipart/form-data; boundary=x"}});
  EXPECT_EQ(empty.status, 400u);
  EXPECT_EQ(json::parse(empty.body).at("code"), "empty_file");
}

}  // namespace
}  // namespace dfpipe
