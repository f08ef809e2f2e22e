#include <algorithm>

#include "dfpipe/plugin.hpp"

/// Node and resource types with the ports and parameters that the language's tests need, and no bodies.
namespace dfpipe::language_tests {
namespace {

class Fake : public Node {
 public:
  void process(Item&) override {}

 protected:
  using Node::Node;
  void in(std::string name, std::string type) {
    detail::add_input(*this, {std::move(name), std::move(type), "", false});
  }
  void maybe_in(std::string name, std::string type) {
    detail::add_input(*this, {std::move(name), std::move(type), "", true});
  }
  void out(std::string name, std::string type) {
    detail::add_output(*this, {std::move(name), std::move(type), "", false});
  }
  void uses_detector() { detail::add_use(*this, {"detector", "detector", "the model"}); }
};

NodeInfo device() { return {.about = "A model.", .lane = Lane::device, .batched = true, .batch_max = 8}; }

class ImageFiles final : public Source {
  struct Params : ParamSet {
    const std::filesystem::path& path_ =
        path("path", "", {.about = "file, folder, glob or @list.txt", .required = true});
    const bool& recursive = boolean("recursive", true, {.about = "folders below too"});
    const std::int64_t& max_bytes = integer("max_bytes", 1 << 30, {.about = "largest file", .unit = "bytes", .min = 1});
  } params_;

 public:
  ImageFiles() : Source({.about = "Lists pictures."}, &params_) {
    detail::add_output(*this, {"bytes", "bytes", "", false});
    detail::add_output(*this, {"path", "text", "", false});
  }
  bool next(Item&, std::stop_token) override { return false; }
  bool skip() override { return false; }
};

class Camera final : public Source {
 public:
  Camera() : Source({.about = "Looks out of the window."}) { detail::add_output(*this, {"image", "image", "", false}); }
  bool next(Item&, std::stop_token) override { return false; }
  bool skip() override { return false; }
  bool live() const override { return true; }
};

class Decode final : public Fake {
  struct Params : ParamSet {
    const std::int64_t& max_pixels =
        integer("max_pixels", 100'000'000, {.about = "largest picture", .unit = "px", .min = 1});
    const bool& exif = boolean("exif", true, {.about = "turn upright"});
  } params_;

 public:
  Decode() : Fake({.about = "Reads a picture."}, &params_) {
    in("bytes", "bytes");
    out("image", "image");
    out("info", "image-info");
  }
};

class FaceCrop final : public Fake {
  struct Params : ParamSet {
    const std::string& detector = choice("detector", "auto", {.about = "which", .choices = {"auto", "dlib"}});
    const double& padding = real("padding", 0.2, {.about = "share of the box on each side", .min = 0, .max = 2});
    const std::filesystem::path& models = path("models", "", {.about = "folder with the files of models"});
    const std::vector<double>& means = reals("means", {0.5, 0.5}, {.about = "means", .min = 0, .max = 1});
    const std::vector<std::string>& labels = texts("labels", {"a"}, {.about = "labels"});
    const std::string& title = text("title", "", {.about = "a title"});
  } params_;

 public:
  FaceCrop() : Fake({.about = "Finds faces."}, &params_) {
    in("image", "image");
    out("faces", "list<face>");
    out("count", "number");
  }
};

class ClipPreprocess final : public Fake {
  struct Params : ParamSet {
    const std::filesystem::path& profile = path("profile", "", {.about = "preprocessor_config.json"});
  } params_;

 public:
  ClipPreprocess() : Fake({.about = "Pixels for CLIP."}, &params_) {
    in("face", "face");
    out("pixels", "tensor");
    out("window", "window");
  }
};

class Fft final : public Fake {
  struct Params : ParamSet {
    const std::string& grey = choice("grey", "mean", {.about = "how", .choices = {"mean", "luma"}});
  } params_;

 public:
  Fft() : Fake({.about = "Spectrum."}, &params_) {
    in("pixels", "tensor");
    out("spectrum", "tensor");
  }
};

class ClipDora final : public Fake {
  struct Params : ParamSet {
    const std::string& head_fusion = choice("head_fusion", "mean", {.about = "how", .choices = {"mean", "max", "min"}});
  } params_;

 public:
  ClipDora() : Fake(device(), &params_) {
    in("pixels", "tensor");
    out("embedding", "tensor");
    out("attentions", "attentions");
    uses_detector();
  }
};

class SpectrumCnn final : public Fake {
 public:
  SpectrumCnn() : Fake(device()) {
    in("spectrum", "tensor");
    out("embedding", "tensor");
    uses_detector();
  }
};

class FusionHead final : public Fake {
 public:
  FusionHead() : Fake(device()) {
    in("clip", "tensor");
    in("spectrum", "tensor");
    out("fused", "tensor");
    out("logits", "tensor");
    out("probabilities", "tensor");
    uses_detector();
  }
};

class Mirror final : public Fake {
 public:
  Mirror() : Fake({.about = "Left to right."}) {
    in("pixels", "tensor");
    out("pixels", "tensor");
  }
};

class SoftVote final : public Fake {
 public:
  SoftVote() : Fake({.about = "Mean of two."}) {
    in("probabilities", "tensor");
    maybe_in("second", "tensor");
    out("probabilities", "tensor");
  }
};

/// Takes text and number, and reads only those that it is told to take.
class Choosy final : public Fake {
  struct Params : ParamSet {
    const std::vector<std::string>& take = texts("take", {"image", "info"}, {.about = "inputs to read"});
  } params_;

