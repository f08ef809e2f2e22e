#include <ATen/ATen.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/error.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/tensor.hpp"
#include "error.hpp"
#include "nodes.hpp"
#include "temporary_file.hpp"
#include "tensor_rows.hpp"

namespace dfpipe::detector {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Writes what the model saw, computed and judged into one safetensors file, for linear probes and for comparing with
/// other programs: a row a face, in the order of the source. All float32:
///
///     pixel_values [N,3,S,S], spectrum [N,1,S,S], clip_embed [N,D], fft_embed [N,E], fused [N,D+E], logits [N,2],
///     probability [N] (of fake), rollout [N,g,g]
///
/// Only inputs that are connected are written, and what nobody reads is not computed: leave a line of `in:` out to
/// leave a tensor out. Beside FILE.safetensors, FILE.json lists for each row its file, the number of the face in it,
/// the detector and the crop [left, top, right, bottom]; and each picture, or face, that gave no row, with the reason.
///
/// The rows are kept on the disk, so memory does not grow with them; both files appear at the end, in place of earlier
/// ones. A killed run leaves nothing, a stopped one what it had. Such a run is not continued by `--resume`, it starts
/// again.
///
///     table: {type: features, in: {path: files.path, faces: faces.faces, clip_embed: per-face.clip_embedding},
///             with: {file: out/features.safetensors}}
class Features final : public Node {
  struct Params : ParamSet {
    const fs::path& file = path("file", "",
                                {.about = "safetensors file to write; the list of rows gets the same name with .json",
                                 .required = true,
                                 .output = true});
  };

 public:
  Features()
      : Node({.about = "Write embeddings, spectra, logits and roll-outs into one safetensors file, a row a face.",
              .lane = Lane::blocking,
              .ordered = true},
             &params_) {}

  void open(OpenContext& context) override {
    if (params_.file.extension() != ".safetensors")
      throw Error(params_.file.string() + ": the name must end in .safetensors");
    const fs::path folder = fs::absolute(params_.file).parent_path();
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) throw Error(folder.string() + ": cannot be made: " + failed.message());
    for (const Column& column : columns_)
      if (context.connected(*column.port)) rows_.emplace_back(column.name, folder);
    if (rows_.empty()) throw Error("no tensor is connected, there is nothing to write");
    for (const Column& column : columns_)
      if (context.connected(*column.port)) used_.push_back(&column);
    for (const auto& [name, facts] : context.facts())
      if (facts.contains("model")) model_ = facts;
  }

  void process(Item& item) override {
    const std::string file = item.has(path_) ? item[path_] : "";
    if (!item.has(faces_)) {
      reject(file, std::nullopt, item.why(faces_));
      return;
    }
    const List<Face>& faces = item[faces_];
    if (faces.empty()) rejected_.push_back({{"file", file}, {"error", {{"code", "no_face"}}}});
    for (std::size_t i = 0; i < faces.size(); ++i) add_row(item, file, faces, i);
  }

  void close(Outcome outcome) override {
    if (outcome == Outcome::failed) return;
    Json list{{"tensors", Json::object()}, {"model", model_}, {"rows", rows_list_}, {"without_row", rejected_}};
    for (const TensorRows& rows : rows_) list["tensors"][rows.name()] = rows.shape();
    const std::string text = list.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    TemporaryFile listed(fs::path(params_.file).replace_extension(".json"));
    listed.write(text.data(), text.size());
    write_rows(params_.file, rows_, model_);
    listed.publish();
  }

  Facts facts() const override { return {{"output", params_.file.string()}}; }

 private:
  struct Column {
    const char* name;
    const OptionalIn<List<Tensor>>* port;
  };

  void add_row(Item& item, const std::string& file, const List<Face>& faces, std::size_t face) {
    std::vector<at::Tensor> row;
    for (const Column* const column : used_) {
      const auto& port = *column->port;
      if (!item.has(port)) return reject(file, face, item.why(port));
      const List<Tensor>& all = item[port];
      if (face >= all.size() || !all.has(face)) return reject(file, face, face < all.size() ? all.why(face) : nullptr);
      const at::Tensor& one = all.at(face);
      if (one.dim() < 1 || one.size(0) != 1)
        throw Error(std::string(column->name) + " of one face must be [1,…]", "shape");
      row.push_back(std::string_view(column->name) == "probability" ? one[0][1] : one[0]);
    }
    try {
      for (std::size_t i = 0; i < row.size(); ++i) rows_[i].require_shape(row[i]);
    } catch (const ModelError& e) {
      throw Error(e.what(), "shape");
    }
    try {
      for (std::size_t i = 0; i < row.size(); ++i) rows_[i].append(row[i]);
    } catch (const ModelError& e) {
      throw Fatal(e.what());
    }
    const Face& of = faces.at(face);
    rows_list_.push_back(
        {{"file", file},
         {"face", face},
         {"detector", of.detector},
         {"crop",
          {of.crop_box.x, of.crop_box.y, of.crop_box.x + of.crop_box.width, of.crop_box.y + of.crop_box.height}}});
  }

  void reject(const std::string& file, std::optional<std::size_t> face, const ReasonPtr& why) {
    Json entry{{"file", file}};
    if (face) entry["face"] = *face;
    entry["error"] =
        why ? Json{{"node", why->node}, {"code", why->code}, {"message", why->message}} : Json{{"code", "absent"}};
    rejected_.push_back(std::move(entry));
  }

  Params params_;
  In<std::string> path_{this, "path", "the file's name"};
  In<List<Face>> faces_{this, "faces", "the faces of one picture; their order is the rows'"};
  OptionalIn<List<Tensor>> pixel_values_{this, "pixel_values", "[1,3,S,S] a face: what the model sees"};
  OptionalIn<List<Tensor>> spectrum_{this, "spectrum", "[1,1,S,S] a face: log magnitude"};
  OptionalIn<List<Tensor>> clip_embed_{this, "clip_embed", "[1,D] a face: CLIP's embedding"};
  OptionalIn<List<Tensor>> fft_embed_{this, "fft_embed", "[1,E] a face: the spectrum's embedding"};
  OptionalIn<List<Tensor>> fused_{this, "fused", "[1,D+E] a face: both, CLIP first"};
  OptionalIn<List<Tensor>> logits_{this, "logits", "[1,2] a face: genuine and fake"};
  OptionalIn<List<Tensor>> probability_{this, "probability", "[1,2] a face: softmax; the second is written"};
  OptionalIn<List<Tensor>> rollout_{this, "rollout", "[1,g,g] a face: where CLIP looked"};
  const std::vector<Column> columns_{
      {"pixel_values", &pixel_values_}, {"spectrum", &spectrum_}, {"clip_embed", &clip_embed_},
      {"fft_embed", &fft_embed_},       {"fused", &fused_},       {"logits", &logits_},
      {"probability", &probability_},   {"rollout", &rollout_}};
  std::vector<const Column*> used_;  ///< those that are connected, as `rows_`
  std::vector<TensorRows> rows_;
  Json rows_list_ = Json::array(), rejected_ = Json::array();
  Facts model_;
};

}  // namespace

void register_features(Registrar& registrar) { registrar.node<Features>("features"); }

}  // namespace dfpipe::detector
