#include <ATen/ATen.h>

#include "checkpoint.hpp"
#include "error.hpp"
#include "heads.hpp"
#include "json_file.hpp"
#include "torch_file.hpp"
#include "torch_file_writer.hpp"

namespace dfpipe::detector {
namespace {

/// The parts of the heads in the order of the original's files; each is a dictionary of tensors there.
constexpr const char* parts[] = {"fft_branch", "classifier", "projection_head"};

constexpr std::size_t longest_caution = 1000;

/// What a file of heads holds, whichever format it has. The numbers are read one tensor at a time.
struct HeadsContent {
  struct Entry {
    TensorKind kind;
    std::function<at::Tensor()> load;
  };
  std::map<std::string, Entry> tensors;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> unknown;
};

HeadsContent read_safetensors(const std::filesystem::path& path) {
  const auto file = std::make_shared<const SafetensorsFile>(path);
  HeadsContent content;
  for (const auto& [name, entry] : file->entries())
    content.tensors[name] = {{entry.dtype, entry.shape}, [file, name = name] { return file->load(name); }};
  content.metadata = file->metadata();
  return content;
}

/// The original's file: a dictionary for each part, and `id2label` with whole numbers as keys.
HeadsContent read_original(const std::filesystem::path& path) {
  const auto file = std::make_shared<const TorchFile>(path);
  HeadsContent content;
  for (const auto& [key, value] : file->root().dict()) {
    const std::string part = key_text(key);
    const Place place = file->root()[key];
    if (part == "id2label") {
      nlohmann::json labels = nlohmann::json::object();
      for (const auto& [id, label] : place.dict()) labels[key_text(id)] = place[id].text();
      content.metadata["id2label"] = labels.dump();
    } else if (std::ranges::find(parts, part) == std::end(parts)) {
      content.unknown.push_back(part);
    } else {
      for (const auto& [name, tensor] : place.dict()) {
        const TensorView& view = place[name].tensor();
        content.tensors[part + "." + key_text(name)] = {{view.dtype, view.shape},
                                                        [file, view] { return file->load(view); }};
      }
    }
  }
  return content;
}

HeadsContent read_heads(const std::filesystem::path& path) {
  return path.extension() == ".safetensors" ? read_safetensors(path) : read_original(path);
}

}  // namespace

void Heads::visit(const std::function<void(const std::string&, at::Tensor&)>& visit) {
  const auto pair = [&](const std::string& name, at::Tensor& weight, at::Tensor& bias) {
    visit(name + ".weight", weight);
    visit(name + ".bias", bias);
  };
  const auto norm = [&](const std::string& name, BatchNorm& n) {
    pair(name, n.weight, n.bias);
    visit(name + ".running_mean", n.running_mean);
    visit(name + ".running_var", n.running_var);
    visit(name + ".num_batches_tracked", n.num_batches_tracked);
  };
  pair("fft_branch.0", spectrum.conv1_weight, spectrum.conv1_bias);
  norm("fft_branch.1", spectrum.norm1);
  pair("fft_branch.4", spectrum.conv2_weight, spectrum.conv2_bias);
  norm("fft_branch.5", spectrum.norm2);
  pair("fft_branch.9", spectrum.out.weight, spectrum.out.bias);
  pair("classifier.0", fusion.hidden.weight, fusion.hidden.bias);
  pair("classifier.3", fusion.out.weight, fusion.out.bias);
  pair("projection_head.0", projection_hidden.weight, projection_hidden.bias);
  pair("projection_head.2", projection_out.weight, projection_out.bias);
}

Heads::Heads(std::int64_t clip_width, std::int64_t spectrum_width, std::int64_t hidden_width) {
  constexpr std::int64_t planes1 = 32, planes2 = 64;
  const auto norm = [](std::int64_t n) {
    return BatchNorm{at::empty({n}), at::empty({n}), at::empty({n}), at::empty({n}), at::zeros({}, at::kLong)};
  };
  const auto linear = [](std::int64_t in, std::int64_t out) {
    return Linear{at::empty({out, in}), at::empty({out}), nullptr};
  };
  spectrum = {at::empty({planes1, 1, 3, 3}),  at::empty({planes1}), at::empty({planes2, planes1, 3, 3}),
              at::empty({planes2}),           norm(planes1),        norm(planes2),
              linear(planes2, spectrum_width)};
  fusion.hidden = linear(clip_width + spectrum_width, hidden_width);
  fusion.out = linear(hidden_width, 2);
}

Heads Heads::load(const std::filesystem::path& path, std::int64_t clip_width) {
  const std::string where = path.string();
  HeadsContent file = read_heads(path);
  Heads heads;
  std::vector<std::string> missing;
  const bool projects = file.tensors.contains("projection_head.0.weight");
  heads.visit([&](const std::string& name, at::Tensor& tensor) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end()) {
      if (projects || !name.starts_with("projection_head.")) missing.push_back(name);
      return;
    }
    tensor = found->second.load();
    file.tensors.erase(found);
    const bool counter = name.ends_with("num_batches_tracked");
    if (counter ? tensor.scalar_type() != at::kLong : !tensor.is_floating_point())
      throw ModelError(where + ": tensor '" + name + "' has the wrong dtype");
    require_finite(tensor, where + ": tensor '" + name + "'");
    if (name.ends_with("running_var") && tensor.lt(0).any().item<bool>())
      throw ModelError(where + ": tensor '" + name + "' holds negative variances");
    if (!counter) tensor = tensor.to(at::kFloat);
  });
  for (const auto& [name, tensor] : file.tensors) file.unknown.push_back(name);
  std::string wrong;
  if (!missing.empty()) wrong += "; missing: " + list_text(missing);
  if (!file.unknown.empty()) wrong += "; unknown: " + list_text(file.unknown);
  if (!wrong.empty()) throw ModelError(where + ": these are not the detector's heads" + wrong);
  heads.check_shapes(where, clip_width);
  heads.read_metadata(file.metadata, where);
  return heads;
}

