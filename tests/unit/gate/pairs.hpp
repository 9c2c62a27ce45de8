// Pairs of a gate, made by hand: balanced orders AB BA, effects as ratios.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "gate/decide.hpp"

namespace seatrial::gate::by_hand {

// The second and third of each four pairs have the candidate first.
inline bool candidate_first(int pair) { return pair % 4 == 1 || pair % 4 == 2; }

inline std::vector<PairEffect> pairs_of(const std::vector<double>& ratios) {
  std::vector<PairEffect> pairs;
  for (const double ratio : ratios) {
    const int pair = static_cast<int>(pairs.size());
    pairs.push_back({pair, std::log1p(ratio), candidate_first(pair)});
  }
  return pairs;
}

// n pairs evenly about a ratio, up to `spread` (in ln) away from it, on either side in turns. For n
// even their estimate is the ratio, and neither order is favoured by more than a tenth of it.
inline std::vector<PairEffect> spread_about(double ratio, double spread, int n) {
  std::vector<PairEffect> pairs;
  for (int i = 0; i < n; ++i) {
    const double away = spread * (i / 2 + 0.5) / ((n + 1) / 2);
    pairs.push_back({i, std::log1p(ratio) + (i % 2 == 0 ? away : -away), candidate_first(i)});
  }
  return pairs;
}

inline GatedSeries series(std::string metric, std::vector<PairEffect> pairs,
                          Threshold threshold = {}) {
  return {.metric = std::move(metric), .threshold = threshold, .pairs = std::move(pairs)};
}

inline GatedSeries counted(std::string metric, const std::vector<double>& ratios,
                           double delta = 0.01) {
  return {.metric = std::move(metric),
          .threshold = {delta, 2 * delta},
          .pairs = pairs_of(ratios),
          .exact = true};
}

}  // namespace seatrial::gate::by_hand
