#include "commands.hpp"
#include "dfpipe/error.hpp"
#include "model_writing.hpp"
#include "untrained.hpp"

namespace dfpipe::detector {
namespace {

/// Makes a model folder from what others leave: the original's `clip_vision/` or `dora/` with `head_weights.pt`, or a
/// CLIP folder of Hugging Face with heads from elsewhere. Adapters are merged.
class ModelImport final : public Command {
  struct Params : WritingParams {
    const std::filesystem::path& from =
        path("from", {}, {.about = "the original's folder, or a CLIP folder", .required = true, .positional = true});
    const std::filesystem::path& heads =
        path("heads", {}, {.about = "head_weights.safetensors or head_weights.pt, instead of the folder's own"});
    const bool& untrained_heads =
        boolean("untrained_heads", false, {.about = "make random heads; the model says that it is untrained"});
    const std::int64_t& seed = integer("seed", 20, {.about = "of the random heads", .min = 0});
  } params_;

  Heads make_heads(const ModelLayout& layout, std::int64_t width) const {
    const std::filesystem::path& file = params_.heads.empty() ? layout.heads : params_.heads;
    if (!file.empty()) return Heads::load(file, width);
    Heads heads(width);
    fill_untrained(heads.parameters(), static_cast<std::uint64_t>(params_.seed));
    heads.trained = false;
    return heads;
  }

  void require_one_source(const ModelLayout& layout) const {
    const bool given = !params_.heads.empty() || !layout.heads.empty();
    if (!given && !params_.untrained_heads)
      throw Error(params_.from.string() +
                      " has no heads: name some with --heads, or take random ones with "
                      "--untrained-heads",
                  "usage");
    if (given && params_.untrained_heads)
      throw Error(params_.heads.empty() ? params_.from.string() + " has heads; --untrained-heads is for folders without"
                                        : std::string("--heads and --untrained-heads exclude each other"),
                  "usage");
  }

 public:
  ModelImport()
      : Command({.about = "Makes a model folder from the original's files or from a CLIP folder of Hugging Face.",
                 .example = "dfpipe model import original/model --to models/mine"},
                &params_) {}

  int run(Console& console) override {
    const ModelLayout layout = ModelLayout::find(params_.from, params_.base);
    require_one_source(layout);
    console.progress("reading " + params_.from.string());
    const ClipVision clip = load_merged_clip(layout);
    const Heads heads = make_heads(layout, clip.config().hidden_size);
    write_model(clip, heads, layout.profile, params_, HeadsFormat::safetensors, console);
    return 0;
  }
};

}  // namespace

void register_model_import(Registrar& registrar) { registrar.command<ModelImport>("model import"); }

}  // namespace dfpipe::detector
