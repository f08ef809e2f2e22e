#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dfpipe/types/prediction.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

/// The node predictions with results made up, for its tests.
namespace dfpipe::files {

inline ReasonPtr reason(Reason::Kind kind, std::string node, std::string code, std::string message) {
  return std::make_shared<const Reason>(Reason{kind, std::move(node), std::move(code), std::move(message)});
}

inline FaceResult face(double probability) {
  FaceResult f;
  f.box = {1.5, 2, 30, 40};
  f.crop = {0, 0, 34, 46};
  f.detector = "dlib";
  f.detector_score = 0.25;
  f.probability = probability;
  f.label = probability >= 0.5 ? "Deepfake" : "Realism";
  f.heuristics.all = {{.name = "texture", .value = 12.5}, {.name = "edge_natural"}};
  f.heatmap = std::make_shared<const Bytes>(Bytes{{'P', 'N', 'G'}});
  return f;
}

inline ImageInfo info() {
  ImageInfo i;
  i.width = 640;
  i.height = 480;
  i.format = "jpeg";
  i.sha256 = "abc";
  return i;
}

inline List<FaceResult> faces(std::vector<FaceResult> all) {
  List<FaceResult> list;
  for (FaceResult& f : all) list.push_back(std::move(f));
  return list;
}

/// The node with a folder; each call is one image.
class Sink {
 public:
  explicit Sink(const testing::ScratchFolder& folder, bool csv = true) : node_("predictions") {
    node_.set("dir", folder.path()).set("csv", csv);
    node_.facts({{"detector", {{"model", "demo"}, {"trained", "false"}}}});
  }
  testing::NodeRunner& node() { return node_; }
  void image(std::uint64_t index, std::vector<FaceResult> all) {
    node_.index(index)
        .in("path", "p/" + std::to_string(index) + ".jpg")
        .in("image", info())
        .in("faces", faces(std::move(all)));
    node_.run();
  }
  void failed(std::uint64_t index, Reason::Kind kind = Reason::Kind::error) {
    const Cell why(reason(kind, "decode", "truncated", "the file ends early"));
    node_.index(index).in("path", "p/" + std::to_string(index) + ".jpg").in_cell("image", why).in_cell("faces", why);
    node_.run();
  }
  std::optional<Checkpoint> resume(bool retry_errors = false) {
    node_.open();
    auto found = node_.node().resume(retry_errors);
    node_.node().begin(found ? *found : Checkpoint{0, {}, "h", "s"});
    return found;
  }
  void close(Outcome outcome = Outcome::completed) { node_.close(outcome); }

 private:
  testing::NodeRunner node_;
};

}  // namespace dfpipe::files
