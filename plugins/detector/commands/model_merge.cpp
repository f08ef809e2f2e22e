#include "commands.hpp"
#include "error.hpp"
#include "model_writing.hpp"

namespace dfpipe::detector {
namespace {

/// Works the adapters of a folder into their base: a model folder when there are heads, a CLIP folder when there are
/// none.
class ModelMerge final : public Command {
  struct Params : WritingParams {
    const std::filesystem::path& dir =
        path("dir", {}, {.about = "a folder with dora/, or with adapters alone", .required = true, .positional = true});
  } params_;

 public:
  ModelMerge()
      : Command({.about = "Works adapters into the weights below them and writes a plain checkpoint.",
                 .example = "dfpipe model merge original/model --base clip-vit-large-patch14 --to models/merged"},
                &params_) {}

  int run(Console& console) override {
    const ModelLayout layout = ModelLayout::find(params_.dir, params_.base);
    if (layout.adapters.empty()) throw ModelError(params_.dir.string() + ": has no adapters to merge");
    console.progress("reading " + params_.dir.string());
    const ClipVision clip = load_merged_clip(layout);
    if (layout.heads.empty())
      write_clip(clip, layout.profile, params_, console);
    else
      write_model(clip, Heads::load(layout.heads, clip.config().hidden_size), layout.profile, params_,
                  HeadsFormat::safetensors, console);
    return 0;
  }
};

}  // namespace

void register_model_merge(Registrar& registrar) { registrar.command<ModelMerge>("model merge"); }

}  // namespace dfpipe::detector
