#include "api/picture_queue.hpp"

#include <gmock/gmock.h>

#include <map>
#include <thread>

namespace dfpipe::server {
namespace {

using namespace std::chrono_literals;

/// Tasks whose answers are noted by name. It outlives the queue, which answers what is left in it.
class Tasks {
 public:
  std::shared_ptr<PictureTask> make(const std::string& name, std::shared_ptr<const std::atomic<bool>> abandoned = {},
                                    bool of_job = false) {
    return std::make_shared<PictureTask>(PictureTask::Origin{.request_id = name,
                                                             .file_name = name,
                                                             .complete = Clock::now(),
                                                             .abandoned = std::move(abandoned),
                                                             .of_job = of_job},
                                         std::vector<std::uint8_t>(10),
                                         [this, name](const PictureAnswer& answer) { codes[name] = answer.code; });
  }
  std::map<std::string, std::string> codes;
};

std::string code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Refusal& refusal) {
    return refusal.code();
  }
  return "";
}

PictureQueue::Limits small() { return {.pictures = 2, .bytes = 100, .job_share = 1}; }

TEST(PictureQueue, AFullQueueRefusesBeforeABodyIsReadAndSaysWhenToComeBack) {
  Tasks tasks;
  PictureQueue queue(small());
  auto one = queue.reserve(10);
  queue.put(queue.reserve(10), {tasks.make("a")});
  try {
    queue.reserve(10);
    FAIL() << "there was room";
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status(), 429u);
    EXPECT_EQ(refusal.code(), "queue_full");
    ASSERT_EQ(refusal.headers().size(), 1u);
    EXPECT_EQ(refusal.headers()[0].first, "Retry-After");
    EXPECT_GE(std::stoi(refusal.headers()[0].second), 1);
  }
  one = {};
  EXPECT_EQ(code_of([&] { queue.reserve(10); }), "");
}

TEST(PictureQueue, RefusesWhatWouldWaitTooLongByThePaceOfTheLastOnes) {
  Tasks tasks;
  PictureQueue queue({.pictures = 100, .bytes = 1000, .job_share = 1, .wait = 1e-3});
  for (const char* name : {"a", "b", "c"}) queue.put(queue.reserve(10), {tasks.make(name)});
  auto a = queue.take({}), b = queue.take({}), c = queue.take({});
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "") << "nothing is known of the pace";
  a = nullptr;
  std::this_thread::sleep_for(50ms);
  b = nullptr;
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "queue_full");
  c = nullptr;
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "") << "nothing stands before it";
}

TEST(PictureQueue, ASlowPaceIsForgottenWhenAPictureAloneIsFaster) {
  Tasks tasks;
  PictureQueue queue({.pictures = 100, .bytes = 1000, .job_share = 1, .wait = 0.05});
  for (const char* name : {"a", "b", "c"}) queue.put(queue.reserve(10), {tasks.make(name)});
  auto a = queue.take({}), b = queue.take({}), c = queue.take({});
  a = nullptr;
  std::this_thread::sleep_for(600ms);
  b = nullptr;
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "queue_full");
  c = nullptr;
  queue.put(queue.reserve(10), {tasks.make("d")});
  auto d = queue.take({});
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "queue_full") << "nothing new is known yet";
  d = nullptr;
  queue.put(queue.reserve(10), {tasks.make("e")});
  const auto e = queue.take({});
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "");
}

TEST(PictureQueue, BytesAreLimitedAsWell) {
  PictureQueue queue(small());
  const auto place = queue.reserve(60);
  EXPECT_EQ(code_of([&] { queue.reserve(60); }), "queue_full");
  EXPECT_EQ(code_of([&] { queue.reserve(40); }), "");
}

TEST(PictureQueue, ARequestOfSeveralPicturesNeedsAPlaceForEach) {
  PictureQueue queue(small());
  auto place = queue.reserve(10);
  EXPECT_FALSE(place.widen(3));
  EXPECT_TRUE(place.widen(2));
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "queue_full");
}

TEST(PictureQueue, WhatNobodyWaitsForIsAnsweredAndNeverTaken) {
  Tasks tasks;
  PictureQueue queue(small());
  const auto left = std::make_shared<std::atomic<bool>>(true);
  queue.put(queue.reserve(10), {tasks.make("left", left)});
  queue.put(queue.reserve(10), {tasks.make("waits")});
  EXPECT_EQ(queue.take({})->origin().file_name, "waits");
  EXPECT_EQ(tasks.codes.at("left"), "abandoned");
}