std::map<std::string, TensorKind> list_heads(const std::filesystem::path& path) {
  std::map<std::string, TensorKind> kinds;
  for (const auto& [name, entry] : read_heads(path).tensors) kinds[name] = entry.kind;
  return kinds;
}

void Heads::check_shapes(const std::string& file, std::int64_t clip_width) const {
  const auto rows = [](const at::Tensor& t) { return t.dim() > 0 ? t.size(0) : 0; };
  const std::int64_t planes1 = rows(spectrum.conv1_weight), planes2 = rows(spectrum.conv2_weight);
  const std::int64_t e = rows(spectrum.out.weight), h = rows(fusion.hidden.weight);
  const at::Tensor& joint = fusion.hidden.weight;
  if (joint.dim() == 2 && joint.size(1) != clip_width + e)
    throw ModelError(file + ": tensor 'classifier.0.weight' takes " + std::to_string(joint.size(1)) +
                     " numbers, but this CLIP gives " + std::to_string(clip_width) + " and the spectrum " +
                     std::to_string(e) + "; the heads belong to a CLIP of another width");
  std::map<std::string, std::vector<std::int64_t>> wanted{{"fft_branch.0.weight", {planes1, 1, 3, 3}},
                                                          {"fft_branch.0.bias", {planes1}},
                                                          {"fft_branch.4.weight", {planes2, planes1, 3, 3}},
                                                          {"fft_branch.4.bias", {planes2}},
                                                          {"fft_branch.9.weight", {e, planes2}},
                                                          {"fft_branch.9.bias", {e}},
                                                          {"classifier.0.weight", {h, clip_width + e}},
                                                          {"classifier.0.bias", {h}},
                                                          {"classifier.3.weight", {2, h}},
                                                          {"classifier.3.bias", {2}}};
  for (const char* const part : {"weight", "bias", "running_mean", "running_var"}) {
    wanted[std::string("fft_branch.1.") + part] = {planes1};
    wanted[std::string("fft_branch.5.") + part] = {planes2};
  }
  wanted["fft_branch.1.num_batches_tracked"] = {};
  wanted["fft_branch.5.num_batches_tracked"] = {};
  if (projection_hidden.weight.defined()) {
    const std::int64_t ph = rows(projection_hidden.weight), po = rows(projection_out.weight);
    wanted["projection_head.0.weight"] = {ph, clip_width + e};
    wanted["projection_head.0.bias"] = {ph};
    wanted["projection_head.2.weight"] = {po, ph};
    wanted["projection_head.2.bias"] = {po};
  }
  for (const auto& [name, tensor] : parameters()) {
    const std::vector<std::int64_t>& shape = wanted.at(name);
    if (tensor.sizes() != at::IntArrayRef(shape))
      throw ModelError(file + ": tensor '" + name + "' is " + shape_text(tensor.sizes()) + " instead of " +
                       shape_text(shape));
  }
}

