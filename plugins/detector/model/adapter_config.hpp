#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "module_choice.hpp"

namespace dfpipe::detector {

/// The settings of a model's LoRA or DoRA adapters, as PEFT keeps them in `adapter_config.json`. Modules are called as
/// ClipVision::projection calls them ("encoder.layers.3.self_attn.q_proj"); what the choices and patterns see is PEFT's
/// name, with "vision_model." in front.
struct AdapterConfig {
  std::int64_t rank = 8;
  double alpha = 8;
  double dropout = 0;
  bool rslora = false;  ///< scaled by alpha / sqrt(r) instead of alpha / r (Kalajdzievski 2023)
  bool dora = false;
  ModuleChoice targets;
  ModuleChoice exclude;
  std::set<std::int64_t> layers;  ///< of the targets that are called by their end, only these layers'; empty: all
  /// Other ranks and alphas: the end of a module's name, or a pattern that matches it. The first that fits counts.
  std::map<std::string, std::int64_t> rank_pattern;
  std::map<std::string, double> alpha_pattern;
  std::string base;                           ///< base_model_name_or_path
  std::map<std::string, std::string> others;  ///< further keys of the file, with their JSON; they are saved again

  /// The names of all projections of one layer, what PEFT calls "all-linear".
  static ModuleChoice all_linear();

  bool selects(const std::string& module) const;
  std::int64_t rank_of(const std::string& module) const;
  double scaling_of(const std::string& module) const;
};

/// Reads PEFT's `adapter_config.json`. Unknown keys are kept in `others`; settings that change the mathematics and are
/// not known here are refused. Throws ModelError that names the file and the key.
AdapterConfig read_adapter_config(const std::filesystem::path& file);

/// The file's text as PEFT writes it: sorted keys, two blanks a level, every key that PEFT 0.12 has.
std::string adapter_config_text(const AdapterConfig& config);

}  // namespace dfpipe::detector
