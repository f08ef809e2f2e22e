#include "http/static_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dfpipe/sha256.hpp"
#include "http/gzip.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::server {
namespace {

using ::testing::HasSubstr;
using testing::ScratchFolder;

const std::string page = "<!doctype html>" + std::string(500, ' ') + "<title>x</title>";

std::string refusal(const std::filesystem::path& folder, const StaticFiles::Options& options = {}) {
  try {
    StaticFiles::load(folder, options);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(StaticFiles, GoByTheirPath) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  folder.write("assets/index-BpXq_kzQ.js", "1");
  folder.write("favicon.svg", "<svg/>");
  const auto files = StaticFiles::load(folder.path());
  ASSERT_TRUE(files->find("/"));
  EXPECT_EQ(*files->find("/")->bytes, page);
  EXPECT_EQ(files->find("/index.html")->bytes, files->find("/")->bytes);
  EXPECT_EQ(*files->find("/assets/index-BpXq_kzQ.js")->bytes, "1");
  EXPECT_TRUE(files->find("/favicon.svg"));
  for (const char* const path : {"", "favicon.svg", "/assets", "/assets/", "//favicon.svg", "/assets/../favicon.svg",
                                 "/./favicon.svg", "/FAVICON.svg", "/graph"})
    EXPECT_FALSE(files->find(path)) << path;
}

TEST(StaticFiles, ViewsOfThePageAreItsIndex) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  const auto files = StaticFiles::load(folder.path(), {.page_paths = {"/graph", "/method"}});
  EXPECT_EQ(files->find("/graph")->bytes, files->find("/")->bytes);
  EXPECT_EQ(files->find("/method")->content_type, "text/html; charset=utf-8");
  EXPECT_FALSE(files->find("/other"));
}

TEST(StaticFiles, HaveTheTypeOfTheirExtension) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  const std::map<std::string, std::string> types = {{"a.js", "text/javascript; charset=utf-8"},
                                                    {"a.css", "text/css; charset=utf-8"},
                                                    {"a.svg", "image/svg+xml"},
                                                    {"a.png", "image/png"},
                                                    {"a.ico", "image/x-icon"},
                                                    {"a.json", "application/json"},
                                                    {"a.webmanifest", "application/manifest+json"},
                                                    {"a.woff2", "font/woff2"},
                                                    {"a.txt", "text/plain; charset=utf-8"},
                                                    {"a.js.map", "application/json"},
                                                    {"a.exe", "application/octet-stream"},
                                                    {"a", "application/octet-stream"}};
  for (const auto& [name, type] : types) folder.write(name);
  const auto files = StaticFiles::load(folder.path());
  for (const auto& [name, type] : types) EXPECT_EQ(files->find("/" + name)->content_type, type) << name;
}

TEST(StaticFiles, HiddenFilesAndLinksOutOfTheFolderAreLeftOut) {
  const ScratchFolder folder;
  folder.write("dist/index.html", page);
  folder.write("dist/.env");
  folder.write("dist/.git/config");
  folder.write("dist/inner/a.txt", "inner");
  folder.write("dist2/secret.txt");
  namespace fs = std::filesystem;
  fs::create_symlink("../dist2/secret.txt", folder / "dist/secret.txt");
  fs::create_symlink("../dist2", folder / "dist/more");
  fs::create_symlink(".env", folder / "dist/env.txt");
  fs::create_symlink("nowhere", folder / "dist/dangling.txt");
  fs::create_symlink("loop.txt", folder / "dist/loop.txt");
  fs::create_symlink("inner/a.txt", folder / "dist/a.txt");
  const auto files = StaticFiles::load(folder / "dist");
  for (const char* const path :
       {"/.env", "/.git/config", "/secret.txt", "/more/secret.txt", "/env.txt", "/dangling.txt", "/loop.txt"})
    EXPECT_FALSE(files->find(path)) << path;
  EXPECT_EQ(*files->find("/a.txt")->bytes, "inner");

  fs::remove(folder / "dist/index.html");
  fs::create_symlink("../dist2/secret.txt", folder / "dist/index.html");
  EXPECT_THAT(refusal(folder / "dist"), HasSubstr("index.html leads out of the folder"));
}

