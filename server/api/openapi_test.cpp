#include "api/openapi.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace dfpipe::server {
namespace {

using nlohmann::json;

TEST(Openapi, TheCompiledInDescriptionIsTheFilesWithItsTypes) {
  const json all = json::parse(openapi_json());
  EXPECT_EQ(all.at("openapi"), "3.1.0");
  EXPECT_EQ(all.at("info").at("version"), "0.1.0");
  EXPECT_TRUE(all.at("paths").contains("/predict"));
  const json& face = all.at("components").at("schemas").at("Face");
  EXPECT_EQ(face.at("additionalProperties"), false);
  EXPECT_EQ(face.at("properties").at("confidence").at("maximum"), 100);
  EXPECT_EQ(face.at("properties").at("confidence").at("type"), json({"number", "null"}));
  EXPECT_EQ(face.at("properties").at("band").at("enum").back(), nullptr);
}

TEST(Openapi, EveryReferenceLeadsSomewhere) {
  const json all = json::parse(openapi_json());
  const std::function<void(const json&)> check = [&](const json& node) {
    if (node.is_object() && node.contains("$ref") && node["$ref"].is_string()) {
      EXPECT_TRUE(all.contains(json::json_pointer(node["$ref"].get<std::string>().substr(1)))) << node["$ref"];
    }
    for (const json& child : node)
      if (child.is_structured()) check(child);
  };
  check(all);
}

}  // namespace
}  // namespace dfpipe::server
