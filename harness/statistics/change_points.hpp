// Where a series of measurements changes: E-divisive (D. Matteson and N. James, A nonparametric
// approach for multiple change point analysis of multivariate data, 2014), for single numbers.
//
//   for (const ChangePoint& point : change_points(medians_of_runs, {})) ...
//
// The variant, in its five choices:
//   - Two pieces differ by the energy statistic with exponent 1: twice the mean distance between
//     them, less the mean distances within each, times n m / (n + m).
//   - The best split of a segment is sought over the length of its right piece, too, so that a
//     change that is taken back later is found.
//   - Segments are bisected one after the other: the best split of all segments is tested, and the
//     first that is not significant ends the search.
//   - The test shuffles the values within each segment and seeks the best split anew; its p-value
//     is (1 + shuffles with as good a split) / (1 + shuffles), which is valid for any noise whose
//     order does not matter. A drift is a change like any other, in as many steps as it needs.
//   - There are no windows, and no t-tests: those two are what "Hunter: using change point
//   detection
//     to hunt for performance regressions" (M. Fleming et al., ICPE 2023) changed, for long series
//     and to need no random numbers. In our comparison (tests/golden/statistics/change_points.json)
//     windowless shuffling found each of three steps, where t-tests stopped after one.
//
// Random numbers come from the seed alone: the same call has the same answer everywhere. A single
// outlier is no change: pieces hold at least two values. With fewer than eight values hardly any
// order is rare enough. Time O(shuffles n^2) for each change, memory O(n^2). No NaN. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace seatrial::statistics {

struct ChangePointRules {
  double max_p = 0.01;
  int shuffles = 999;
  std::size_t least_piece = 2;  // values
  std::uint64_t seed = 1;
};

struct ChangePoint {
  std::size_t index = 0;  // of the first value after the change
  double p = 0;
  double before = 0;  // median of the values from the previous change on
  double after = 0;   // median of the values up to the next change
  friend bool operator==(const ChangePoint&, const ChangePoint&) = default;
};

// By index.
[[nodiscard]] std::vector<ChangePoint> change_points(std::span<const double> series,
                                                     const ChangePointRules& rules);

}  // namespace seatrial::statistics
