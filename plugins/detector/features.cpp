#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/error.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/tensor.hpp"
#include "error.hpp"
#include "nodes.hpp"
#include "temporary_file.hpp"
#include "tensor_rows.hpp"

namespace dfpipe::detector {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// One member of a JSON object that is a list, written as its elements come.
class JsonRows {
 public:
  JsonRows(const fs::path& folder, const std::string& name) : name_(name), file_(folder, name) {}

  void add(const Json& element) {
    // A name or a message may hold bytes that are no UTF-8.
    const std::string text =
        (count_++ > 0 ? ",\n  " : "\n  ") + element.dump(-1, ' ', false, Json::error_handler_t::replace);
    file_.append(text.data(), text.size());
  }
  void write_to(TemporaryFile& out) {
    const std::string head = " \"" + name_ + "\": [";
    out.write(head.data(), head.size());
    file_.read([&](std::span<const char> piece) { out.write(piece.data(), piece.size()); });
    out.write("\n ]", 3);
  }

 private:
  std::string name_;
  RowFile file_;
  std::uint64_t count_ = 0;
};

/// Writes what the model saw, computed and judged into one safetensors file, for linear probes and for comparing with
/// other programs: a row a face, in the order of the source. All float32:
///
///     pixel_values [N,3,S,S], spectrum [N,1,S,S], clip_embed [N,D], fft_embed [N,E], fused [N,D+E], logits [N,2],
///     probability [N] (of fake), rollout [N,g,g]
///
/// Those are written that `write` names and that are connected; what is not written, and nobody else reads, is not
/// computed. Beside FILE.safetensors, FILE.json has under `rows`, one for each row, its file, the number of the face in
/// it, the detector, the detector's box [left, top, width, height] and the crop [left, top, right, bottom]; and under
/// `without_row` each picture, or face, that gave no row, with the reason.
///
/// Rows and list are kept on the disk, so memory does not grow with them, and the folder needs room for two copies;
/// both files appear at the end, in place of earlier ones. A killed run leaves nothing, a stopped one what it had. Such
/// a run cannot be continued by `--resume`.
///
///     table: {type: features, in: {path: files.path, faces: per-face.result, clip_embed: per-face.clip_embedding},
///             with: {file: out/features.safetensors}}
class Features final : public Node {
  static constexpr std::array names{"pixel_values", "spectrum", "clip_embed",  "fft_embed",
                                    "fused",        "logits",   "probability", "rollout"};
  using Port = OptionalIn<List<Tensor>>;

  struct Params : ParamSet {
    const fs::path& file = path("file", "",
                                {.about = "safetensors file to write; the list of rows gets the same name with .json",
                                 .required = true,
                                 .output = true});
    const std::vector<std::string>& write =
        texts("write", {names.begin(), names.end()},
              {.about = "the tensors that are written", .choices = {names.begin(), names.end()}});
  };

 public:
  Features()
      : Node({.about = "Write embeddings, spectra, logits and roll-outs into one safetensors file, a row a face.",
              .lane = Lane::blocking,
              .ordered = true},
             &params_) {}

  bool reads(int input) const override {
    const auto port = std::ranges::find(ports_, input, &Port::index);
    return port == ports_.end() ||
           std::ranges::find(params_.write, names[static_cast<std::size_t>(port - ports_.begin())]) !=
               params_.write.end();
  }

