#pragma once

#include <vector>

#include "plan/draft.hpp"

namespace dfpipe::plan {

/// Reads params, resources, run and nodes of a pipeline into the model: parts opened, overrides applied, parameters
/// assigned, resources bound. Edges stay names.
void expand(Model& model, const Tree& pipeline, const std::vector<config::Setting>& settings);

/// One node that has a type. `tree` has its ${names} replaced.
void expand_stage(Model& model, Frame& frame, const config::Entry& entry);

/// The entries of a map of names, or nothing (reported) when it is no map.
const std::vector<config::Entry>& named_entries(const Tree* map, const std::string& what, config::Reporter& report);

/// `with:` into a parameter set; reports unknown, wrong and missing ones. `origins` learns where values came from.
void assign_params(ParamSet* params, const Tree* with, const std::string& owner, const std::string& type,
                   const Origin& at, std::map<std::string, std::string>& origins, config::Reporter& report);

/// The resource called `name` here, with hints when there is none. Null: reported.
ResourceDraft* find_resource(Model& model, Frame& frame, const Tree& name, const std::string& owner);

/// `enabled:`, true when it is not given.
bool read_enabled(const Tree& node, const std::string& owner, config::Reporter& report);
/// A whole number within the limits; nothing when it is not given or wrong.
std::optional<std::int64_t> read_count(const Tree& map, const char* key, const std::string& owner,
                                       config::Reporter& report, std::int64_t least = 1, std::int64_t most = 1'000'000);

}  // namespace dfpipe::plan
