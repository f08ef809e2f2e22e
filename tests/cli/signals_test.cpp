#include "cli/signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>

namespace dfpipe::cli {
namespace {

using namespace std::chrono_literals;

/// Each promise in a process of its own, because most of them are about its end.
class SignalsDeath : public ::testing::Test {
 protected:
  SignalsDeath() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

void sleep_for_ever() {
  for (;;) std::this_thread::sleep_for(1h);
}

TEST_F(SignalsDeath, BeforeAnythingListensASignalEndsTheProcessWith130) {
  for (const int number : {SIGINT, SIGTERM})
    EXPECT_EXIT(
        {
          const Signals signals;
          kill(getpid(), number);
          sleep_for_ever();
        },
        ::testing::ExitedWithCode(130), "");
}

TEST_F(SignalsDeath, AfterTheListenerIsGoneItIsNeverCalledAgain) {
  EXPECT_EXIT(
      {
        Signals signals;
        auto engine = std::make_unique<int>(0);
        const auto called = [&] { std::_Exit(engine ? 1 : 2); };
        { const auto listening = signals.listen(called, called); }
        engine.reset();
        kill(getpid(), SIGTERM);
        sleep_for_ever();
      },
      ::testing::ExitedWithCode(130), "");
}

TEST_F(SignalsDeath, TheFirstAndTheSecondAreCallsAndTheThirdIsTheEnd) {
  EXPECT_EXIT(
      {
        Signals signals;
        std::atomic<int> calls = 0;
        const auto listening = signals.listen([&] { calls += 1; }, [&] { calls += 10; });
        for (const int expected : {1, 11}) {
          kill(getpid(), SIGTERM);
          while (calls != expected) std::this_thread::sleep_for(1ms);
        }
        kill(getpid(), SIGINT);
        sleep_for_ever();
      },
      ::testing::ExitedWithCode(130), "");
}

TEST_F(SignalsDeath, TheEndIsNotWaitedFor) {
  EXPECT_EXIT(
      {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < 50; ++i) {
          Signals signals;
          const auto listening = signals.listen([] {}, [] {});
        }
        std::_Exit(std::chrono::steady_clock::now() - start < 1s ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace dfpipe::cli
