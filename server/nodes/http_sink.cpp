#include "api/picture.hpp"
#include "api/picture_json.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/types/basic.hpp"
#include "nodes.hpp"
#include "nodes/endpoint.hpp"

namespace dfpipe::server {
namespace {

/// What a client is told of a picture that failed: the original's sentence for all that is no picture.
Refusal refusal_for(const Reason& why) {
  for (const char* code : {"empty_file", "not_an_image", "unsupported", "truncated", "corrupt"})
    if (why.code == code) return {400, code, "Could not decode image"};
  if (why.code == "too_large") return {413, why.code, "The picture has too many pixels: " + why.message};
  return {500, "pipeline_error", "The pipeline could not judge the picture"};
}

/// Answers the client that waits for a picture: `Picture` of server/openapi.yaml, or an error. A face that failed keeps
/// its place. A picture whose item is discarded on the way is answered with an error by its ticket.
///
///     sink: {type: http-sink, in: {ticket: source.ticket, image: decode.info, faces: per-face.answer},
///            use: {server: server}}
class HttpSink final : public Node {
 public:
  HttpSink() : Node({.about = "Answer the client of a web endpoint that waits for a picture."}) {}

  void process(Item& item) override {
    if (!item.has(ticket_)) return;
    PictureTask& task = *item[ticket_].task;
    if (!item.has(image_) || !item.has(faces_)) {
      const ReasonPtr& why = item.has(image_) ? item.why(faces_) : item.why(image_);
      return fail(task, why ? *why : Reason{});
    }
    const List<FaceAnswer>& given = item[faces_];
    std::vector<FaceAnswer> faces;
    for (std::size_t i = 0; i < given.size(); ++i)
      faces.push_back(given.has(i) ? given.at(i) : failed_face(given.why(i) ? given.why(i)->text() : "no answer"));
    task.answer({.json = picture_json(task, item[image_], faces, *server_->site().identity())});
  }

  void close(Outcome) override { server_->finish(); }

 private:
  static void fail(PictureTask& task, const Reason& why) {
    const Refusal refusal = refusal_for(why);
    if (refusal.status() >= 500) log(LogLevel::error, "request " + task.origin().request_id + ": " + why.text());
    task.fail(refusal.status(), refusal.code(), refusal.what());
  }

  In<PictureTicket> ticket_{this, "ticket", "who waits"};
  In<ImageInfo> image_{this, "image", "what is known of the file"};
  In<List<FaceAnswer>> faces_{this, "faces", "what was found of each face"};
  Use<Endpoint> server_{this, "server", "the web endpoint"};
};

}  // namespace

void register_http_sink(Registrar& registrar) { registrar.node<HttpSink>("http-sink"); }

}  // namespace dfpipe::server
