#include "history.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace dfpipe::training {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

double number(const Json& json, const std::string& name) {
  if (json.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!json.is_number()) throw std::runtime_error("'" + name + "' is not a number");
  return json.get<double>();
}

/// A line's fields, by name.
class Fields {
 public:
  explicit Fields(const Json& line) : line_(line) {}

  const Json& at(const char* name) const {
    const auto found = line_.find(name);
    if (found == line_.end()) throw std::runtime_error("'" + std::string(name) + "' is missing");
    return *found;
  }
  double real(const char* name) const { return number(at(name), name); }
  std::optional<double> maybe(const char* name) const {
    const double value = real(name);
    return std::isnan(value) ? std::nullopt : std::optional(value);
  }
  std::int64_t count(const char* name) const {
    if (!at(name).is_number_integer()) throw std::runtime_error("'" + std::string(name) + "' is not a whole number");
    return at(name).get<std::int64_t>();
  }
  bool yes(const char* name) const {
    if (!at(name).is_boolean()) throw std::runtime_error("'" + std::string(name) + "' is neither true nor false");
    return at(name).get<bool>();
  }

 private:
  const Json& line_;
};

StepRecord step_of(const Fields& line) {
  return {.step = line.count("step"),
          .epoch = line.count("epoch"),
          .loss = line.real("loss"),
          .supcon = line.real("supcon"),
          .ce = line.real("ce"),
          .accuracy = line.real("accuracy"),
          .grad_norm = line.real("grad_norm"),
          .lr = line.real("lr"),
          .seconds = line.real("seconds"),
          .data_wait = line.real("data_wait"),
          .images = line.count("images")};
}

EpochRecord epoch_of(const Fields& line) {
  EpochRecord record{.epoch = line.count("epoch"),
                     .step = line.count("step"),
                     .train_loss = line.real("train_loss"),
                     .train_accuracy = line.real("train_accuracy"),
                     .val_loss = line.maybe("val_loss"),
                     .val_auc = line.maybe("val_auc"),
                     .val_accuracy = line.maybe("val_accuracy"),
                     .val_eer = line.maybe("val_eer"),
                     .val_auc_by_dataset = {},
                     .failed_samples = line.count("failed_samples"),
                     .best = line.yes("best"),
                     .seconds = line.real("seconds")};
  const Json& by_dataset = line.at("val_auc_by_dataset");
  if (!by_dataset.is_object()) throw std::runtime_error("'val_auc_by_dataset' is not an object");
  for (const auto& [name, auc] : by_dataset.items()) record.val_auc_by_dataset[name] = number(auc, name);
  return record;
}

void take(History& history, const std::string& text) {
  const Json line = Json::parse(text, nullptr, false);
  if (!line.is_object()) throw std::runtime_error("not a JSON object");
  const Fields fields(line);
  const Json& kind = fields.at("kind");
  if (kind == "step")
    history.steps.push_back(step_of(fields));
  else if (kind == "epoch")
    history.epochs.push_back(epoch_of(fields));
  else
    throw std::runtime_error("'kind' is neither \"step\" nor \"epoch\"");
}

}  // namespace

std::string to_line(const StepRecord& r) {
  return Json{{"kind", "step"},
              {"step", r.step},
              {"epoch", r.epoch},
              {"loss", number(r.loss)},
              {"supcon", number(r.supcon)},
              {"ce", number(r.ce)},
              {"accuracy", number(r.accuracy)},
              {"grad_norm", number(r.grad_norm)},
              {"lr", number(r.lr)},
              {"seconds", number(r.seconds)},
              {"data_wait", number(r.data_wait)},
              {"images", r.images}}
      .dump();
}

std::string to_line(const EpochRecord& r) {
  Json by_dataset = Json::object();
  for (const auto& [name, auc] : r.val_auc_by_dataset) by_dataset[name] = number(auc);
  return Json{{"kind", "epoch"},
              {"epoch", r.epoch},
              {"step", r.step},
              {"train_loss", number(r.train_loss)},
              {"train_accuracy", number(r.train_accuracy)},
              {"val_loss", number(r.val_loss)},
              {"val_auc", number(r.val_auc)},
              {"val_accuracy", number(r.val_accuracy)},
              {"val_eer", number(r.val_eer)},
              {"val_auc_by_dataset", by_dataset},
              {"failed_samples", r.failed_samples},
              {"best", r.best},
              {"seconds", number(r.seconds)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);  // a data set's name is any bytes
}

History read_history(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + ": cannot be read");
  History history;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line) && !in.eof();) {
    ++number;
    try {
      take(history, line);
    } catch (const std::exception& e) {
      throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": " + e.what());
    }
  }
  if (in.bad()) throw std::runtime_error(file.string() + ": cannot be read");
  return history;
}

}  // namespace dfpipe::training