TEST(PictureQueue, AJobNeverHasMoreThanItsShareInThePipeline) {
  Tasks tasks;
  PictureQueue queue(small());
  queue.put_job(queue.reserve_job(), {tasks.make("j1", {}, true), tasks.make("j2", {}, true)});
  queue.put(queue.reserve(10), {tasks.make("r")});
  auto first = queue.take({});
  EXPECT_EQ(first->origin().file_name, "j1");  // it came first
  EXPECT_EQ(queue.take({})->origin().file_name, "r");
  std::stop_source stop;
  std::shared_ptr<PictureTask> second;
  std::jthread waits([&] { second = queue.take({}); });
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(queue.waiting(), 1u);
  first = nullptr;
  waits.join();
  EXPECT_EQ(second->origin().file_name, "j2");
}

TEST(PictureQueue, AtAStopItGivesWhatWasAcceptedAndWhatIsStillBeingReceived) {
  Tasks tasks;
  PictureQueue queue(small());
  std::stop_source stop;
  auto place = queue.reserve(10);
  queue.put(queue.reserve(10), {tasks.make("a")});
  queue.close();
  stop.request_stop();
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "draining");
  EXPECT_EQ(queue.take(stop.get_token())->origin().file_name, "a");
  std::jthread late([&] {
    std::this_thread::sleep_for(20ms);
    queue.put(std::move(place), {tasks.make("b")});
  });
  EXPECT_EQ(queue.take(stop.get_token())->origin().file_name, "b");
  EXPECT_EQ(queue.take(stop.get_token()), nullptr);
}

TEST(PictureQueue, GivesWhatIsLetInBeforeItCloses) {
  Tasks tasks;
  PictureQueue queue(small());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(queue.take(stop.get_token()), nullptr);
  std::jthread late([&] {
    std::this_thread::sleep_for(20ms);
    queue.put(queue.reserve(10), {tasks.make("late")});
    queue.close();
  });
  queue.wait_until_closed();
  const auto task = queue.take(stop.get_token());
  ASSERT_NE(task, nullptr);
  EXPECT_EQ(task->origin().file_name, "late");
  EXPECT_EQ(queue.take(stop.get_token()), nullptr);
}

TEST(PictureQueue, AReceiverThatGivesUpEndsTheWait) {
  PictureQueue queue(small());
  std::stop_source stop;
  auto place = queue.reserve(10);
  stop.request_stop();
  std::jthread gives_up([&] {
    std::this_thread::sleep_for(20ms);
    place = {};
  });
  EXPECT_EQ(queue.take(stop.get_token()), nullptr);
}

TEST(PictureQueue, DiscardAnswersAllThatWait) {
  Tasks tasks;
  PictureQueue queue(small());
  queue.put(queue.reserve(10), {tasks.make("r")});
  queue.put_job(queue.reserve_job(), {tasks.make("j", {}, true)});
  auto place = queue.reserve(10);
  queue.discard();
  EXPECT_EQ(tasks.codes.at("r"), "discarded");
  EXPECT_EQ(tasks.codes.at("j"), "discarded");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(queue.take(stop.get_token()), nullptr) << "it waits for nobody who still sends";
  queue.put(std::move(place), {tasks.make("late")});
  EXPECT_EQ(tasks.codes.at("late"), "discarded");
  EXPECT_EQ(code_of([&] { queue.reserve(1); }), "draining");
}

TEST(PictureQueue, EveryPictureOfManyThreadsIsTakenOnce) {
  PictureQueue queue({.pictures = 100'000, .bytes = 1'000'000'000, .job_share = 3});
  std::atomic<int> answered{0};
  constexpr int writers = 4, each = 2000;
  std::stop_source stop;
  std::vector<std::jthread> taking, putting;
  for (int i = 0; i < 3; ++i)
    taking.emplace_back([&] {
      while (const auto task = queue.take(stop.get_token())) task->answer({});
    });
  for (int w = 0; w < writers; ++w)
    putting.emplace_back([&, w] {
      for (int i = 0; i < each; ++i) {
        auto task = std::make_shared<PictureTask>(PictureTask::Origin{.of_job = w == 0}, std::vector<std::uint8_t>(1),
                                                  [&](const PictureAnswer&) { ++answered; });
        if (w == 0)
          queue.put_job(queue.reserve_job(), {std::move(task)});
        else
          queue.put(queue.reserve(1), {std::move(task)});
      }
    });
  putting.clear();
  queue.close();
  stop.request_stop();
  taking.clear();
  EXPECT_EQ(answered, writers * each);
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(PictureTask, IsAnsweredOnceWhateverHappens) {
  int answers = 0;
  std::string code;
  {
    PictureTask task({}, {}, [&](const PictureAnswer& answer) {
      ++answers;
      code = answer.code;
    });
    task.fail(400, "corrupt", "Could not decode image");
    task.answer({});
  }
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(code, "corrupt");
}

}  // namespace
}  // namespace dfpipe::server
