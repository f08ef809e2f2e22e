#include "commands.hpp"
#include "model_writing.hpp"

namespace dfpipe::detector {
namespace {

/// Writes a model as others load it.
class ModelExport final : public Command {
  struct Params : WritingParams {
    const std::filesystem::path& dir =
        path("dir", {}, {.about = "a model folder", .required = true, .positional = true});
    const std::string& layout =
        choice("layout", "original",
               {.about = "original: head_weights.pt for PyTorch; dfpipe: head_weights.safetensors",
                .choices = {"original", "dfpipe"}});
  } params_;

 public:
  ModelExport()
      : Command(
            {.about = "Writes a model as the original program loads it. CLIP is a CLIPVisionModel of Hugging Face in "
                      "every layout.",
             .example = "dfpipe model export models/demo --to original/model"},
            &params_) {}

  int run(Console& console) override {
    console.progress("reading " + params_.dir.string());
    const ModelLayout layout = ModelLayout::find(params_.dir, params_.base);
    const DetectorModel model = DetectorModel::load(layout);
    write_model(model.clip, model.heads, layout.profile, params_,
                params_.layout == "original" ? HeadsFormat::original : HeadsFormat::safetensors, console);
    return 0;
  }
};

}  // namespace

void register_model_export(Registrar& registrar) { registrar.command<ModelExport>("model export"); }

}  // namespace dfpipe::detector
