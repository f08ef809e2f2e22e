#include "url.hpp"

#include <gtest/gtest.h>

namespace dfpipe::models {
namespace {

TEST(Url, OnlyHttpIsAScheme) {
  EXPECT_EQ(scheme_of("https://a/b"), "https");
  EXPECT_EQ(scheme_of("HTTP://a"), "http");
  for (const char* url : {"", "http", "http://", "ftp://a", "file:///etc/passwd", "//a/b", " https://a"})
    EXPECT_EQ(scheme_of(url), "") << url;
}

TEST(Url, IsShownWithoutNameAndPassword) {
  EXPECT_EQ(shown("https://user:p@ss@host:8/a@b?c"), "https://host:8/a@b?c");
  EXPECT_EQ(shown("https://host/a@b"), "https://host/a@b");
  EXPECT_EQ(shown("https://host"), "https://host");
  EXPECT_EQ(shown("https://u@host"), "https://host");
  EXPECT_EQ(shown("host"), "host");
}

}  // namespace
}  // namespace dfpipe::models
