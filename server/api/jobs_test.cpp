#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/job_table.hpp"
#include "api/test_site.hpp"

namespace dfpipe::server {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Jobs : public ::testing::Test {
 protected:
  explicit Jobs(const Settings& settings = {}) : api_(settings, job_routes) {}

  /// The path of a new job.
  std::string start(std::size_t pictures) {
    return std::string(api_.post_pictures("/v1/jobs", pictures).field("Location"));
  }

  std::shared_ptr<PictureTask> take() { return api_.site.queue.take({}); }
  void judge(const std::string& result) { take()->answer({.json = result}); }
  void fail() { take()->fail(422, "corrupt", "Could not decode image"); }

  json job(const std::string& path) { return json::parse(api_.get(path).body); }
  std::string error(const TestAnswer& answer) { return std::to_string(answer.status) + " " + answer.code(); }
  std::vector<std::string> events(const std::string& path, const std::string& fields = "") {
    std::vector<std::string> shown;
    for (const TestEvent& one : read_events(api_.get(path, fields).body)) {
      const json data = json::parse(one.data);
      shown.push_back(one.event + (one.id.empty() ? " " : " " + one.id + " ") +
                      (data.contains("index") ? data["result"].dump()
                                              : data["state"].get<std::string>() + " " + data["done"].dump() + " " +
                                                    data["failed"].dump()));
    }
    return shown;
  }