void Heads::read_metadata(const std::map<std::string, std::string>& metadata, const std::string& file) {
  if (const auto found = metadata.find("trained"); found != metadata.end()) {
    if (found->second != "true" && found->second != "false")
      throw ModelError(file + ": metadata 'trained' must be true or false, not " + in_quotes(found->second));
    trained = found->second == "true";
  }
  if (const auto found = metadata.find("caution"); found != metadata.end()) {
    if (found->second.size() > longest_caution)
      throw ModelError(file + ": metadata 'caution' is longer than " + std::to_string(longest_caution) + " bytes");
    caution = found->second;
  }
  const auto found = metadata.find("id2label");
  if (found == metadata.end()) return;
  const nlohmann::json json = parse_json_object(found->second, file + ": metadata 'id2label'", 2);
  for (const auto& [key, label] : json.items())
    if ((key != "0" && key != "1") || !label.is_string() || json.size() != 2)
      throw ModelError(file + ": metadata 'id2label' must name the classes 0 and 1, and nothing else");
  for (const auto& [key, label] : json.items()) id2label[std::stoi(key)] = label.get<std::string>();
}

std::map<std::string, at::Tensor> Heads::parameters() const {
  std::map<std::string, at::Tensor> all;
  const_cast<Heads*>(this)->visit([&](const std::string& name, at::Tensor& tensor) {
    if (tensor.defined()) all.emplace(name, tensor);
  });
  return all;
}

void Heads::to(at::Device device, at::ScalarType dtype) {
  visit([&](const std::string&, at::Tensor& tensor) {
    if (tensor.defined()) tensor = tensor.to(device, tensor.is_floating_point() ? dtype : tensor.scalar_type());
  });
}

void Heads::save(const std::filesystem::path& file) const {
  nlohmann::ordered_json labels = nlohmann::ordered_json::object();
  for (const auto& [id, label] : id2label) labels[std::to_string(id)] = label;
  std::map<std::string, std::string> metadata{{"id2label", labels.dump()}, {"trained", trained ? "true" : "false"}};
  if (!caution.empty()) metadata["caution"] = caution;
  write_safetensors(file, parameters(), metadata);
}

void Heads::save_original(const std::filesystem::path& file) const {
  const std::map<std::string, at::Tensor> all = parameters();
  TorchFileWriter out;
  out.begin_dict();
  for (const std::string part : parts) {
    if (!all.contains(part + ".0.weight")) continue;
    out.text(part);
    out.begin_dict();
    const_cast<Heads*>(this)->visit([&](const std::string& name, const at::Tensor& tensor) {
      if (!name.starts_with(part + ".")) return;
      out.text(name.substr(part.size() + 1));
      out.tensor(tensor);
    });
    out.end_dict();
  }
  out.text("id2label");
  out.begin_dict();
  for (const auto& [id, label] : id2label) {
    out.integer(id);
    out.text(label);
  }
  out.end_dict();
  out.end_dict();
  out.publish(file);
}

}  // namespace dfpipe::detector
