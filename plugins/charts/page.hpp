#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Pages of one file that need nothing else, neither scripts nor the network; light or dark as the reader's system is.
namespace dfpipe::charts {

/// A whole page: head, style sheet, the title as its heading, and `body`, which is HTML already. The style sheet knows
/// the classes lead, cards and card, plots, scroll (around a wide table), wide (a cell that may break), soft-text, and
/// for drawings those of svg.hpp: line, strong, dash, faint, bar, soft, s0 to s7, small, middle, end.
std::string page(const std::string& title, const std::string& body);

/// Warnings in a box; nothing when there are none.
std::string notes(const std::vector<std::string>& notes);

/// In the place of a drawing: why there is none. `why` is a sentence without its point.
std::string no_drawing(const std::string& title, const std::string& why);

}  // namespace dfpipe::charts