TEST(StaticFiles, TextsAreCompressedWhenThatIsSmaller) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  folder.write("tiny.js", "1");
  folder.write("picture.png", std::string(1000, 'x'));
  const auto files = StaticFiles::load(folder.path());
  const auto* const index = files->find("/");
  ASSERT_TRUE(index->gzip);
  EXPECT_LT(index->gzip->size(), page.size());
  EXPECT_TRUE(gzip_holds(*index->gzip, page));
  EXPECT_FALSE(files->find("/tiny.js")->gzip);
  EXPECT_FALSE(files->find("/picture.png")->gzip);
}

TEST(StaticFiles, ACompressedSiblingIsTakenAndNoFileOfItsOwn) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  const std::string sibling = gzip_bytes(page);
  folder.write("index.html.gz", sibling);
  folder.write("alone.gz", sibling);
  const auto files = StaticFiles::load(folder.path());
  EXPECT_EQ(*files->find("/")->gzip, sibling);
  EXPECT_FALSE(files->find("/index.html.gz"));
  EXPECT_TRUE(files->find("/alone.gz"));

  for (const std::string& wrong :
       {gzip_bytes(page + "x"), sibling.substr(0, sibling.size() - 1), sibling + "x", std::string("x")}) {
    folder.write("index.html.gz", wrong);
    EXPECT_THAT(refusal(folder.path()), HasSubstr("index.html.gz: is not the compressed form"));
  }
}

TEST(StaticFiles, TheTagChangesWithTheContentAndTheCompression) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  folder.write("a.txt", page);
  const auto files = StaticFiles::load(folder.path());
  EXPECT_EQ(files->find("/")->etag, '"' + sha256_hex(page).substr(0, 32) + '"');
  EXPECT_EQ(files->find("/a.txt")->etag, files->find("/")->etag);
  EXPECT_NE(files->find("/")->gzip_etag, files->find("/")->etag);
  folder.write("a.txt", page + "x");
  EXPECT_NE(StaticFiles::load(folder.path())->find("/a.txt")->etag, files->find("/a.txt")->etag);
}

TEST(StaticFiles, HashedAssetsAreImmutable) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  folder.write("assets/index-BpXq_kzQ.js");
  folder.write("assets/plain.js");
  folder.write("index-BpXq_kzQ.js");
  const auto files = StaticFiles::load(folder.path());
  EXPECT_TRUE(files->find("/assets/index-BpXq_kzQ.js")->immutable);
  EXPECT_FALSE(files->find("/assets/plain.js")->immutable);
  EXPECT_FALSE(files->find("/index-BpXq_kzQ.js")->immutable);
  EXPECT_FALSE(files->find("/")->immutable);

  EXPECT_TRUE(has_content_hash("a-D-4kLm_x.css"));
  EXPECT_TRUE(has_content_hash("index-BpXq_kzQ.js.map"));
  for (const char* const name :
       {"a-portrait.png", "-BpXq_kzQ.js", "a_BpXq_kzQ.js", "a-BpXq_kz.js", "a-BpXq+kzQ.js", "a-BpXq_kzQ", ""})
    EXPECT_FALSE(has_content_hash(name)) << name;
}

TEST(StaticFiles, AFolderWithoutAPageIsRefused) {
  const ScratchFolder folder;
  EXPECT_THAT(refusal(folder.path()), HasSubstr("index.html is missing"));
  EXPECT_THAT(refusal(folder / "none"), HasSubstr("none: there is no page"));
}

TEST(StaticFiles, MoreThanFitsIsRefused) {
  const ScratchFolder folder;
  folder.write("index.html", page);
  folder.write("z.png", std::string(1000, 'x'));
  EXPECT_EQ(refusal(folder.path(), {.max_bytes = page.size() + 1000}), "accepted");
  EXPECT_THAT(refusal(folder.path(), {.max_bytes = page.size() + 999}),
              HasSubstr("z.png: the page's files are larger together"));
}

}  // namespace
}  // namespace dfpipe::server
