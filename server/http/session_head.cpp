#include <algorithm>
#include <array>

#include "http/answer_head.hpp"
#include "http/request_id.hpp"
#include "http/session.hpp"
#include "http/static_answer.hpp"

namespace dfpipe::server {
namespace {

/// The method as a log may show it.
std::string known_method(const std::string& method) {
  constexpr std::array<std::string_view, 7> known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(known.begin(), known.end(), method) != known.end() ? method : "-";
}

}  // namespace

void Session::take_head() {
  const Limits& limits = context_->config.limits;
  AcceptedHead accepted;
  try {
    const auto size = head_end_.find(inbox_);
    if (size.value_or(inbox_.size() + 1) > limits.header_bytes) {
      throw Refusal(431, "head_too_large",
                    "a request's head must be at most " + std::to_string(limits.header_bytes) + " bytes");
    }
    if (!size) return read(std::min<std::size_t>(4096, limits.header_bytes - inbox_.size()));
    accepted = accept_head(std::string_view(inbox_).substr(0, *size), limits.header_fields);
    inbox_.erase(0, *size);
  } catch (const Refusal& refusal) {
    return reject(refusal);
  }
  if (enter(Phase::body, limits.body_grace_seconds)) begin(std::move(accepted));
}

void Session::reject(const Refusal& refusal) {
  if (!enter(Phase::body, 0)) return;
  close_ = true;
  head_.method.clear();
  head_.request_id = make_request_id();
  record_ = AccessRecord{head_.request_id, remote_, "-", "-"};
  recording_ = true;
  refuse(refusal);
}

void Session::begin(AcceptedHead accepted) {
  const auto began = head_.began;
  head_ = std::move(accepted.head);
  head_.began = began;
  head_.request_id = make_request_id();
  http_1_0_ = accepted.http_1_0;
  close_ = !accepted.keep_alive || spare_ || ++requests_ >= context_->config.limits.requests_per_connection;
  body_left_ = head_.content_length;
  body_began_ = Clock::now();
  deadline_ = Clock::time_point::max();
  record_ = AccessRecord{head_.request_id, remote_, known_method(head_.method), "none", accepted.target.substr(0, 200)};
  recording_ = true;
  exchange_ = std::make_shared<Exchange>(head_.request_id, context_->exchanges, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->later([raw = self.get()] { raw->woken(); });
  });
  try {
    cors_ = context_->cors.fields(head_.field("Origin"));
    choose(accepted);
  } catch (const Refusal& refusal) {
    refuse(refusal);
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

void Session::choose(const AcceptedHead& accepted) {
  const auto* file = context_->config.files ? context_->config.files->find(head_.path) : nullptr;
  if (file) record_.route = "static";
  auto found = context_->router.find(head_.method, head_.path);
  if (file) {
    found.methods.insert(found.methods.end(), {"GET", "HEAD"});
    if (head_.method == "GET" || head_.method == "HEAD") found.route = nullptr;
  }
  if (!found.named.empty()) record_.target = found.pattern;  // who knows a job's name may ask for its results
  route_ = found.route;
  if (route_) record_.route = route_->name;
  if (!route_ || !route_->open) {
    if (context_->draining) throw Refusal(503, "draining", "the server is ending", {{"Retry-After", "5"}});
    if (spare_) {
      throw Refusal(503, "too_many_connections", "the server has all the connections it can serve",
                    {{"Retry-After", "5"}});
    }
  }
  if (found.methods.empty()) throw Refusal(404, "not_found", "there is nothing at this path");
  if (!route_ && head_.method == "OPTIONS") {
    return answer({Response{204, "", "", context_->cors.preflight(head_.field("Origin"), found.methods)}, {}});
  }
  if (file && !route_ && (head_.method == "GET" || head_.method == "HEAD")) {
    return answer({static_answer(*file, head_), {}});
  }
  if (!route_) {
    throw Refusal(405, "method_not_allowed", "this path does not take the method", {{"Allow", allow(found.methods)}});
  }
  head_.named = std::move(found.named);
  if (!route_->open) record_.key_name = context_->keys.name_of(head_);
  if (head_.content_length > route_->body_limit) {
    throw Refusal(413, "body_too_large",
                  route_->body_limit == 0
                      ? "this path takes no body"
                      : "the body may have " + std::to_string(route_->body_limit) + " bytes at most");
  }
  if (route_->deadline.count() > 0) deadline_ = body_began_ + route_->deadline;
  handler_ = route_->handle(head_);
  if (!handler_) throw std::logic_error("route '" + route_->name + "' gave no handler");
  start_body(accepted.expects_continue);
}

}  // namespace dfpipe::server
