#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "file_facts.hpp"

/// Measures of the file alone that tell fake from real: whatever they tell, a detector may learn in place of the face.
namespace dfpipe::datasets {

struct Picture {
  std::int64_t label = 0;
  std::string dataset;
  std::int64_t bytes = 0;
  std::int64_t width = 0, height = 0;
  FileFacts facts;
};

/// How well a measure tells fake from real.
struct Leak {
  std::string dataset;  ///< or "all data sets"
  std::string measure;
  enum class Kind : std::uint8_t { amount, mark } kind = Kind::amount;  ///< a number; a property that is there or not
  double auc = 0.5;          ///< of the measure as a score of "fake"; 0.5 tells nothing, 0 and 1 everything
  double low = 0, high = 1;  ///< 95 % of the AUCs of a measure that has nothing to do with the label
  bool found = false;        ///< beyond chance, with all measures tried counted in
  std::size_t real = 0, fake = 0;

  std::string sentence() const;
};

/// The area under the ROC curve as Mann-Whitney's U, ties counted half, and the standard deviation that it has when
/// labels are drawn at random: sqrt((N + 1 - sum(t^3 - t) / (N (N - 1))) / (12 n0 n1)), t the sizes of the ties.
/// Nothing when a class is empty or all values are equal.
struct RankSum {
  double auc = 0.5;
  double deviation = 0;
};
std::optional<RankSum> rank_sum(const std::vector<double>& real, const std::vector<double>& fake);

/// Every measure on every data set, and on all together where there are several; those that are the same for all
/// pictures are left out. `found` is Bonferroni's: p < 0.01 / number of measures tried.
std::vector<Leak> leaks(const std::vector<Picture>& pictures);

}  // namespace dfpipe::datasets
