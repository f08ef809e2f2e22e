#include <ATen/ATen.h>

#include <algorithm>
#include <sstream>

#include "checkpoint.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "model_digest.hpp"
#include "model_profile.hpp"
#include "model_writing.hpp"

namespace dfpipe::detector {
namespace {

/// Everything of a folder, loaded and checked; heads where there are some.
struct Loaded {
  ClipVision clip;
  std::optional<Heads> heads;

  explicit Loaded(const ModelLayout& layout) : clip(load_merged_clip(layout)) {
    const bool wants_heads = layout.kind == ModelLayout::Kind::merged || layout.kind == ModelLayout::Kind::training;
    if (wants_heads) layout.require_heads();
    if (!layout.heads.empty()) heads = Heads::load(layout.heads, clip.config().hidden_size);
    if (!layout.profile.empty()) require_fit(layout.profile, clip.config());
  }

  std::map<std::string, at::Tensor> tensors() const {
    std::map<std::string, at::Tensor> all = clip.parameters();
    if (heads) all.merge(heads->parameters());
    return all;
  }
};

/// A picture with an edge, a slope and a texture, normalised: [1,3,S,S].
at::Tensor fixed_picture(std::int64_t size) {
  const at::Tensor x = at::linspace(-2, 2, size).view({1, 1, 1, size});
  const at::Tensor y = at::linspace(-2, 2, size).view({1, 1, size, 1});
  return at::cat({x + 0 * y, at::sin(40 * x) * y, (x > y).to(at::kFloat) + 0 * y}, 1);
}

void require_finite_outputs(const Loaded& model, const std::string& folder) {
  const at::NoGradGuard constant;
  const at::Tensor pixels = fixed_picture(model.clip.config().image_size);
  const at::Tensor embedding = model.clip.forward(pixels).pooled;
  require_finite(embedding, folder + ": the embedding of a fixed picture");
  if (!model.heads) return;
  const at::Tensor magnitude = at::log1p(at::fft_fftshift(at::fft_fft2(pixels.mean(1, true)), {{2, 3}}).abs());
  const at::Tensor fused = at::cat({embedding, model.heads->spectrum.forward(magnitude, false)}, 1);
  require_finite(model.heads->fusion.forward(fused), folder + ": the logits of a fixed picture");
}

struct Difference {
  double largest = 0;
  std::string name;
};

/// Prints the largest differences. Returns whether both have the same tensors.
bool compare(const Loaded& one, const Loaded& other, Console& console) {
  const auto first = one.tensors(), second = other.tensors();
  std::vector<Difference> differences;
  bool same = true;
  std::ostringstream out;
  const auto only = [&](const auto& of, const auto& in, const char* where) {
    for (const auto& [name, tensor] : of)
      if (!in.contains(name)) {
        out << name << ": only in the " << where << '\n';
        same = false;
      }
  };
  only(first, second, "first");
  only(second, first, "second");
  for (const auto& [name, tensor] : first) {
    const auto found = second.find(name);
    if (found == second.end()) continue;
    if (tensor.sizes() != found->second.sizes()) {
      out << name << ": " << shape_text(tensor.sizes()) << " and " << shape_text(found->second.sizes()) << '\n';
      same = false;
    } else if (!at::equal(tensor, found->second)) {
      differences.push_back({(tensor - found->second).abs().max().item<double>(), name});
    }
  }
  std::ranges::sort(differences, std::ranges::greater(), &Difference::largest);
  out << differences.size() << " of " << first.size() << " tensors differ";
  constexpr std::size_t shown = 10;
  for (std::size_t i = 0; i < std::min(shown, differences.size()); ++i)
    out << "\n  " << differences[i].name << ": at most " << differences[i].largest;
  if (differences.size() > shown) out << "\n  and " << differences.size() - shown << " with smaller differences";
  console.print(out.str());
  return same;
}

/// Loads a model in full, with everything that loading checks, and makes it judge a picture.
class ModelVerify final : public Command {
  struct Params : ParamSet {
    const std::filesystem::path& dir =
        path("dir", {}, {.about = "a model folder", .required = true, .positional = true});
    const std::filesystem::path& against = path("against", {}, {.about = "another model to compare with"});
    const std::filesystem::path& base = path("base", {}, {.about = "the CLIP folder below adapters"});
  } params_;

 public:
  ModelVerify()
      : Command(
            {.about = "Loads a model in full, checks names, shapes and numbers, and makes it judge a fixed picture. "
                      "With --against it compares two models tensor by tensor. The exit code is 1 when the model is "
                      "bad, or when the two do not have the same tensors.",
             .example = "dfpipe model verify models/demo"},
            &params_) {}

  int run(Console& console) override {
    const ModelLayout layout = ModelLayout::find(params_.dir, params_.base);
    console.progress("reading " + params_.dir.string());
    const Loaded model(layout);
    require_finite_outputs(model, params_.dir.string());
    std::string hashes;
    for (const ModelFile& file : layout.files()) hashes += file_digest(file.path) + "  " + file.role + "\n";
    console.progress("");
    console.print("OK " + params_.dir.string() + ": " + architecture_text(model.clip.config()) +
                  (model.heads ? model.heads->trained ? "" : ", UNTRAINED" : ", no heads") + "\n" + hashes + "sha256 " +
                  model_digest(layout.files()));
    if (params_.against.empty()) return 0;
    console.progress("reading " + params_.against.string());
    const Loaded other(ModelLayout::find(params_.against, params_.base));
    console.progress("");
    return compare(model, other, console) ? 0 : 1;
  }
};

}  // namespace

void register_model_verify(Registrar& registrar) { registrar.command<ModelVerify>("model verify"); }

}  // namespace dfpipe::detector
