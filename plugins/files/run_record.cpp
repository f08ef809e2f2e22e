#include "run_record.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "durable.hpp"

namespace dfpipe::files {

void write_run_record(const std::filesystem::path& file, int format, const Checkpoint& checkpoint) {
  const nlohmann::ordered_json record{{"format", format},
                                      {"hash", checkpoint.hash},
                                      {"source_state", checkpoint.source_state},
                                      {"config", checkpoint.config}};
  write_whole(file, record.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n", Durability::power);
}

Checkpoint read_run_record(const std::filesystem::path& file, int format) {
  const auto refuse = [&](const char* why) {
    throw std::runtime_error(file.string() + ": " + why + "; run without --resume to start again");
  };
  std::ifstream in(file, std::ios::binary);
  const auto record = nlohmann::json::parse(in, nullptr, false);
  if (!record.is_object() || !record.contains("format")) refuse("is damaged");
  if (record["format"] != format) refuse("was written by another version");
  Checkpoint out;
  for (const auto& [key, to] : {std::pair{"hash", &out.hash}, std::pair{"source_state", &out.source_state}}) {
    const auto found = record.find(key);
    if (found == record.end() || !found->is_string()) refuse("is damaged");
    *to = found->get<std::string>();
  }
  out.config = record.value("config", nlohmann::json()).is_string() ? record["config"].get<std::string>() : "";
  return out;
}

}  // namespace dfpipe::files
