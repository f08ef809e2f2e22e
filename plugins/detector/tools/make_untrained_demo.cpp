// Writes a small detector with random weights, the same ones every time: models/demo until one is trained.
//
//     ninja make_untrained_demo && bin/make_untrained_demo models/demo

#include <filesystem>
#include <iostream>

#include "clip_folder.hpp"
#include "clip_vision.hpp"
#include "heads.hpp"
#include "untrained.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t seed = 20;

void make(const fs::path& folder) {
  dfpipe::detector::ClipConfig config;
  config.hidden_size = 96;
  config.intermediate_size = 384;
  config.num_hidden_layers = 4;
  config.num_attention_heads = 4;
  const dfpipe::detector::ClipVision clip(config);
  dfpipe::detector::fill_untrained(clip.parameters(), seed);
  dfpipe::detector::Heads heads(config.hidden_size);
  heads.trained = false;
  dfpipe::detector::fill_untrained(heads.parameters(), seed);

  dfpipe::detector::save_clip(clip, folder / "clip_vision");
  dfpipe::detector::save_clip_profile(folder / "preprocessor_config.json", config.image_size);
  heads.save(folder / "head_weights.safetensors");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: make_untrained_demo FOLDER\n";
    return 2;
  }
  make(argv[1]);
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
