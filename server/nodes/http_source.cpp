#include <functional>
#include <optional>

#include "api/picture.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/types/basic.hpp"
#include "nodes.hpp"
#include "nodes/endpoint.hpp"

namespace dfpipe::server {
namespace {

/// Pictures that clients of a web endpoint send, from all requests and jobs, in the order of their arrival; a job's at
/// most in half of the pipeline. Each carries a flag: when its client has left or its deadline has passed, no node
/// works on it any more. On a stop the endpoint says that it is not ready, takes no new requests, and this source gives
/// what was accepted before it ends.
///
///     source: {type: http-source, use: {server: server}}
class HttpSource final : public Source {
 public:
  HttpSource() : Source({.about = "Give the pictures that a web endpoint receives."}) {}

  void open(OpenContext& context) override { facts_ = &context.facts(); }

  bool next(Item& item, std::stop_token stop) override {
    if (!draining_) {
      server_->begin(*facts_);
      // Not for this call alone: while the pipeline is full nobody calls, and all the same the endpoint is not ready.
      draining_.emplace(stop, [this] { server_->begin_drain(); });
    }
    PictureQueue& queue = server_->site().queue;
    std::shared_ptr<PictureTask> task = queue.take(stop);
    if (!task) {
      queue.wait_until_closed();
      task = queue.take(stop);
    }
    if (!task) return false;
    task->enters_graph();
    item.set_cancel(task->origin().abandoned);
    item.set_attributes({.name = "request " + task->origin().request_id});
    item.set(bytes_, Bytes{task->take_bytes()});
    item.set(ticket_, PictureTicket{task});
    return true;
  }

  bool skip() override { throw std::logic_error("requests cannot be made again"); }
  bool live() const override { return true; }
  bool drains() const override { return true; }
  void discard() override { server_->discard(); }

 private:
  std::optional<std::stop_callback<std::function<void()>>> draining_;
  const std::map<std::string, Facts>* facts_ = nullptr;
  Out<Bytes> bytes_{this, "bytes", "the picture's file"};
  Out<PictureTicket> ticket_{this, "ticket", "who waits for the answer; wants to reach http-sink"};
  Use<Endpoint> server_{this, "server", "the web endpoint"};
};

}  // namespace

void register_http_source(Registrar& registrar) { registrar.node<HttpSource>("http-source"); }

}  // namespace dfpipe::server