  void open(OpenContext& context) override {
    name_ = context.name();
    if (params_.file.extension() != ".safetensors")
      throw Error(params_.file.string() + ": the name must end in .safetensors");
    const fs::path folder = fs::absolute(params_.file).parent_path();
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) throw Error(folder.string() + ": cannot be made: " + failed.message());
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      if (!context.connected(ports_[i]) || !reads(ports_[i].index())) continue;
      rows_.emplace_back(names[i], folder);
      used_.push_back(&ports_[i]);
    }
    if (rows_.empty()) throw Error("no tensor is both connected and named by 'write': there is nothing to write");
    listed_.emplace(folder, "rows");
    rejected_.emplace(folder, "without_row");
    for (const auto& [name, facts] : context.facts())
      if (facts.contains("model")) model_ = facts;
  }

  std::optional<Checkpoint> resume(bool) override {
    throw std::runtime_error(params_.file.string() +
                             ": is put together at the end of a run and cannot be continued; run without --resume");
  }

  void process(Item& item) override {
    if (was_stopped(item)) return;
    const std::string file = item.has(path_) ? item[path_] : "";
    bool misfits = false;
    try {
      if (!item.has(faces_)) {
        reject(file, std::nullopt, error_of(item.why(faces_)));
        return;
      }
      const List<FaceResult>& faces = item[faces_];
      if (faces.empty()) reject(file, std::nullopt, Json::object({{"code", "no_face"}}));
      for (std::size_t i = 0; i < faces.size(); ++i) misfits = add_face(item, file, i) || misfits;
    } catch (const ModelError& e) {
      throw Fatal(e.what());
    }
    if (misfits) throw Error("a face's tensors are of another shape than those of the rows before", "shape");
  }

  void close(Outcome outcome) override {
    if (outcome == Outcome::failed || !listed_) return;
    Json tensors = Json::object();
    for (const TensorRows& rows : rows_) tensors[rows.name()] = rows.shape();
    TemporaryFile list(fs::path(params_.file).replace_extension(".json"));
    const std::string head = "{\n \"tensors\": " + tensors.dump() + ",\n \"model\": " + Json(model_).dump() + ",\n";
    list.write(head.data(), head.size());
    listed_->write_to(list);
    list.write(",\n", 2);
    rejected_->write_to(list);
    list.write("\n}\n", 3);
    write_rows(params_.file, rows_, model_);
    list.publish();
  }

  Facts facts() const override { return {{"output", params_.file.string()}}; }

 private:
  /// A stop is no result.
  bool was_stopped(const Item& item) const {
    const auto stopped = [](const ReasonPtr& why) { return why && why->kind == Reason::Kind::stopped; };
    const auto any_stopped = [&](const auto& port) {
      return stopped(item.why(port)) ||
             (item.has(port) &&
              std::ranges::any_of(item[port].cells(), [&](const Cell& cell) { return stopped(cell.why()); }));
    };
    return stopped(item.why(path_)) || any_stopped(faces_) ||
           std::ranges::any_of(used_, [&](const Port* port) { return any_stopped(*port); });
  }

  /// A row, or a reason for having none. True: a shape was not that of the rows before.
  bool add_face(const Item& item, const std::string& file, std::size_t face) {
    const List<FaceResult>& faces = item[faces_];
    std::vector<Tensor> row;
    if (const auto error = faces.has(face) ? collect(item, face, row) : error_of(faces.why(face))) {
      reject(file, face, *error);
      return error->at("code") == "shape";
    }
    for (std::size_t i = 0; i < row.size(); ++i) rows_[i].append(row[i]);
    const FaceResult& of = faces.at(face);
    listed_->add({{"file", file}, {"face", face}, {"detector", of.detector}, {"box", of.box}, {"crop", of.crop}});
    return false;
  }

  /// The face's row of each tensor; or why there is none.
  std::optional<Json> collect(const Item& item, std::size_t face, std::vector<Tensor>& row) const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const Port& port = *used_[i];
      if (!item.has(port)) return error_of(item.why(port));
      const List<Tensor>& all = item[port];
      if (face >= all.size()) return error_of(nullptr);
      if (!all.has(face)) return error_of(all.why(face));
      Tensor one = all.at(face);
      const bool is_probability = rows_[i].name() == "probability";
      if (one.dim() < 1 || one.size(0) != 1 || (is_probability && (one.dim() != 2 || one.size(1) != 2)))
        return misfit("'" + rows_[i].name() + "' of one face must be " + (is_probability ? "[1,2]" : "[1,…]"));
      one = is_probability ? one[0][1] : one[0];
      if (const std::string why = rows_[i].misfit(one); !why.empty()) return misfit(why);
      row.push_back(one);
    }
    return std::nullopt;
  }

  Json misfit(const std::string& message) const { return {{"node", name_}, {"code", "shape"}, {"message", message}}; }

  static Json error_of(const ReasonPtr& why) {
    if (!why) return Json::object({{"code", "absent"}});
    return {{"node", why->node}, {"code", why->code}, {"message", why->message}};
  }

  void reject(const std::string& file, std::optional<std::size_t> face, const Json& error) {
    Json entry{{"file", file}};
    if (face) entry["face"] = *face;
    entry["error"] = error;
    rejected_->add(entry);
  }

  Params params_;
  In<std::string> path_{this, "path", "the file's name"};
  In<List<FaceResult>> faces_{this, "faces", "where the faces of one picture are; their order is the rows'"};
  const std::array<Port, names.size()> ports_{Port{this, "pixel_values", "[1,3,S,S] a face: what the model sees"},
                                              Port{this, "spectrum", "[1,1,S,S] a face: log magnitude"},
                                              Port{this, "clip_embed", "[1,D] a face: CLIP's embedding"},
                                              Port{this, "fft_embed", "[1,E] a face: the spectrum's embedding"},
                                              Port{this, "fused", "[1,D+E] a face: both, CLIP first"},
                                              Port{this, "logits", "[1,2] a face: genuine and fake"},
                                              Port{this, "probability", "[1,2] a face: softmax; the second is written"},
                                              Port{this, "rollout", "[1,g,g] a face: where CLIP looked"}};
  std::string name_;
  std::vector<const Port*> used_;  ///< those that are written, as `rows_`
  std::vector<TensorRows> rows_;
  std::optional<JsonRows> listed_, rejected_;
  Facts model_;
};

}  // namespace

void register_features(Registrar& registrar) { registrar.node<Features>("features"); }

}  // namespace dfpipe::detector