 public:
  Choosy() : Fake({.about = "Reads what it is told."}, &params_) {
    maybe_in("image", "image");
    maybe_in("info", "image-info");
  }
  bool reads(int input) const override {
    return std::ranges::find(params_.take, input == 0 ? "image" : "info") != params_.take.end();
  }
};

class Rollout final : public Fake {
 public:
  Rollout() : Fake({.about = "Heat map."}) {
    in("attentions", "attentions");
    out("heatmap", "tensor");
  }
};

class Encode final : public Fake {
  struct Params : ParamSet {
    const std::string& content = choice("content", "overlay", {.about = "what", .choices = {"overlay", "map"}});
    const std::int64_t& size = integer("size", 512, {.about = "px", .min = 1});
  } params_;

 public:
  Encode() : Fake({.about = "A PNG."}, &params_) {
    in("face", "face");
    maybe_in("heatmap", "tensor");
    maybe_in("window", "window");
    out("png", "bytes");
    out("base64", "text");
  }
};

class Heuristics final : public Fake {
 public:
  Heuristics() : Fake({.about = "Measures."}) {
    in("face", "face");
    in("image", "image");
    out("measures", "measures");
  }
};

class FaceResult final : public Fake {
 public:
  FaceResult() : Fake({.about = "One row."}) {
    in("face", "face");
    maybe_in("probabilities", "tensor");
    maybe_in("measures", "measures");
    maybe_in("heatmap", "bytes");
    out("result", "face-result");
    uses_detector();
  }
};

class Predictions final : public Fake {
  struct Params : ParamSet {
    const std::filesystem::path& dir =
        path("dir", "", {.about = "folder to write into", .required = true, .output = true});
    const bool& csv = boolean("csv", true, {.about = "also a table"});
  } params_;

 public:
  Predictions() : Fake({.about = "Writes results.", .lane = Lane::blocking, .ordered = true}, &params_) {
    in("path", "text");
    in("image", "image-info");
    in("faces", "list<face-result>");
  }
};

/// A face into its regions, which are faces again: for foreach within foreach.
class Regions final : public Fake {
 public:
  Regions() : Fake({.about = "Parts of a face."}) {
    in("face", "face");
    out("regions", "list<face>");
  }
};

class Passing final : public Fake {
 public:
  Passing() : Fake({.about = "An image again."}) {
    in("image", "image");
    maybe_in("other", "image");
    out("image", "image");
  }
};

class Counter final : public Fake {
 public:
  Counter() : Fake({.about = "Counts.", .stateful = true}) {
    in("image", "image");
    out("count", "number");
  }
};

class Show final : public Fake {
 public:
  Show() : Fake({.about = "A sink for pictures."}) { in("image", "image"); }
};

class ShowFaces final : public Fake {
 public:
  ShowFaces() : Fake({.about = "A sink for faces."}) { maybe_in("faces", "list<face>"); }
};

}  // namespace

struct Detector final : Resource {
  struct Params : ParamSet {
    const std::filesystem::path& model = path("model", "", {.about = "model folder", .required = true});
    const std::string& device = text("device", "auto", {.about = "where"});
    const std::string& precision =
        choice("precision", "auto", {.about = "how exact", .choices = {"auto", "fp32", "bf16"}});
  } params_;
  Detector() : Resource("The model.", &params_) {}
};

struct FftCache final : Resource {
  struct Params : ParamSet {
  } params_;
  FftCache() : Resource("Plans.", &params_) {}
};

}  // namespace dfpipe::language_tests

template <>
struct dfpipe::ResourceType<dfpipe::language_tests::Detector> {
  static constexpr std::string_view name = "detector";
};
template <>
struct dfpipe::ResourceType<dfpipe::language_tests::FftCache> {
  static constexpr std::string_view name = "fft-cache";
};

DFPIPE_PLUGIN(language_types) {
  namespace t = dfpipe::language_tests;
  registrar.resource<t::Detector>();
  registrar.resource<t::FftCache>();
  registrar.node<t::ImageFiles>("image-files");
  registrar.node<t::Camera>("camera");
  registrar.node<t::Decode>("decode");
  registrar.node<t::FaceCrop>("face-crop");
  registrar.node<t::ClipPreprocess>("clip-preprocess");
  registrar.node<t::Fft>("fft");
  registrar.node<t::ClipDora>("clip-dora");
  registrar.node<t::SpectrumCnn>("spectrum-cnn");
  registrar.node<t::FusionHead>("fusion-head");
  registrar.node<t::Mirror>("mirror");
  registrar.node<t::SoftVote>("soft-vote");
  registrar.node<t::Choosy>("choosy");
  registrar.node<t::Rollout>("rollout");
  registrar.node<t::Encode>("encode");
  registrar.node<t::Heuristics>("heuristics");
  registrar.node<t::FaceResult>("face-result");
  registrar.node<t::Predictions>("predictions");
  registrar.node<t::Regions>("regions");
  registrar.node<t::Passing>("passing");
  registrar.node<t::Counter>("counter");
  registrar.node<t::Show>("show");
  registrar.node<t::ShowFaces>("show-faces");
}
