#include <charconv>

#include "api/job_table.hpp"
#include "api/site.hpp"
#include "api/uploads.hpp"
#include "http/text.hpp"

namespace dfpipe::server {
namespace {

using Table = std::shared_ptr<JobTable>;

std::shared_ptr<Job> job_of(JobTable& table, const RequestHead& head) {
  auto job = table.find(head.named_part("id"));
  if (!job) throw Refusal(404, "job_not_found", "There is no such job, or it has been forgotten");
  return job;
}

void require_multipart(const RequestHead& head) {
  if (!lower_case(head.field("Content-Type")).starts_with("multipart/"))
    throw Refusal(415, "content_type", "The pictures of a job come as multipart/form-data in the field 'image'");
}

/// Receives the pictures of a job and puts them into the queue.
class NewJob final : public Handler {
 public:
  NewJob(Site& site, Table table, const RequestHead& head)
      : site_(site),
        table_(std::move(table)),
        began_(head.began),
        reader_(head, site.settings.job_files, site.settings.job_bytes),
        place_(site.queue.reserve_job()),
        held_(table_->reserve(head.content_length)) {}

  void receive(std::string_view bytes) override { reader_.receive(bytes); }

  void answer(Reply reply) override {
    std::vector<Upload> uploads = reader_.finish();
    const auto job = table_->add(uploads.size());
    std::vector<std::shared_ptr<PictureTask>> tasks;
    for (std::size_t i = 0; i < uploads.size(); ++i) tasks.push_back(task(reply, job, i, std::move(uploads[i])));
    job->set_tasks(tasks);
    held_ = nullptr;
    const bool told =
        reply.send({.status = 202, .body = job->json() + "\n", .headers = {{"Location", "/v1/jobs/" + job->id()}}});
    if (told)
      site_.queue.put_job(std::move(place_), std::move(tasks));
    else  // nobody knows its name
      table_->forget(job->id());
  }

 private:
  std::shared_ptr<PictureTask> task(const Reply& reply, const std::shared_ptr<Job>& job, std::size_t index,
                                    Upload upload) {
    auto held = table_->hold(upload.bytes.size());
    return make_task(site_,
                     {.request_id = reply.request_id(),
                      .file_name = std::move(upload.file_name),
                      .began = began_,
                      .complete = Clock::now(),
                      .abandoned = job->cancelled(),
                      .of_job = true},
                     std::move(upload.bytes),
                     [job, index, held = std::move(held)](const PictureAnswer& answer) { job->put(index, answer); });
  }

  Site& site_;
  Table table_;
  Clock::time_point began_;
  UploadReader reader_;
  PictureQueue::Place place_;
  JobTable::Held held_;
};

/// How many results the client has, by the header that a browser sends when it connects again, or else by the query.
std::size_t results_seen(const RequestHead& head) {
  std::string text(head.field("Last-Event-ID"));
  if (text.empty()) text = head.parameter("last_event_id").value_or("0");
  std::size_t seen = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seen);
  if (error != std::errc() || end != text.data() + text.size())
    throw Refusal(400, "bad_last_event_id", "Last-Event-ID must be the number of an event");
  return seen;
}

std::unique_ptr<Handler> follow(JobTable& table, const RequestHead& head) {
  const auto job = job_of(table, head);
  const std::size_t seen = results_seen(head);
  if (seen > job->done()) throw Refusal(400, "bad_last_event_id", "The job has no such event yet");
  return answer_with([job, seen](const Reply& reply) { job->follow(reply.stream(), seen); });
}

}  // namespace

std::vector<Route> job_routes(Site& site) {
  const Settings& s = site.settings;
  const auto table = std::make_shared<JobTable>(JobTable::Limits{
      .jobs = s.jobs, .picture_bytes = s.job_bytes + form_bytes(s.job_files), .keep_seconds = s.job_keep});
  return {
      {.method = "POST",
       .path = "/v1/jobs",
       .name = "jobs",
       .handle =
           [&site, table](const RequestHead& head) {
             site.require_ready();
             require_multipart(head);
             return std::make_unique<NewJob>(site, table, head);
           },
       .body_limit = s.job_bytes + form_bytes(s.job_files)},
      {.method = "GET",
       .path = "/v1/jobs/{id}",
       .name = "job",
       .handle =
           [table](const RequestHead& head) {
             const auto job = job_of(*table, head);
             return answer_with([job](const Reply& reply) { reply.send({.body = job->json_with_results() + "\n"}); });
           }},
      {.method = "DELETE",
       .path = "/v1/jobs/{id}",
       .name = "job",
       .handle =
           [table](const RequestHead& head) {
             const auto job = job_of(*table, head);
             return answer_with([table, job](const Reply& reply) {
               table->forget(job->id());
               reply.send(Response{.status = 204});
             });
           }},
      {.method = "GET",
       .path = "/v1/jobs/{id}/events",
       .name = "job_events",
       .handle = [table](const RequestHead& head) { return follow(*table, head); }}};
}

}  // namespace dfpipe::server
