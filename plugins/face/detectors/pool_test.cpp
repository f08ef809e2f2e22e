#include "pool.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <variant>

namespace dfpipe::face {
namespace {

struct Numbered {
  int number;
};

struct Counting {
  int made = 0;
  auto make() {
    return [this] { return std::make_unique<Numbered>(++made); };
  }
};

TEST(Pool, MakesNoMoreThanThereAreCallsAtOnce) {
  Counting counting;
  Pool<Numbered, std::monostate> pool(counting.make());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pool.lease()->number, 1);
  {
    const auto one = pool.lease(), two = pool.lease();
    EXPECT_NE(one->number, two->number);
  }
  EXPECT_EQ(counting.made, 2);
}

TEST(Pool, GivesTheObjectThatIsSetUpForTheKey) {
  Counting counting;
  Pool<Numbered, int> pool(counting.make());
  const int wide = pool.lease(640)->number, tall = pool.lease(480)->number;
  EXPECT_NE(wide, tall);
  EXPECT_EQ(pool.lease(640)->number, wide);
  EXPECT_EQ(pool.lease(480)->number, tall);
}

TEST(Pool, TakesTheLongestIdleObjectForANewKeyWhenEnoughAreKept) {
  Counting counting;
  Pool<Numbered, int> pool(counting.make(), 2);
  const int first = pool.lease(1)->number;
  pool.lease(2);
  EXPECT_EQ(pool.lease(3)->number, first);
  for (int key = 4; key < 50; ++key) pool.lease(key);
  EXPECT_EQ(counting.made, 2);
}

TEST(Pool, PassesOnWhatMakingAnObjectThrows) {
  Pool<Numbered, int> pool([]() -> std::unique_ptr<Numbered> { throw std::runtime_error("no"); });
  EXPECT_THROW(pool.lease(1), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::face
