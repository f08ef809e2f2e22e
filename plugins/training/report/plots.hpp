#pragma once

#include <string>

#include "history.hpp"

/// The drawings of a training run, each a whole <svg> element over the steps of the optimizer. Where there is nothing
/// to draw, a sentence says why. Their size does not grow with the run.
namespace dfpipe::training {

/// The training loss and its two parts, smoothed, and the validation loss of each epoch.
std::string loss_plot(const History& history);
/// Validation AUC of all pictures and of each data set (the first seven by name), the best epoch marked.
std::string auc_plot(const History& history);
std::string learning_rate_plot(const History& history);
/// Images per second.
std::string throughput_plot(const History& history);
/// Per cent of the time in which the steps waited for their batches.
std::string data_wait_plot(const History& history);

/// The last one that was marked as best and has an AUC; null without one.
const EpochRecord* best_epoch(const History& history);

}  // namespace dfpipe::training