  TestSite api_;
};

TEST_F(Jobs, AreTakenAtOnceAndTheirResultsComeOneByOne) {
  const auto answer = api_.post_pictures("/v1/jobs", 3);
  EXPECT_EQ(answer.status, 202u);
  const std::string path(answer.field("Location"));
  ASSERT_THAT(path, MatchesRegex("/v1/jobs/[0-9a-f]{32}"));
  const json started = json::parse(answer.body);
  EXPECT_EQ(started, (json{{"id", path.substr(9)}, {"state", "running"}, {"total", 3}, {"done", 0}, {"failed", 0}}));

  judge("\"first\"");
  const auto second = take();
  fail();
  const json halfway = job(path);
  EXPECT_EQ(halfway["state"], "running");
  EXPECT_EQ(halfway["done"], 2);
  EXPECT_EQ(halfway["failed"], 1);
  EXPECT_EQ(halfway["results"][0], (json{{"index", 0}, {"result", "first"}}));
  EXPECT_EQ(halfway["results"][1]["index"], 2);
  EXPECT_EQ(halfway["results"][1]["result"]["file"], "2.png");
  EXPECT_EQ(halfway["results"][1]["result"]["code"], "corrupt");

  second->answer({.json = "\"second\""});
  const json all = job(path);
  EXPECT_EQ(all["state"], "done");
  EXPECT_EQ(all["results"][2], (json{{"index", 1}, {"result", "second"}}));
}

TEST_F(Jobs, GiveTheirPicturesToTheQueueAsAJobs) {
  start(1);
  const auto task = take();
  EXPECT_TRUE(task->origin().of_job);
  EXPECT_EQ(task->origin().file_name, "0.png");
  EXPECT_EQ(task->take_bytes().size(), 10u);
}

TEST_F(Jobs, TellOfEachResultAsItComes) {
  const std::string path = start(2);
  const auto line = api_.connect();
  line->send("GET " + path + "/events HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(unchunked(line->received()), "");
  judge("1");
  line->run();
  const auto events = read_events(unchunked(line->received()));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event, "result");
  EXPECT_EQ(events[0].id, "1");
  EXPECT_EQ(json::parse(events[0].data), (json{{"index", 0}, {"result", 1}}));
  EXPECT_EQ(events[1].event, "progress");
  EXPECT_EQ(json::parse(events[1].data)["done"], 1);
  EXPECT_FALSE(line->ended());
  fail();
  line->run();
  EXPECT_THAT(line->received(), HasSubstr("event: end\ndata: {\"id\":\"" + path.substr(9) + "\",\"state\":\"done\""));
}

TEST_F(Jobs, TellTheSameToWhoComesLate) {
  const std::string path = start(2);
  judge("1");
  fail();
  EXPECT_THAT(events(path + "/events"),
              ElementsAre("result 1 1", "progress running 1 0", HasSubstr("result 2 {\"code\":\"corrupt\""),
                          "progress done 2 1", "end done 2 1"));
}

TEST_F(Jobs, GoOnBehindTheLastEventThatWasSeen) {
  const std::string path = start(2);
  judge("1");
  judge("2");
  const auto rest = ElementsAre("result 2 2", "progress done 2 0", "end done 2 0");
  EXPECT_THAT(events(path + "/events", "Last-Event-ID: 1\r\n"), rest);
  EXPECT_THAT(events(path + "/events?last_event_id=1"), rest);
  EXPECT_THAT(events(path + "/events?last_event_id=0", "Last-Event-ID: 1\r\n"), rest) << "a browser connects again";
  EXPECT_THAT(events(path + "/events", "Last-Event-ID: 2\r\n"), ElementsAre("end done 2 0"));
}

TEST_F(Jobs, RefuseALastEventThatNeverWas) {
  const std::string path = start(2);
  judge("1");
  for (const char* const id : {"2", "-1", "1x", "x", "99999999999999999999"})
    EXPECT_EQ(error(api_.get(path + "/events", std::string("Last-Event-ID: ") + id + "\r\n")), "400 bad_last_event_id")
        << id;
}

TEST_F(Jobs, SendMoreThanWaitsAtOnceToWhoReadsIt) {
  const std::string path = start(20);
  const std::string large = '"' + std::string(300'000, 'x') + '"';
  for (int i = 0; i < 19; ++i) judge(large);
  judge('"' + std::string(3'000'000, 'y') + '"');  // more than may wait, all by itself
  const auto line = api_.connect();
  line->send("GET " + path + "/events HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto all = read_events(unchunked(line->received()));
  ASSERT_EQ(all.size(), 41u);
  EXPECT_EQ(all[36].id, "19");
  EXPECT_EQ(all[36].data.size(), all[0].data.size() + 1);
  EXPECT_GT(all[38].data.size(), 3'000'000u);
  EXPECT_EQ(all[40].event, "end");
}

TEST_F(Jobs, StopWhenTheyAreDeleted) {
  const std::string path = start(3);
  judge("1");
  const auto in_graph = take();
  const auto line = api_.connect();
  line->send("GET " + path + "/events HTTP/1.1\r\nHost: a\r\n\r\n");
  line->received();

  const auto answer = api_.ask("DELETE " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.status, 204u);
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(in_graph->abandoned()) << "no node works on it any more";
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(api_.site.queue.take(stop.get_token()), nullptr) << "the rest never gets there";
  in_graph->answer({.json = "2"});  // too late

  line->run();
  const auto events = read_events(unchunked(line->received()));
  ASSERT_EQ(events.size(), 5u);
  for (const int i : {0, 2}) EXPECT_EQ(json::parse(events[i].data)["result"]["code"], "cancelled");
  EXPECT_EQ(events[4].event, "end");
  const json end = json::parse(events[4].data);
  EXPECT_EQ(end["state"], "cancelled");
  EXPECT_EQ(end["done"], 3);
  EXPECT_EQ(end["failed"], 2);
  EXPECT_EQ(error(api_.get(path)), "404 job_not_found");
}

TEST_F(Jobs, AreToldToTheirEndAlsoWhenTheyAreForgottenMeanwhile) {
  const std::string path = start(4);
  const auto line = api_.connect();
  line->send("GET " + path + "/events HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 4; ++i) judge('"' + std::string(200'000, 'x') + '"');  // more than is sent to who does not read
  EXPECT_EQ(api_.ask("DELETE " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 204u);
  EXPECT_EQ(api_.get(path).status, 404u);
  line->run();
  const auto events = read_events(unchunked(line->received()));
  ASSERT_EQ(events.size(), 9u);
  EXPECT_EQ(events.back().event, "end");
  EXPECT_TRUE(line->ended());
}

TEST_F(Jobs, ThatNobodyKnowsAreNotFound) {
  for (const char* const id : {"0123456789abcdef0123456789abcdef", "x", "%2e%2e%2e"}) {
    const std::string path = std::string("/v1/jobs/") + id;
    EXPECT_EQ(error(api_.get(path)), "404 job_not_found") << id;
    EXPECT_EQ(error(api_.get(path + "/events")), "404 job_not_found") << id;
    EXPECT_EQ(error(api_.ask("DELETE " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")), "404 job_not_found") << id;
  }
}

TEST_F(Jobs, NeedPicturesInAForm) {
  EXPECT_EQ(error(api_.post_pictures("/v1/jobs", 0)), "400 no_image");
  EXPECT_EQ(
      error(api_.ask("POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 1\r\n\r\nx")),
      "415 content_type");
  EXPECT_EQ(error(api_.ask("POST /v1/jobs HTTP/1.1\r\nHost: a\r\n\r\n")), "415 content_type");
}

TEST_F(Jobs, AreRefusedWhileTheServerEnds) {
  api_.site.drain();
  EXPECT_EQ(error(api_.post_pictures("/v1/jobs", 1)), "503 draining");
}

TEST_F(Jobs, AreFollowedToTheirEndWhileTheServerEnds) {
  const std::string path = start(2);
  const auto line = api_.connect();
  line->send("GET " + path + "/events HTTP/1.1\r\nHost: a\r\n\r\n");
  judge("1");
  line->drain();
  judge("2");
  line->run();
  EXPECT_EQ(read_events(unchunked(line->received())).size(), 5u);
  EXPECT_TRUE(line->ended());
}

TEST_F(Jobs, EndWithErrorsWhenTheServerEndsBeforeThem) {
  const std::string path = start(2);
  judge("1");
  api_.site.queue.discard();
  const json ended = job(path);
  EXPECT_EQ(ended["state"], "done");
  EXPECT_EQ(ended["results"][1]["result"]["code"], "discarded");
}

TEST_F(Jobs, EveryPictureEndsOnceWhileManyThreadsJudgeAndOneDeletes) {
  constexpr std::size_t pictures = 60;
  for (int round = 0; round < 5; ++round) {
    const std::string path = start(pictures);
    const auto line = api_.connect();
    line->send("GET " + path + "/events HTTP/1.1\r\nHost: a\r\n\r\n");
    std::stop_source stop;
    {
      std::vector<std::jthread> judges;
      for (int i = 0; i < 3; ++i)
        judges.emplace_back([&] {
          while (const auto task = api_.site.queue.take(stop.get_token())) {
            task->enters_graph();
            task->answer({.json = "1"});
          }
        });
      EXPECT_EQ(api_.ask("DELETE " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 204u);
      stop.request_stop();
    }
    line->run();
    std::vector<int> seen;
    const auto events = read_events(unchunked(line->received()));
    for (const TestEvent& one : events)
      if (one.event == "result") seen.push_back(json::parse(one.data)["index"]);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
    EXPECT_EQ(seen.size(), pictures);
    EXPECT_EQ(events.back().event, "end");
    EXPECT_TRUE(line->ended());
  }
}

class FewJobs : public Jobs {
 protected:
  FewJobs() : Jobs({.job_files = 3, .jobs = 2}) {}
};

TEST_F(FewJobs, MoreThanMayRunAreRefusedBeforeTheirPicturesAreRead) {
  start(1);
  start(1);
  const auto line = api_.connect();
  const std::string request = form_request("/v1/jobs", 1);
  const auto answer = line->send(request.substr(0, request.find("\r\n\r\n") + 4)).answer();
  EXPECT_EQ(error(answer), "429 too_many_jobs");
  EXPECT_GE(std::stoi(std::string(answer.field("Retry-After"))), 1);
}

TEST_F(FewJobs, TheOldestFinishedOneMakesRoom) {
  const std::string first = start(1), second = start(2);
  judge("1");
  judge("2");
  const std::string third = start(1);
  EXPECT_NE(third, "");
  EXPECT_EQ(error(api_.get(first)), "404 job_not_found");
  EXPECT_EQ(job(second)["state"], "running");
}

TEST_F(FewJobs, AJobWhoseUploadBreaksOffLeavesItsPlace) {
  start(1);
  const std::string request = form_request("/v1/jobs", 1);
  {
    const auto line = api_.connect();
    line->send(request.substr(0, request.size() - 20));
    EXPECT_EQ(error(api_.post_pictures("/v1/jobs", 1)), "429 too_many_jobs");
    line->leave();
  }
  EXPECT_EQ(api_.post_pictures("/v1/jobs", 1).status, 202u);
}

TEST_F(FewJobs, TooManyFilesAreRefused) { EXPECT_EQ(error(api_.post_pictures("/v1/jobs", 4)), "413 too_many_files"); }

class HastyJobs : public Jobs {
 protected:
  HastyJobs() : Jobs({.job_keep = 0}) {}
};

TEST_F(HastyJobs, AreForgottenAWhileAfterTheirEnd) {
  const std::string path = start(2);
  judge("1");
  EXPECT_EQ(job(path)["state"], "running");
  judge("2");
  EXPECT_EQ(error(api_.get(path)), "404 job_not_found");
}

std::string refused(JobTable& table, std::uint64_t bytes) {
  try {
    table.reserve(bytes);
  } catch (const Refusal& refusal) {
    return refusal.code();
  }
  return "";
}

TEST(JobTable, PicturesThatWaitAreLimitedInBytes) {
  const auto table = std::make_shared<JobTable>(JobTable::Limits{.picture_bytes = 100});
  auto receiving = table->reserve(60);
  EXPECT_EQ(refused(*table, 41), "too_many_jobs");
  EXPECT_EQ(refused(*table, 40), "");
  auto picture = table->hold(50);
  receiving = nullptr;
  EXPECT_EQ(refused(*table, 51), "too_many_jobs");
  picture = nullptr;
  EXPECT_EQ(refused(*table, 100), "");
}

TEST(JobTable, ResultsAreLimitedInBytesTheOldestGoFirst) {
  const auto table = std::make_shared<JobTable>(JobTable::Limits{.result_bytes = 250});
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const auto job = table->add(1);
    job->put(0, {.json = '"' + std::string(80, 'x') + '"'});
    ids.push_back(job->id());
  }
  EXPECT_FALSE(table->find(ids[0]));
  EXPECT_TRUE(table->find(ids[1]));
  EXPECT_TRUE(table->find(ids[2]));
}

TEST(JobTable, NamesDoNotRepeat) {
  const std::string one = random_id(), two = random_id();
  EXPECT_THAT(one, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(one, two);
}

}  // namespace
}  // namespace dfpipe::server
