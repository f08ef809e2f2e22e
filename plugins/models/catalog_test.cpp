#include "catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dfpipe/error.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

const std::string hash(64, 'a');

Json good() {
  return {
      {"models",
       {{"lamp",
         {{"about", "A lamp."},
          {"publisher", "https://lamps.invalid"},
          {"licence", "MIT"},
          {"files",
           {{{"name", "wick/config.json"}, {"size", 3}, {"sha256", hash}, {"urls", {"https://lamps.invalid/c"}}}}}}}}}};
}

class CatalogFile : public ::testing::Test {
 protected:
  std::string refusal(const std::string& text) {
    const auto file = folder.write("list.json", text);
    try {
      read_catalog(file);
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), AllOf(HasSubstr(file.string()), Not(HasSubstr("\n"))));
      return e.what();
    }
    return "no refusal";
  }
  /// What is said of the good list with one value replaced.
  std::string refusal(const char* pointer, Json value) {
    Json json = good();
    json[Json::json_pointer(pointer)] = std::move(value);
    return refusal(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  testing::ScratchFolder folder;
};

TEST_F(CatalogFile, GivesWhatIsListed) {
  const Catalog catalog = read_catalog(folder.write("list.json", good().dump()));
  const ListedModel& model = catalog.at("lamp");
  EXPECT_EQ(model.licence, "MIT");
  EXPECT_EQ(model.size(), 3u);
  EXPECT_EQ(model.files.at(0).name, "wick/config.json");
  EXPECT_EQ(model.files.at(0).sha256, hash);
  EXPECT_EQ(model.files.at(0).urls.at(0), "https://lamps.invalid/c");
}

TEST_F(CatalogFile, TheInstalledOnePinsEveryFile) {
  const Catalog catalog = read_catalog(DFPIPE_SOURCE_DIR "/plugins/models/catalog.json");
  EXPECT_EQ(catalog.size(), 3u);
  for (const auto& [name, model] : catalog)
    for (const ListedFile& file : model.files)
      for (const std::string& url : file.urls) EXPECT_TRUE(url.starts_with("https://")) << name;
}

TEST_F(CatalogFile, ABadEntryIsNamed) {
  const char* file = "/models/lamp/files/0";
  const auto at = [&](const char* key) { return std::string(file) + "/" + key; };
  EXPECT_THAT(refusal(at("sha256").c_str(), nullptr), HasSubstr("model 'lamp', file 1: 'sha256' wants text"));
  EXPECT_THAT(refusal(at("sha256").c_str(), "abc"), HasSubstr("64 lower-case hexadecimal digits"));
  EXPECT_THAT(refusal(at("sha256").c_str(), std::string(64, 'A')), HasSubstr("64 lower-case hexadecimal digits"));
  for (const Json& size : {Json(0), Json(-1), Json(1.5), Json("3"), Json(nullptr), Json(std::uint64_t{1} << 60)})
    EXPECT_THAT(refusal(at("size").c_str(), size), HasSubstr("file 1: 'size' wants the number of bytes"));
  for (const char* name : {"../x", "/etc/passwd", "a/../../x", "a/", ".", "./a"})
    EXPECT_THAT(refusal(at("name").c_str(), name), HasSubstr("leads out of the model's folder"));
  EXPECT_THAT(refusal(at("name").c_str(), "a\x1b[31m"), HasSubstr("control character"));
  for (const Json& urls : {Json::array(), Json("https://a/b"), Json::array({3}), Json::array({"ftp://a/b"}),
                           Json::array({"file:///etc/passwd"}), Json::array({"https://"})})
    EXPECT_THAT(refusal(at("urls").c_str(), urls), HasSubstr("file 1: 'urls' wants"));
  EXPECT_THAT(refusal(at("hash").c_str(), 1), HasSubstr("unknown key 'hash'"));
  EXPECT_THAT(refusal("/models/lamp/files", Json::array()), HasSubstr("model 'lamp': 'files' wants a list"));
  EXPECT_THAT(refusal("/models/lamp/files", Json::array({1})), HasSubstr("file 1: is no object"));
  EXPECT_THAT(refusal("/models/lamp/licence", ""), HasSubstr("'licence' wants text"));
  EXPECT_THAT(refusal("/models/Big Lamp", good()["models"]["lamp"]), HasSubstr("model 'Big Lamp': a name is made of"));
  EXPECT_THAT(refusal("/models/..", good()["models"]["lamp"]), HasSubstr("a name is made of"));
  EXPECT_THAT(refusal("/models", Json::array()), HasSubstr("'models' is no object"));
}

TEST_F(CatalogFile, AMissingKeyIsNamed) {
  for (const char* key : {"name", "size", "sha256", "urls"}) {
    Json json = good();
    json["models"]["lamp"]["files"][0].erase(key);
    EXPECT_THAT(refusal(json.dump()), HasSubstr("file 1: '" + std::string(key) + "' is missing"));
  }
  EXPECT_THAT(refusal("{}"), HasSubstr("'models' is missing"));
}

TEST_F(CatalogFile, AFileIsListedOnce) {
  Json json = good();
  json["models"]["lamp"]["files"].push_back(json["models"]["lamp"]["files"][0]);
  EXPECT_THAT(refusal(json.dump()), HasSubstr("'wick/config.json' is listed twice"));
  EXPECT_THAT(refusal(R"({"models": {}, "models": {}})"), HasSubstr("the key 'models' stands there twice"));
}

TEST_F(CatalogFile, WhatIsNoListIsRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("no valid JSON"));
  EXPECT_THAT(refusal("{\n\"models\": {\n]"), HasSubstr("list.json:3: no valid JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("is no object"));
  EXPECT_THAT(refusal("{\"models\": 1e999}"), HasSubstr("list.json"));
  EXPECT_THAT(refusal("\xff\xfe"), HasSubstr("no valid JSON"));
  EXPECT_THAT(refusal(std::string(100, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(std::string((4u << 20) + 1, ' ')), HasSubstr("larger than 4 MiB"));
  EXPECT_THROW(read_catalog(folder / "none.json"), Error);
  EXPECT_THROW(read_catalog(folder.path()), Error);
}

}  // namespace
}  // namespace dfpipe::models
