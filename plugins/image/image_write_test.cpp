#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <thread>

#include "codec.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/image.hpp"
#include "test_files.hpp"
#include "testing/node_runner.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dfpipe;
using dfpipe::testing::NodeRunner;

class ImageWrite : public ::testing::Test {
 protected:
  ImageWrite() { fs::remove_all(dir_); }
  ~ImageWrite() override { fs::remove_all(dir_); }
  cv::Mat read(const fs::path& name) const {
    std::ifstream in(dir_ / name, std::ios::binary);
    const std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(in)), {});
    return codec::decode(bytes, 1'000'000).pixels;
  }
  void write(const std::string& path, const std::string& format = "png") {
    NodeRunner node("image-write");
    node.set("dir", dir_.string()).set("format", format).in("image", Image{picture_}).in("path", path);
    node.run();
    node.close();
  }
  const fs::path dir_ = fs::path(::testing::TempDir()) / ("image_write_" + std::to_string(::getpid()));
  const cv::Mat picture_ = test_files::textured(20, 10);
};

TEST_F(ImageWrite, PngIsWithoutLoss) {
  write("a/b.png");
  EXPECT_EQ(cv::norm(read("a/b.png"), picture_, cv::NORM_INF), 0);
}

TEST_F(ImageWrite, JpegIsWritten) {
  write("b.JPG", "jpeg");
  EXPECT_EQ(read("b.JPG").size(), picture_.size());
}

TEST_F(ImageWrite, APictureMayBringItsOwnJpegQuality) {
  const auto bytes = [&](double quality) {
    NodeRunner node("image-write");
    node.set("dir", dir_.string()).set("format", std::string("jpeg"));
    node.in("image", Image{picture_}).in("path", std::string("q.jpg")).in("quality", quality).run();
    std::ifstream in(dir_ / "q.jpg", std::ios::binary);
    return std::vector<std::uint8_t>(std::istreambuf_iterator<char>(in), {});
  };
  EXPECT_EQ(bytes(55), codec::encode_jpeg(picture_, 55));
  for (const double wrong : {0.0, 101.0, std::nan("")}) EXPECT_THROW(bytes(wrong), Error) << wrong;
}

TEST_F(ImageWrite, AnotherExtensionIsAddedNotReplaced) {
  write("x.webp");
  EXPECT_TRUE(fs::exists(dir_ / "x.webp.png"));
}

TEST_F(ImageWrite, NoNameLeavesTheFolder) {
  write("../../../etc/evil.png");
  EXPECT_TRUE(fs::exists(dir_ / "etc/evil.png"));
  write("/abs.png");
  EXPECT_TRUE(fs::exists(dir_ / "abs.png"));
  write("..");
  EXPECT_TRUE(fs::exists(dir_ / "picture.png"));
}

TEST_F(ImageWrite, NothingUnfinishedIsLeft) {
  write("a.png");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()), 1);
}

TEST_F(ImageWrite, WritersOfOneItemAndOfOneNameDoNotDisturbEachOther) {
  constexpr int writers = 4, pictures = 40;
  std::vector<NodeRunner> nodes;
  for (int w = 0; w < writers; ++w) {
    nodes.emplace_back("image-write");
    nodes.back().set("dir", dir_.string()).in("image", Image{picture_}).open();
  }
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w)
    threads.emplace_back([&, w] {
      for (int i = 0; i < pictures; ++i)
        for (const std::string& name : {std::to_string(w) + "_" + std::to_string(i), std::string("the_same")}) try {
            nodes[static_cast<std::size_t>(w)].in("path", name + ".png").run();
          } catch (const std::exception&) {
            ++failures;
          }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(dir_)) {
    ++files;
    EXPECT_EQ(cv::norm(read(entry.path().filename()), picture_, cv::NORM_INF), 0) << entry.path();
  }
  EXPECT_EQ(files, writers * pictures + 1);
}

TEST_F(ImageWrite, AnyNameThatAFileMayHaveIsWritten) {
  const std::string longest = std::string(251, 'n') + ".png";
  write(longest);
  EXPECT_EQ(read(longest).size(), picture_.size());
  write("\xC4.PNG");
  EXPECT_EQ(read("\xC4.PNG").size(), picture_.size());
}

TEST_F(ImageWrite, AFailedPictureIsPassedOver) {
  NodeRunner node("image-write");
  node.set("dir", dir_.string()).in_failed("image", "decode", "damaged").in("path", std::string("a.png"));
  node.run();
  EXPECT_TRUE(fs::is_empty(dir_));
}

TEST_F(ImageWrite, AWriteErrorEndsTheRun) {
  NodeRunner node("image-write");
  node.set("dir", dir_.string()).in("image", Image{picture_}).in("path", std::string("a.png"));
  node.open();
  fs::create_directories(dir_ / "a.png");  // a folder where the file should go
  EXPECT_THROW(node.run(), Fatal);
}

}  // namespace
