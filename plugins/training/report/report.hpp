#pragma once

#include <map>
#include <string>
#include <vector>

#include "history.hpp"

namespace dfpipe::training {

struct Report {
  std::string name;  ///< of the run
  History history;
  std::map<std::string, std::string> settings;  ///< what it was made with, as the page shows it
  std::vector<std::string> warnings;            ///< sentences; what the history itself gives reason for is added
};

/// report.html of a training run: the best epoch, drawings, a table of the epochs, the settings. One file that needs
/// nothing else, neither scripts nor the network; may be made while the run lasts. Every name in it is escaped.
std::string report_page(const Report& report);

}  // namespace dfpipe::training
